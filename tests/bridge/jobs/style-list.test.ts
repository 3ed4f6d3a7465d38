import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { maxStyleFileBytes } from '../../../bridge/jobs/style-file.ts';
import { listStyles, maxStyles, styleFolders } from '../../../bridge/jobs/style-list.ts';
import { promptGap, type StyleCapability } from '../../../bridge/protocol/messages.ts';
import { temporaryFolder } from '../bridge-fixture.ts';

const shipped = path.resolve(import.meta.dirname, '../../../styles');

async function listOf(
  context: TestContext,
  files: Readonly<Record<string, unknown>>,
): Promise<readonly StyleCapability[]> {
  const folder = await temporaryFolder(context);
  for (const [name, content] of Object.entries(files)) {
    await writeFile(path.join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return listStyles(styleFolders(folder));
}

test('the styles that come with Inlay are all sound, and tell apart by the words around a prompt', async () => {
  const styles = await listStyles(styleFolders(path.join(shipped, 'none'), shipped));
  assert.ok(styles.length >= 10);
  assert.deepEqual(styles.map(({ problem }) => problem).filter(Boolean), []);
  assert.ok(styles.every(({ origin, prompt }) => origin === 'built-in' && prompt?.includes(promptGap)));
  assert.equal(new Set(styles.map(({ prompt }) => prompt)).size, styles.length);
  assert.equal(new Set(styles.map(({ title }) => title)).size, styles.length);
});

test('a style has all that a file says', async (context) => {
  const file = {
    title: 'Sketch',
    prompt: `pencil sketch of ${promptGap}`,
    negativePrompt: 'photo',
    family: 'sdxl',
    checkpoint: 'base-xl',
    vae: 'fixed',
    loras: [{ model: 'lines', strength: 0.6, textEncoderStrength: 0 }],
    scheduler: 'euler',
    numInferenceSteps: 4,
    timesteps: [999, 749, 499, 0],
    guidanceScale: 1.5,
    clipSkip: 2,
  };
  const [style] = await listOf(context, { 'sketch.json': `\uFEFF${JSON.stringify(file)}` });
  assert.deepEqual(style, { name: 'sketch', origin: 'user', ...file });
});

test("a user's file hides a shipped one of its name, and other files are passed over", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(path.join(folder, 'photo.json'), JSON.stringify({ title: 'Mine' }));
  await writeFile(path.join(folder, 'notes.txt'), 'no style');
  const styles = await listStyles(styleFolders(folder, shipped));
  const mine = styles.filter(({ name }) => name === 'photo');
  assert.deepEqual(mine, [{ name: 'photo', origin: 'user', title: 'Mine' }]);
  assert.equal(
    styles.some(({ name }) => name.startsWith('notes')),
    false,
  );
});

test('a file that is no style is listed with what is wrong with it', async (context) => {
  const cases: Readonly<Record<string, readonly [unknown, RegExp]>> = {
    'cut.json': ['{"title": "a"', /expected JSON/],
    'list.json': [[], /expected object/],
    'untitled.json': [{ prompt: promptGap }, /title: /],
    'gapless.json': [{ title: 'a', prompt: 'no gap' }, /prompt: expected \{prompt\} once/],
    'twice.json': [{ title: 'a', prompt: `${promptGap} ${promptGap}` }, /prompt: expected \{prompt\} once/],
    'more.json': [{ title: 'a', steps: 3 }, /steps/],
    'strong.json': [{ title: 'a', loras: [{ model: 'x', strength: 10.1 }] }, /loras\.0\.strength/],
    'slow.json': [{ title: 'a', numInferenceSteps: 151 }, /numInferenceSteps/],
    'beyond.json': [{ title: 'a', timesteps: [1000] }, /timesteps\.0/],
    'rising.json': [{ title: 'a', timesteps: [7, 7] }, /timesteps: expected falling ones/],
    'family.json': [{ title: 'a', family: 'flux' }, /family/],
    'large.json': [`"${'a'.repeat(maxStyleFileBytes)}"`, /expected 65536 bytes at most, received 65538/],
    '-.json': [{ title: 'a' }, /expected a plain name/],
  };
  const files = Object.entries(cases).map(([name, [content]]) => [name, content]);
  const styles = await listOf(context, Object.fromEntries(files) as Record<string, unknown>);
  for (const [name, [, message]] of Object.entries(cases)) {
    const style = styles.find((candidate) => `${candidate.name}.json` === name);
    assert.match(style?.problem ?? 'none', message, name);
    assert.ok(style?.problem?.includes(name));
  }
});

test('a file as large as may be is read; a folder called as a style is no crash', async (context) => {
  const folder = await temporaryFolder(context);
  const text = JSON.stringify({ title: 'a' });
  await writeFile(path.join(folder, 'full.json'), text + ' '.repeat(maxStyleFileBytes - text.length));
  await mkdir(path.join(folder, 'folder.json'));
  const [broken, full] = await listStyles(styleFolders(folder));
  assert.match(broken!.problem!, /folder\.json/);
  assert.equal(full!.problem, undefined);
});

test('as many styles as may be, and no more', async (context) => {
  const files = Array.from({ length: maxStyles + 1 }, (_, index) => [`s${index}.json`, { title: 'a' }]);
  assert.equal((await listOf(context, Object.fromEntries(files))).length, maxStyles);
});
