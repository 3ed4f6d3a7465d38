import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { expandPicture } from '../../../engine/fill/expand-picture.ts';
import type { FillStep } from '../../../engine/fill/fill-step.ts';
import { FillThreads } from '../../../engine/fill/fill-threads.ts';
import { NO_COPY } from '../../../engine/fill/kernels/composite.ts';
import { makeMembrane, membraneBytes, solveMembrane } from '../../../engine/fill/kernels/membrane.ts';
import {
  BELOW,
  FORCE,
  NODE,
  OWN,
  RIGHT,
  scalarMembrane,
} from '../../../engine/fill/kernels/membrane-nodes.ts';
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
  const [width, height] = [37, 22];
  const map = 64;
  const memory = map + width * height * 4;
  const random = (i: number) => (keyedHash(5, i) & 255) / 255;

  /** Over the pixels that are given, with ties of any strength; each value and how far it is from balance. */
  function solved(isNode: (i: number) => boolean) {
    const buffer = new SharedArrayBuffer(memory + membraneBytes({ width, height }, width * height));
    const [floats, ints] = [new Float32Array(buffer), new Int32Array(buffer)];
    const pixels = Array.from({ length: width * height }, (_, i) => i);
    for (const i of pixels) ints[map / 4 + i] = isNode(i) ? i : NO_COPY;
    const members = pixels.filter(isNode);
    const place = new Map<number, number>();
    const membrane = makeMembrane(scalarMembrane(buffer), {
      ...{ map, width, height, memory },
      tie: (nodes) => {
        for (const [n, i] of members.entries()) place.set(i, nodes / 4 + (n + 1) * NODE);
        for (const i of members) {
          const node = place.get(i)!;
          if (i % width < width - 1 && isNode(i + 1)) floats[node + RIGHT] = 0.01 + random(3 * i);
          if (isNode(i + width) && place.has(i + width)) floats[node + BELOW] = 0.01 + random(3 * i + 1);
          floats[node + OWN] = i % width === 0 ? 1 : 0.01;
          for (let lane = 0; lane < 4; lane++) floats[node + FORCE + lane] = random(4 * i + lane) - 0.5;
        }
      },
    });
    solveMembrane(membrane, { cycles: 10, cancelled: () => false });
    return members.flatMap((i) =>
      [0, 1, 2, 3].map((lane) => {
        const node = place.get(i)!;
        const value = floats[node + lane]!;
        let rest = floats[node + FORCE + lane]! - floats[node + OWN]! * value;
        const pull = (other: number, tie: number) => {
          const at = place.get(other);
          if (at !== undefined && tie !== 0) rest -= tie * (value - floats[at + lane]!);
        };
        pull(i + 1, floats[node + RIGHT]!);
        pull(i + width, floats[node + BELOW]!);
        if (i % width > 0 && place.has(i - 1)) pull(i - 1, floats[place.get(i - 1)! + RIGHT]!);
        if (place.has(i - width)) pull(i - width, floats[place.get(i - width)! + BELOW]!);
        return { value, rest };
      }),
    );
  }

  const shapes: readonly (readonly [string, (i: number) => boolean])[] = [
    ['a rectangle', (i) => i < width * height],
    ['a rectangle with gaps', (i) => i < width * height && random(7 * i) > 0.1],
    ['one pixel in a corner', (i) => i === width * height - 1],
    ['a diagonal, of which no two are tied', (i) => i % (width + 1) === 0 && i < width * height],
  ];
  for (const [name, isNode] of shapes) {
    test(`comes to balance over ${name}`, () => {
      const nodes = solved(isNode);
      assert.ok(nodes.some(({ value }) => Math.abs(value) > 0.1));
      for (const { value, rest } of nodes) assert.ok(Math.abs(rest) < 0.05, `${rest} at ${value}`);
    });
  }

  test('has room for any shape in its memory', () => {
    for (const count of [1, 40, width * height]) {
      const buffer = new SharedArrayBuffer(memory + membraneBytes({ width, height }, count));
      const ints = new Int32Array(buffer);
      // Spread as far as can be: most of the coarser levels' nodes then have one part.
      for (let i = 0; i < width * height; i++) ints[map / 4 + i] = NO_COPY;
      for (let n = 0; n < count; n++) ints[map / 4 + Math.floor((n * width * height) / count)] = 1;
      const kernels = scalarMembrane(buffer);
      const { levels } = makeMembrane(kernels, { map, width, height, memory, tie: () => {} });
      assert.equal(levels[0]!.count, count);
      const { nodes, count: last } = levels[levels.length - 1]!;
      assert.ok(nodes + (last + 2) * NODE * 4 <= buffer.byteLength);
    }
  });
});
