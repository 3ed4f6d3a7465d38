import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { expandPicture } from '../../../engine/fill/expand-picture.ts';
import type { FillStep } from '../../../engine/fill/fill-step.ts';
import { FillThreads } from '../../../engine/fill/fill-threads.ts';
import { type MembraneLevel, solveMembrane } from '../../../engine/fill/kernels/membrane.ts';
import type { Channels, Picture } from '../../../engine/image/picture.ts';
import { keyedHash } from '../../../engine/random/keyed-hash.ts';
import { pictureOf } from './pictures.ts';

const threads = new FillThreads(2);
after(() => threads.close());

const formats = [
  { channels: 1, depth: 8 },
  { channels: 2, depth: 8 },
  { channels: 3, depth: 8 },
  { channels: 4, depth: 16 },
] as const;

/** A sky without texture; every column and row of it differs. Opaque where there is alpha. */
function sky({ channels, depth }: { channels: Channels; depth: 8 | 16 }): Picture {
  const scale = depth === 16 ? 257 : 1;
  return pictureOf({ width: 110, height: 90, channels, depth }, (x, y, c) => {
    if (channels % 2 === 0 && c === channels - 1) return 255 * scale;
    return Math.round((60 + 10 * c + x * 0.9 + y * 0.4) * scale);
  });
}

/** The largest step between pixels side by side from column `from` on, in levels of 255. */
function largestStep({ width, height, channels, data }: Picture, from: number): number {
  const scale = data instanceof Uint16Array ? 257 : 1;
  let largest = 0;
  for (let y = 0; y < height; y++) {
    for (let x = from; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        const at = (y * width + x) * channels + c;
        largest = Math.max(largest, Math.abs(data[at]! - data[at - channels]!) / scale);
      }
    }
  }
  return largest;
}

describe('the seam finish', () => {
  for (const format of formats) {
    test(`lets a sky go on sideways without a step: ${format.channels} channels, ${format.depth} bits`, async () => {
      const margins = { left: 0, right: 27, top: 0, bottom: 0 };
      const stepOf = async (...without: FillStep[]) => {
        const options = { seed: 1, threads, without: new Set(without) };
        return largestStep(await expandPicture(sky(format), margins, options), 110);
      };
      assert.ok((await stepOf()) <= 2);
      assert.ok((await stepOf('seam-finish')) > 2, 'the sky needs it');
    });
  }
});

describe('a membrane', () => {
  test('is in balance everywhere, whatever its ties', () => {
    const width = 37;
    const height = 22;
    const size = width * height;
    const planes = () => new Float32Array(size);
    const membrane: MembraneLevel = {
      ...{ width, height, right: planes(), below: planes() },
      ...{ own: planes(), force: planes(), values: planes() },
    };
    const { right, below, own, force, values } = membrane;
    const random = (i: number) => (keyedHash(5, i) & 255) / 255;
    for (let i = 0; i < size; i++) {
      if (i % width < width - 1) right[i] = 0.01 + random(3 * i);
      if (i < size - width) below[i] = 0.01 + random(3 * i + 1);
      own[i] = i % width === 0 ? 1 : 1e-4;
      force[i] = random(3 * i + 2) - 0.5;
    }
    solveMembrane(membrane, () => false);
    for (let i = 0; i < size; i++) {
      const value = values[i]!;
      let rest = force[i]! - own[i]! * value;
      if (i % width > 0) rest -= right[i - 1]! * (value - values[i - 1]!);
      if (i % width < width - 1) rest -= right[i]! * (value - values[i + 1]!);
      if (i >= width) rest -= below[i - width]! * (value - values[i - width]!);
      if (i < size - width) rest -= below[i]! * (value - values[i + width]!);
      assert.ok(Math.abs(rest) < 0.05, `${rest} at ${i}`);
    }
  });

  test('stays as it is where nothing holds or pulls it', () => {
    const one = () => new Float32Array(1);
    const alone = { right: one(), below: one(), own: one(), force: one(), values: Float32Array.of(7) };
    solveMembrane({ width: 1, height: 1, ...alone }, () => false);
    assert.deepEqual([...alone.values], [7]);
  });
});
