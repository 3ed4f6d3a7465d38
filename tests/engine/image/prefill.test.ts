import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { extendCanvas, extensionMask } from '../../../engine/image/crop.ts';
import { hasAlpha, type Mask, maxSample, type Picture } from '../../../engine/image/picture.ts';
import { prefillHole } from '../../../engine/image/prefill.ts';
import { anyPicture, maskOf, noisePicture } from './arbitraries.ts';

test('what is known is kept bit for bit, and the hole is opaque and no brighter or darker than what is known', () => {
  const pictureAndMask = anyPicture.chain((picture) => fc.tuple(fc.constant(picture), maskOf(picture)));
  fc.assert(
    fc.property(pictureAndMask, ([picture, mask]) => {
      const { channels, data } = picture;
      const result = prefillHole(picture, mask);
      mask.data.forEach((value, i) => {
        const pixel = [...result.data.subarray(i * channels, (i + 1) * channels)];
        if (value === 0) assert.deepEqual(pixel, [...data.subarray(i * channels, (i + 1) * channels)]);
        else if (hasAlpha(channels)) assert.equal(pixel.at(-1), maxSample(data));
      });
      if (channels !== 1) return;
      const known = [...data].filter((_, i) => mask.data[i]! < 255);
      if (known.length === 0) return;
      const [least, most] = [Math.min(...known), Math.max(...known)];
      for (const value of result.data) assert.ok(value >= least && value <= most);
    }),
  );
});

test('a larger canvas goes on in the colours of the edge that is near', () => {
  const data = new Uint8Array(16 * 16);
  data.forEach((_, i) => {
    data[i] = i % 16 < 8 ? 40 : 200;
  });
  const picture: Picture = { width: 16, height: 16, channels: 1, data };
  const margins = { left: 9, right: 7, top: 0, bottom: 0 };
  const result = prefillHole(extendCanvas(picture, margins), extensionMask(picture, margins));
  const row = [...result.data.subarray(0, 32)];
  assert.deepEqual(row.slice(9, 25), [...data.subarray(0, 16)]);
  assert.ok(Math.abs(row[8]! - 40) <= 4 && Math.abs(row[25]! - 200) <= 4, row.join(' '));
  assert.ok(row.slice(0, 9).every((value) => value < 120) && row.slice(25).every((value) => value > 120));
});

test('with nothing known the hole is mid grey, and what is transparent says nothing of colour', () => {
  const picture = noisePicture({ width: 5, height: 3 }, { channels: 3, depth: 16 });
  const full: Mask = { width: 5, height: 3, data: new Uint8Array(15).fill(255) };
  assert.ok(prefillHole(picture, full).data.every((value) => value === 32768));
  const grey: Picture = { width: 3, height: 1, channels: 2, data: Uint8Array.of(250, 0, 9, 9, 60, 255) };
  const mask: Mask = { width: 3, height: 1, data: Uint8Array.of(0, 255, 0) };
  assert.deepEqual([...prefillHole(grey, mask).data], [250, 0, 60, 255, 60, 255]);
});
