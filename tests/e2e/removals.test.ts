/** `remove` with the real engine on real files. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { Inlay, readOutcome, type WrittenPictures } from './inlay.ts';
import { load, type Raw, rectangleMask, save, waves } from './sample-pictures.ts';

let inlay: Inlay;
const source = waves(96, 80);
const hole = { left: 30, top: 24, width: 22, height: 17 };

/** A red spot in the hole, a fringe of which is beside it. */
const spotted = { ...source, data: Buffer.from(source.data) };
const fringe = { left: hole.left - 1, top: hole.top - 1, width: hole.width + 2, height: hole.height + 2 };
for (let y = fringe.top; y < fringe.top + fringe.height; y++) {
  for (let x = fringe.left; x < fringe.left + fringe.width; x++) {
    spotted.data.set([255, 0, 0], (y * source.width + x) * 3);
  }
}

function hasRed({ data }: Raw): boolean {
  for (let at = 0; at < data.length; at += 3) if (data[at] === 255 && data[at + 1] === 0) return true;
  return false;
}

before(async () => {
  inlay = await Inlay.build();
  await save(rectangleMask(source, hole), inlay.file('mask.png'));
  await save(spotted, inlay.file('spotted.png'));
});
after(() => inlay.remove());

describe('remove', { concurrency: 2 }, () => {
  const args = ['spotted.png', '--mask', 'mask.png', '--seed', '3', '--json', '-o'];

  test('takes the fringe of the object with it, which a fill leaves, and nothing far from it', async () => {
    readOutcome(await inlay.run(['fill', ...args, 'fringed.png']));
    assert.ok(hasRed(await load(inlay.file('fringed.png'))));
    const outcome = await inlay.run(['remove', ...args, 'removed.png']);
    const { files, operation } = readOutcome<WrittenPictures>(outcome);
    assert.equal(operation, 'remove');
    assert.equal(files[0]?.request.operation, 'remove');
    const removed = await load(inlay.file('removed.png'));
    assert.ok(!hasRed(removed));
    for (let pixel = 0; pixel < source.width * source.height; pixel++) {
      const x = (pixel % source.width) - hole.left;
      const y = Math.floor(pixel / source.width) - hole.top;
      if (x >= -9 && x < hole.width + 9 && y >= -9 && y < hole.height + 9) continue;
      const at = pixel * 3;
      assert.equal(source.data.compare(removed.data, at, at + 3, at, at + 3), 0, `${x}, ${y}`);
    }
  });

  test('gives the same file again for the same seed', async () => {
    const [one, two] = await Promise.all(
      ['one.png', 'two.png'].map(async (name) => {
        readOutcome(await inlay.run(['remove', ...args, name]));
        return readFile(inlay.file(name));
      }),
    );
    assert.deepEqual(one, two);
  });
});
