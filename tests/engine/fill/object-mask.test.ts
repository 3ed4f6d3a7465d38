import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { FillThreads } from '../../../engine/fill/fill-threads.ts';
import { growObjectMask, MAX_MASK_GROWTH } from '../../../engine/fill/object-mask.ts';
import { type Bounds, maskBounds } from '../../../engine/image/bounds.ts';
import type { Channels, Mask, Picture } from '../../../engine/image/picture.ts';
import { anyPicture, maskOf } from '../image/arbitraries.ts';
import { noise, pictureOf, rectangleMask } from './pictures.ts';

const threads = new FillThreads(1);
after(() => threads.close());

const grow = (picture: Picture, mask: Mask, signal?: AbortSignal) =>
  growObjectMask(picture, mask, { threads, signal });

const size = { width: 120, height: 110 };
const object: Bounds = { left: 45, top: 40, width: 30, height: 28 };

/** Rows and columns between a pixel and a rectangle; 0 inside. */
function distanceTo(bounds: Bounds, x: number, y: number): number {
  return Math.max(
    bounds.left - x,
    x - (bounds.left + bounds.width - 1),
    bounds.top - y,
    y - (bounds.top + bounds.height - 1),
    0,
  );
}

/** A red object with a rim that fades into what is behind it over `rim` pixels. */
function drawObject(behind: Picture, { at, rim }: { readonly at: Bounds; readonly rim: number }): Picture {
  const full = behind.data instanceof Uint16Array ? 65535 : 255;
  const { width, channels } = behind;
  return pictureOf({ ...behind, depth: full === 255 ? 8 : 16 }, (x, y, c) => {
    const share = Math.max(1 - distanceTo(at, x, y) / (rim + 1), 0);
    const value = behind.data[(y * width + x) * channels + c]!;
    const colour = channels >= 3 && c > 0 ? 0 : channels === 4 && c === 3 ? full : Math.round(full * 0.9);
    return Math.round(value + (colour - value) * share);
  });
}

const plain = (channels: Channels, depth: 8 | 16 = 8) =>
  pictureOf({ ...size, channels, depth }, (_x, _y, c) =>
    c === 3 || (channels === 2 && c === 1)
      ? depth === 8
        ? 255
        : 65535
      : (60 + 30 * c) * (depth === 8 ? 1 : 257),
  );

describe('the mask of an object', () => {
  test('is nowhere below the one given, and grows by no more than its reach, on any picture', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyPicture.chain((picture) => fc.tuple(fc.constant(picture), maskOf(picture))),
        async ([picture, mask]) => {
          const before = mask.data.slice();
          const samples = picture.data.slice();
          const grown = await grow(picture, mask);
          assert.deepEqual(mask.data, before);
          assert.deepEqual(picture.data, samples);
          assert.equal(grown.data.length, mask.data.length);
          assert.ok(grown.data.every((value, i) => value >= mask.data[i]!));
          if (mask.data.some((value) => value <= 4)) assert.ok(grown.data.some((value) => value <= 4));
        },
      ),
    );
  });

  test('reaches 7 px beyond a small object at most, and 27 px beyond any', async () => {
    for (const [side, limit] of [
      [1, 7],
      [30, 7],
      [700, MAX_MASK_GROWTH],
    ] as const) {
      const canvas = { width: side + 120, height: side + 120 };
      const bounds = { left: 60, top: 60, width: side, height: side };
      // A halo that reaches farther than any limit.
      const picture = drawObject(
        pictureOf({ ...canvas, channels: 1 }, () => 10),
        { at: bounds, rim: 40 },
      );
      const grown = maskBounds(await grow(picture, rectangleMask(canvas, bounds)))!;
      for (const reach of [60 - grown.left, 60 - grown.top, grown.left + grown.width - side - 60]) {
        assert.ok(reach <= limit && reach >= limit - 2, `${side} px: ${reach}`);
      }
    }
  });

  test('is itself where the surroundings are plain, at every place, size, format and depth', async () => {
    for (const channels of [1, 2, 3, 4] as const) {
      for (const depth of [8, 16] as const) {
        const behind = plain(channels, depth);
        for (const bounds of [
          object,
          { left: 0, top: 0, width: 9, height: 5 },
          { left: 119, top: 109, width: 1, height: 1 },
          { left: 50, top: 50, width: 1, height: 1 },
          { left: 0, top: 0, ...size },
          { left: 0, top: 50, width: 120, height: 3 },
        ]) {
          const mask = rectangleMask(size, bounds);
          assert.equal(await grow(drawObject(behind, { at: bounds, rim: 0 }), mask), mask);
        }
      }
    }
  });

  test('is itself on stripes and on a gentle slope, which go on into it', async () => {
    const mask = rectangleMask(size, object);
    for (const behind of [
      pictureOf({ ...size, channels: 3 }, (x) => (x % 10 < 5 ? 30 : 200)),
      pictureOf({ ...size, channels: 3 }, (_x, y) => (y % 10 < 5 ? 30 : 200)),
      pictureOf({ ...size, channels: 3 }, (x, y) => 20 + Math.round(x / 2 + y / 2)),
    ]) {
      assert.equal(await grow(drawObject(behind, { at: object, rim: 0 }), mask), mask);
    }
  });

  test('covers an antialiased rim wholly and fades out beside it', async () => {
    for (const channels of [1, 3, 4] as const) {
      for (const depth of [8, 16] as const) {
        const picture = drawObject(plain(channels, depth), { at: object, rim: 2 });
        const grown = await grow(picture, rectangleMask(size, object));
        for (let y = 0; y < size.height; y++) {
          for (let x = 0; x < size.width; x++) {
            const distance = distanceTo(object, x, y);
            const value = grown.data[y * size.width + x]!;
            if (distance <= 2) assert.equal(value, 255, `${x}, ${y}`);
            if (distance > 5) assert.equal(value, 0, `${x}, ${y}`);
          }
        }
        const row = [1, 2, 3, 4, 5, 6].map((x) => grown.data[50 * size.width + object.left - x]);
        assert.deepEqual(row, [255, 255, 255, 170, 85, 0]);
      }
    }
  });

  test('covers what a mask a little too small has left over, on noise', async () => {
    const behind = pictureOf(
      { ...size, channels: 3 },
      (x, y, c) => 60 + (noise({ width: 1, height: 1, channels: 1 }, x + 997 * y + c).data[0]! % 20),
    );
    const small = {
      left: object.left + 3,
      top: object.top + 3,
      width: object.width - 6,
      height: object.height - 6,
    };
    const grown = await grow(drawObject(behind, { at: object, rim: 0 }), rectangleMask(size, small));
    for (let y = 0; y < size.height; y++) {
      for (let x = 0; x < size.width; x++) {
        if (distanceTo(object, x, y) === 0) assert.equal(grown.data[y * size.width + x], 255, `${x}, ${y}`);
      }
    }
  });

  test('does not run along what goes on beyond its reach: another object there is none of it', async () => {
    const behind = pictureOf({ ...size, channels: 3 }, (x) => (x < 60 ? 40 : 180));
    const mask = rectangleMask(size, { left: 20, top: 40, width: 30, height: 28 });
    assert.equal(await grow(behind, mask), mask);
  });

  test('makes a grey pixel white that still shows the object, and leaves one that does not', async () => {
    const picture = drawObject(plain(3), { at: object, rim: 0 });
    const mask = rectangleMask(size, { ...object, width: object.width + 3 });
    for (let y = object.top; y < object.top + object.height; y++) {
      const right = y * size.width + object.left + object.width;
      mask.data.fill(100, right - 3, right + 3);
    }
    const grown = await grow(picture, mask);
    const row = 50 * size.width + object.left + object.width;
    assert.deepEqual([...grown.data.subarray(row - 3, row + 3)], [255, 255, 255, 255, 170, 100]);
  });

  test('is the one given where growing would leave nothing known', async () => {
    const tiny = { width: 16, height: 16 };
    const middle = { left: 4, top: 4, width: 8, height: 8 };
    const picture = noise({ ...tiny, channels: 3 });
    const grown: Mask = await grow(picture, rectangleMask(tiny, middle));
    assert.ok(grown.data.some((value) => value <= 4));
    const empty = { ...tiny, data: new Uint8Array(256) };
    assert.equal(await grow(picture, empty), empty);
  });

  test('is given up soon when it is cancelled, before its start and while a large one is looked at', async () => {
    const large = { width: 1000, height: 1000 };
    const most = { left: 100, top: 100, width: 800, height: 800 };
    const picture = drawObject(noise({ ...large, channels: 3 }), { at: most, rim: 20 });
    const mask = rectangleMask(large, most);
    await assert.rejects(grow(picture, mask, AbortSignal.abort()), { code: 'cancelled' });
    const controller = new AbortController();
    const growing = assert.rejects(grow(picture, mask, controller.signal), { code: 'cancelled' });
    await delay(20);
    controller.abort();
    await growing;
  });
});
