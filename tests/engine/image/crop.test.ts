import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { boundsOf, maskBounds, union } from '../../../engine/image/bounds.ts';
import {
  cropMask,
  cropPicture,
  extendCanvas,
  extensionMask,
  pastePicture,
} from '../../../engine/image/crop.ts';
import { anyPicture, boundsInside, maskOf, noisePicture } from './arbitraries.ts';

const icc = Uint8Array.of(1, 2, 3);

test('what is cropped and pasted back leaves the picture as it was', () => {
  const pictureAndBounds = anyPicture.chain((picture) =>
    fc.tuple(fc.constant(picture), boundsInside(picture)),
  );
  fc.assert(
    fc.property(pictureAndBounds, ([picture, bounds]) => {
      const tagged = { ...picture, icc };
      const cropped = cropPicture(tagged, bounds);
      assert.equal(cropped.data.length, bounds.width * bounds.height * picture.channels);
      assert.equal(cropped.icc, icc);
      assert.deepEqual(
        pastePicture(tagged, { picture: cropped, left: bounds.left, top: bounds.top }),
        tagged,
      );
    }),
  );
});

test('a paste changes the pixels under it and no others, and not the picture it was given', () => {
  const pictureAndBounds = anyPicture.chain((picture) =>
    fc.tuple(fc.constant(picture), boundsInside(picture)),
  );
  fc.assert(
    fc.property(pictureAndBounds, ([picture, bounds]) => {
      const before = picture.data.slice();
      const { channels } = picture;
      const depth = picture.data instanceof Uint16Array ? 16 : 8;
      const patch = noisePicture(bounds, { channels, depth, seed: 99 });
      const pasted = pastePicture(picture, { picture: patch, left: bounds.left, top: bounds.top });
      assert.deepEqual(picture.data, before);
      assert.deepEqual(cropPicture(pasted, bounds).data, patch.data);
      pasted.data.forEach((value, i) => {
        const x = Math.floor(i / channels) % picture.width;
        const y = Math.floor(i / channels / picture.width);
        const inside =
          x >= bounds.left &&
          x < bounds.left + bounds.width &&
          y >= bounds.top &&
          y < bounds.top + bounds.height;
        if (!inside) assert.equal(value, before[i]);
      });
    }),
    { numRuns: 40 },
  );
});

test('a mask is cropped as its pixels are', () => {
  const maskAndBounds = fc
    .record({ width: fc.integer({ min: 1, max: 20 }), height: fc.integer({ min: 1, max: 20 }) })
    .chain((size) => fc.tuple(maskOf(size), boundsInside(size)));
  fc.assert(
    fc.property(maskAndBounds, ([mask, bounds]) => {
      const { data } = cropMask(mask, bounds);
      const asPicture = cropPicture({ ...mask, channels: 1 }, bounds);
      assert.deepEqual(data, asPicture.data);
    }),
  );
});

test('an extended canvas holds the picture at its margins, zeros around it, and its mask says which', () => {
  const margin = fc.nat(9);
  const anyMargins = fc.record({ left: margin, right: margin, top: margin, bottom: margin });
  fc.assert(
    fc.property(anyPicture, anyMargins, (picture, margins) => {
      const extended = extendCanvas(picture, margins);
      const mask = extensionMask(picture, margins);
      assert.equal(extended.width, picture.width + margins.left + margins.right);
      assert.equal(extended.height, picture.height + margins.top + margins.bottom);
      const place = { left: margins.left, top: margins.top, width: picture.width, height: picture.height };
      assert.deepEqual(cropPicture(extended, place).data, picture.data);
      mask.data.forEach((value, i) => {
        const isNew = value === 255;
        if (isNew)
          for (let c = 0; c < picture.channels; c++) assert.equal(extended.data[i * picture.channels + c], 0);
      });
      const kept = mask.data.filter((value) => value === 0).length;
      assert.equal(kept, picture.width * picture.height);
      if (Object.values(margins).every((m) => m > 0)) {
        assert.deepEqual(union(maskBounds(mask)!, place), boundsOf(extended));
      }
    }),
    { numRuns: 40 },
  );
});

test('bounds that leave the picture and pictures of another format are refused', () => {
  const picture = noisePicture({ width: 4, height: 3 }, { channels: 3, depth: 8 });
  assert.throws(() => cropPicture(picture, { left: 1, top: 0, width: 4, height: 3 }), RangeError);
  assert.throws(() => cropPicture(picture, { left: 0, top: -1, width: 4, height: 3 }), RangeError);
  const deeper = noisePicture({ width: 1, height: 1 }, { channels: 3, depth: 16 });
  assert.throws(() => pastePicture(picture, { picture: deeper, left: 0, top: 0 }), RangeError);
});
