import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasAlpha } from '../../../engine/image/picture.ts';
import { convertPicture, flattenOnWhite, luma } from '../../../engine/image/samples.ts';
import { anyChannels, anyPicture, noisePicture } from './arbitraries.ts';

test('8 to 16 bits and back gives the same samples; 16 to 8 the nearest', () => {
  const every16Bit = Uint16Array.from({ length: 65536 }, (_, value) => value);
  const picture = { width: 256, height: 256, channels: 1, data: every16Bit } as const;
  const narrow = convertPicture(picture, { channels: 1, depth: 8 });
  narrow.data.forEach((value, i) => {
    assert.equal(value, Math.round((i * 255) / 65535));
  });
  const every8Bit = {
    width: 256,
    height: 1,
    channels: 1,
    data: Uint8Array.from({ length: 256 }, (_, v) => v),
  } as const;
  const wide = convertPicture(every8Bit, { channels: 1, depth: 16 });
  assert.deepEqual([wide.data[0], wide.data[1], wide.data[255]], [0, 257, 65535]);
  assert.deepEqual(convertPicture(wide, { channels: 1, depth: 8 }), every8Bit);
});

test('channels added and dropped again leave grey, colour and alpha as they were', () => {
  fc.assert(
    fc.property(anyPicture, anyChannels, (picture, channels) => {
      const depth = picture.data instanceof Uint16Array ? 16 : 8;
      const converted = convertPicture(picture, { channels, depth });
      assert.equal(converted.data.length, picture.width * picture.height * channels);
      const losesColour = picture.channels >= 3 && channels < 3;
      const losesAlpha = hasAlpha(picture.channels) && !hasAlpha(channels);
      fc.pre(!losesColour && !losesAlpha);
      assert.deepEqual(convertPicture(converted, { channels: picture.channels, depth }), picture);
      if (hasAlpha(channels) && !hasAlpha(picture.channels)) {
        for (let i = channels - 1; i < converted.data.length; i += channels) {
          assert.equal(converted.data[i], 2 ** depth - 1);
        }
      }
    }),
  );
});

test('the profile goes with the colour model: kept for RGB to RGBA, dropped for RGB to grey', () => {
  const picture = {
    ...noisePicture({ width: 2, height: 2 }, { channels: 3, depth: 8 }),
    icc: Uint8Array.of(1),
  };
  assert.deepEqual(convertPicture(picture, { channels: 4, depth: 16 }).icc, picture.icc);
  assert.equal(convertPicture(picture, { channels: 1, depth: 8 }).icc, undefined);
});

test('the luma of grey is that grey, at every value', () => {
  for (let value = 0; value < 65536; value++) assert.equal(luma(value, value, value), value);
});

test('flattening gives the nearest to colour * alpha + white * (1 - alpha)', () => {
  fc.assert(
    fc.property(anyPicture, (picture) => {
      const flat = flattenOnWhite(picture);
      if (!hasAlpha(picture.channels)) {
        assert.equal(flat, picture);
        return;
      }
      const { channels, data } = picture;
      const max = data instanceof Uint16Array ? 65535n : 255n;
      const colours = channels - 1;
      flat.data.forEach((value, i) => {
        const pixel = Math.floor(i / colours) * channels;
        const alpha = BigInt(data[pixel + colours]!);
        const exact = BigInt(data[pixel + (i % colours)]!) * alpha + max * (max - alpha);
        assert.equal(BigInt(value), (2n * exact + max) / (2n * max));
      });
    }),
  );
});
