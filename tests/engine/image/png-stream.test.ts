import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import { decode } from '../../../engine/image/codec.ts';
import type { Picture } from '../../../engine/image/picture.ts';
import { PngStreamWriter } from '../../../engine/image/png-stream.ts';
import { noisePicture } from './arbitraries.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'inlay-png-stream-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** Writes a picture in pieces of so many rows, through one buffer that is used again. */
async function writeInPieces(writer: PngStreamWriter, picture: Picture, rowsAtOnce: number): Promise<void> {
  const rowLength = picture.width * picture.channels;
  const buffer = picture.data.slice(0, rowsAtOnce * rowLength);
  for (let row = 0; row < picture.height; row += rowsAtOnce) {
    const rows = picture.data.subarray(row * rowLength, (row + rowsAtOnce) * rowLength);
    buffer.set(rows);
    await writer.write(buffer.subarray(0, rows.length));
    buffer.fill(0);
  }
}

describe('PngStreamWriter', () => {
  test('gives back every sample of every channel count and depth, at odd sizes and in pieces', async () => {
    for (const channels of [1, 2, 3, 4] as const) {
      for (const depth of [8, 16] as const) {
        for (const [width, height, rowsAtOnce] of [
          [1, 1, 1],
          [37, 23, 5],
          [1, 50, 50],
          [3000, 90, 90],
        ] as const) {
          const picture = noisePicture({ width, height }, { channels, depth });
          const file = path.join(folder, `${channels}-${depth}-${width}.png`);
          const writer = new PngStreamWriter(file, { width, height, channels, depth });
          await writeInPieces(writer, picture, rowsAtOnce);
          await writer.finish();
          assert.deepEqual(await decode({ format: 'png', bytes: await readFile(file) }), picture);
        }
      }
    }
  });

  test('smooth pictures, for which every filter is chosen, come back too and are well compressed', async () => {
    const [width, height] = [257, 240];
    const data = new Uint8Array(width * height * 3);
    for (let i = 0; i < data.length; i++) {
      const x = Math.floor(i / 3) % width;
      const y = Math.floor(i / 3 / width);
      const shades = [x, y, x + y, x * y * 0.01 + (x % 7)];
      data[i] = shades[Math.floor(y / 60)]!;
    }
    const picture: Picture = { width, height, channels: 3, data };
    const file = path.join(folder, 'smooth.png');
    const writer = new PngStreamWriter(file, { ...picture, depth: 8 });
    await writeInPieces(writer, picture, 16);
    await writer.finish();
    const bytes = await readFile(file);
    assert.deepEqual(await decode({ format: 'png', bytes }), picture);
    assert.ok(bytes.length < data.length / 8, `${bytes.length} of ${data.length} bytes`);
  });

  test('carries the profile and the recipe', async () => {
    const tagged = await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
      .withIccProfile('p3')
      .png()
      .toBuffer();
    const icc = new Uint8Array((await sharp(tagged).metadata()).icc!);
    const file = path.join(folder, 'tagged.png');
    const options = { width: 1, height: 1, channels: 3, depth: 8, icc, recipe: '{"seed":1}' } as const;
    const writer = new PngStreamWriter(file, options);
    await writer.write(Uint8Array.of(1, 2, 3));
    await writer.finish();
    const metadata = await sharp(await readFile(file)).metadata();
    assert.deepEqual(new Uint8Array(metadata.icc!), icc);
    assert.deepEqual(metadata.comments, [{ keyword: 'inlay', text: '{"seed":1}' }]);
  });

  test('a file that cannot be opened is an error of the next write or of finishing', async () => {
    const file = path.join(folder, 'no such folder', 'x.png');
    const writer = new PngStreamWriter(file, { width: 1, height: 1, channels: 1, depth: 8 });
    await assert.rejects(
      async () => {
        await writer.write(Uint8Array.of(1));
        await writer.finish();
      },
      { code: 'ENOENT' },
    );
  });

  test('a full disk is reported while writing, and the partial file removed', {
    skip: process.platform !== 'linux' && 'only Linux has /dev/full',
  }, async () => {
    const file = path.join(folder, 'full.png');
    await symlink('/dev/full', file);
    const picture = noisePicture({ width: 1000, height: 3000 }, { channels: 3, depth: 8 });
    const writer = new PngStreamWriter(file, { ...picture, depth: 8 });
    await assert.rejects(writeInPieces(writer, picture, 10), { code: 'ENOSPC' });
    await assert.rejects(writer.write(picture.data.subarray(0, 3000)), { code: 'ENOSPC' });
    await assert.rejects(writer.finish(), { code: 'ENOSPC' });
    assert.equal(existsSync(file), false);
    assert.ok(existsSync('/dev/full'));
  });

  test('giving up removes the file, before and after rows were written', async () => {
    for (const rowCount of [0, 5]) {
      const file = path.join(folder, `given-up-${rowCount}.png`);
      const writer = new PngStreamWriter(file, { width: 10, height: 10, channels: 3, depth: 8 });
      await writer.write(new Uint8Array(30 * rowCount));
      await writer.abort();
      assert.equal(existsSync(file), false);
    }
  });

  test('giving up after finishing keeps the file', async () => {
    const file = path.join(folder, 'finished.png');
    const writer = new PngStreamWriter(file, { width: 1, height: 1, channels: 1, depth: 8 });
    await writer.write(Uint8Array.of(9));
    await writer.finish();
    await writer.abort();
    assert.deepEqual([...(await decode({ format: 'png', bytes: await readFile(file) })).data], [9]);
  });

  test('too many rows, parts of rows, another depth and too few rows are refused', async () => {
    const file = path.join(folder, 'refused.png');
    const writer = new PngStreamWriter(file, { width: 4, height: 2, channels: 1, depth: 8 });
    await assert.rejects(writer.write(new Uint8Array(12)), RangeError);
    await assert.rejects(writer.write(new Uint8Array(3)), RangeError);
    await assert.rejects(writer.write(new Uint16Array(4)), RangeError);
    await writer.write(new Uint8Array(4));
    await assert.rejects(writer.finish(), /Expected 2 rows, received 1/);
    assert.equal(existsSync(file), false);
  });
});
