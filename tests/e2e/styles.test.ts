/** Styles, choices in prompts and hints, with the built program and the user's own files. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { PromptHints, StyleCapability } from '../../bridge/protocol/messages.ts';
import { assertFailure, Inlay, readOutcome, type WrittenPictures } from './inlay.ts';
import { pngText } from './sample-pictures.ts';

let inlay: Inlay;

before(async () => {
  inlay = await Inlay.build();
  await inlay.installCheckpoint();
  await mkdir(path.join(inlay.home, 'styles'), { recursive: true });
  await mkdir(path.join(inlay.home, 'wildcards'), { recursive: true });
  const sketch = { title: 'Sketch', prompt: 'sketch of {prompt}', scheduler: 'ddim', numInferenceSteps: 1 };
  await writeFile(path.join(inlay.home, 'styles', 'sketch.json'), JSON.stringify(sketch));
  await writeFile(path.join(inlay.home, 'styles', 'cut.json'), '{"title":');
  await writeFile(path.join(inlay.home, 'wildcards', 'thing.txt'), 'house\nbarn\n');
});
after(() => inlay.remove());

test('styles lists those that come along and the own, one with a mistake with what it is', async () => {
  const { styles } = readOutcome<{ styles: StyleCapability[] }>(await inlay.run(['styles', '--json']));
  const named = (name: string) => styles.find((style) => style.name === name);
  assert.equal(named('photo')?.origin, 'built-in');
  assert.equal(named('sketch')?.origin, 'user');
  assert.match(named('cut')?.problem ?? '', /cut\.json: expected JSON/);
  const { stdout } = await inlay.run(['styles']);
  assert.match(stdout, /^NAME +TITLE/);
  assert.match(stdout, /Your own go into .*styles\.\n$/);
});

test('a style is in the request that is kept, and choices are told beside it', async () => {
  const drawing = [
    '--style',
    'sketch',
    '--prompt',
    'a {red|blue} __thing__',
    '--size',
    '64x64',
    '--seed',
    '3',
  ];
  const outcome = await inlay.run(['generate', ...drawing, '--count', '2', '-o', 'out.png', '--json']);
  const { files } = readOutcome<WrittenPictures>(outcome);
  assert.equal(files.length, 2);
  for (const { file, seed, request, chosenWords } of files) {
    assert.deepEqual(
      [request.prompt, request.scheduler, request.numInferenceSteps, request.style],
      ['sketch of a {red|blue} __thing__', 'ddim', 1, undefined],
    );
    assert.match(chosenWords!.prompt, /^sketch of a (red|blue) (house|barn)$/);
    const recipe = pngText(await readFile(inlay.file(file)), 'inlay');
    assert.deepEqual(JSON.parse(recipe!), { ...request, seed, count: 1, chosenWords });
  }
});

test('a style that is not there, and one with a mistake, are refused by their names', async () => {
  const draw = (style: string) =>
    inlay.run(['generate', '--style', style, '--prompt', 'a', '-o', 'no.png', '--json']);
  assertFailure(await draw('none'), {
    exitCode: 2,
    code: 'invalid-option',
    message: /name of a style, received "none"/,
  });
  assertFailure(await draw('cut'), { exitCode: 2, code: 'invalid-option', message: /"cut" cannot be used/ });
});

test('models --hints says how a checkpoint likes to be asked', async () => {
  const { name, hints, prompt } = readOutcome<{ name: string; hints: PromptHints; prompt: string }>(
    await inlay.run(['models', '--hints', 'inlay-mini', '--prompt', 'a house,1girl', '--json']),
  );
  // It has no order.
  assert.equal(prompt, 'a house,1girl');
  assert.equal(name, 'inlay-mini');
  assert.deepEqual(hints.sizes[0], { width: 128, height: 128 });
  const { stdout } = await inlay.run(['models', '--hints', 'inlay-mini']);
  assert.match(stdout, /^inlay-mini: Stable Diffusion 1\.x inpainting\nPrompt +.*house/);
  assertFailure(await inlay.run(['models', '--hints', 'patchmatch', '--json']), {
    exitCode: 2,
    code: 'invalid-option',
    message: /kind checkpoint, received "patchmatch"/,
  });
});
