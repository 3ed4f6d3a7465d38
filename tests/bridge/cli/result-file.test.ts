import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkOutputFile, formatOfFile, numberedFile, writeResult } from '../../../bridge/cli/result-file.ts';

async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'inlay-result-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('the ending says the format, in whatever case', () => {
  const formats = ['a.png', 'a.JPG', 'b.c.jpeg', 'a.webp', 'a.tif', 'A.TIFF'].map(formatOfFile);
  assert.deepEqual(formats, ['png', 'jpeg', 'jpeg', 'webp', 'tiff', 'tiff']);
  for (const file of ['a', 'png', '.png', 'a.gif', 'a.png.bak', 'a.']) {
    assert.throws(() => formatOfFile(file), { code: 'invalid-option' });
  }
});

test('a single result keeps its name, several are numbered before the ending', () => {
  assert.equal(numberedFile(path.join('d.e', 'out.png'), 0, 1), path.join('d.e', 'out.png'));
  assert.equal(numberedFile(path.join('d.e', 'out.x.png'), 2, 3), path.join('d.e', 'out.x-3.png'));
});

test('bytes and files alike replace what was there, and leave no other file', async (context) => {
  const folder = await temporaryFolder(context);
  const output = path.join(folder, 'out.png');
  await writeFile(output, 'old');
  await writeResult(output, { bytes: Buffer.from('new') });
  assert.equal(await readFile(output, 'utf8'), 'new');
  const spooled = path.join(folder, 'spooled.png');
  await writeFile(spooled, 'newer');
  await writeResult(output, { file: spooled });
  assert.equal(await readFile(output, 'utf8'), 'newer');
  assert.deepEqual(await readdir(folder), ['out.png']);
});

test('a result that cannot be written leaves nothing, and says what to do', async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(path.join(folder, 'file'), '');
  const inMissing = path.join(folder, 'gone', 'out.png');
  const belowFile = path.join(folder, 'file', 'out.png');
  for (const output of [inMissing, belowFile]) {
    const expected = { code: 'invalid-option', hint: 'Create the folder first.' };
    await assert.rejects(writeResult(output, { bytes: Buffer.from('x') }), expected);
    await assert.rejects(checkOutputFile(output), expected);
  }
  await assert.rejects(checkOutputFile(folder), { code: 'invalid-option', message: /folder/ });
  await checkOutputFile(path.join(folder, 'new.png'));
  assert.deepEqual(await readdir(folder), ['file']);
});
