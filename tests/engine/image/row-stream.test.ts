/** Tiles, blending, resampling and writing put together as an upscaling does it, with a network whose output is known. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { decode } from '../../../engine/image/codec.ts';
import { cropPicture } from '../../../engine/image/crop.ts';
import { LanczosRowResampler } from '../../../engine/image/lanczos.ts';
import type { Picture } from '../../../engine/image/picture.ts';
import { PngStreamWriter } from '../../../engine/image/png-stream.ts';
import { TileBlender } from '../../../engine/image/tile-blender.ts';
import { planTiles, type TilePlan } from '../../../engine/image/tiles.ts';
import { noisePicture } from './arbitraries.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'inlay-row-stream-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const SCALE = 2;

/** A network that repeats each pixel: CHW, 0..1. What lies beyond the tile is another value, which must not show. */
function nearestTwice(tile: Picture, plan: TilePlan): Float32Array {
  const width = plan.input.width * SCALE;
  const height = plan.input.height * SCALE;
  const output = new Float32Array(tile.channels * width * height).fill(0.5);
  for (let c = 0; c < tile.channels; c++) {
    for (let y = 0; y < tile.height * SCALE; y++) {
      for (let x = 0; x < tile.width * SCALE; x++) {
        const from = (Math.floor(y / SCALE) * tile.width + Math.floor(x / SCALE)) * tile.channels + c;
        output[(c * height + y) * width + x] = tile.data[from]! / 255;
      }
    }
  }
  return output;
}

test('a picture cut into tiles, blended, resampled to any size and written is as large as asked and right', async () => {
  for (const [width, height, targetWidth, targetHeight] of [
    [61, 47, 122, 94],
    [61, 47, 91, 70],
    [5, 70, 10, 140],
    [1, 1, 3, 3],
  ] as const) {
    const source = noisePicture({ width, height }, { channels: 3, depth: 8 });
    const plan = planTiles(source, { tileSize: 24, overlap: 8, trim: 2, multiple: 4 });
    const blender = new TileBlender(plan, { scale: SCALE, channels: 3, depth: 8 });
    const output = { width: targetWidth, height: targetHeight };
    const input = { width: width * SCALE, height: height * SCALE };
    const resampler = new LanczosRowResampler({ input, output, channels: 3 });
    const file = path.join(folder, `${width}-${targetWidth}.png`);
    const writer = new PngStreamWriter(file, { ...output, channels: 3, depth: 8 });
    for (const tile of plan.tiles) {
      const rows = blender.add(tile, nearestTwice(cropPicture(source, tile.bounds), plan));
      if (rows !== null) await writer.write(resampler.push(rows));
    }
    await writer.finish();

    const whole = planTiles(source, { tileSize: 72, overlap: 0, trim: 0, multiple: 1 });
    const doubled = new TileBlender(whole, { scale: SCALE, channels: 3, depth: 8 }).add(
      whole.tiles[0]!,
      nearestTwice(source, whole),
    )!;
    const expected = new LanczosRowResampler({ input, output, channels: 3 }).push(doubled);
    const written = await decode({ format: 'png', bytes: await readFile(file) });
    assert.deepEqual(written, { ...output, channels: 3, data: expected });
  }
});
