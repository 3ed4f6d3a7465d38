import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import sharp from 'sharp';
import type { Size } from '../../../engine/image/bounds.ts';
import { LanczosRowResampler } from '../../../engine/image/lanczos.ts';
import type { Channels, Picture, Samples } from '../../../engine/image/picture.ts';
import { anyChannels, anyDepth, noise, noisePicture } from './arbitraries.ts';

interface Golden {
  readonly width: number;
  readonly height: number;
  readonly pattern: readonly number[];
  readonly cases: readonly {
    readonly width: number;
    readonly height: number;
    readonly values: readonly number[];
  }[];
}

const golden: Golden = JSON.parse(readFileSync(new URL('golden/lanczos.json', import.meta.url), 'utf8'));

function resample(picture: Picture, output: Size): Samples {
  return new LanczosRowResampler({ input: picture, output, channels: picture.channels }).push(picture.data);
}

/** Output pixels whose kernel lies inside the picture: beyond it, others leave samples out where we repeat the edge. */
function isInner(x: number, y: number, input: Size, output: Size): boolean {
  const marginX = 3 * Math.max(1, output.width / input.width);
  const marginY = 3 * Math.max(1, output.height / input.height);
  return x >= marginX && x < output.width - marginX && y >= marginY && y < output.height - marginY;
}

describe('LanczosRowResampler', () => {
  test("gives Pillow's floating-point Lanczos rounded, up and down, in proportion and not", () => {
    const { width, height, pattern } = golden;
    const picture: Picture = { width, height, channels: 1, data: Uint16Array.from(pattern) };
    for (const expected of golden.cases) {
      const actual = resample(picture, expected);
      let worst = 0;
      let compared = 0;
      expected.values.forEach((value, i) => {
        if (!isInner(i % expected.width, Math.floor(i / expected.width), picture, expected)) return;
        const clipped = Math.min(Math.max(value, 0), 65535);
        worst = Math.max(worst, Math.abs(actual[i]! - clipped));
        compared++;
      });
      assert.ok(compared > 0);
      // Half a level for our rounding, 0.02 for both sides' 32-bit floats.
      assert.ok(worst <= 0.52, `${expected.width} x ${expected.height}: off by ${worst} of 65535`);
    }
  });

  test('is within one level of sharp when making a photo-like picture smaller', async (t) => {
    const input = { width: 100, height: 75 };
    const data = new Uint8Array(input.width * input.height * 3);
    for (let i = 0; i < data.length; i++) {
      const x = Math.floor(i / 3) % input.width;
      const y = Math.floor(i / 3 / input.width);
      data[i] = 128 + 60 * Math.sin(x / 9 + (i % 3)) + 50 * Math.cos(y / 7);
    }
    for (const output of [
      { width: 97, height: 61 },
      { width: 60, height: 50 },
      { width: 45, height: 30 },
      { width: 33, height: 25 },
    ]) {
      const expected = await sharp(data, { raw: { ...input, channels: 3 } })
        .resize({ ...output, fit: 'fill', kernel: 'lanczos3' })
        .raw()
        .toBuffer();
      const actual = resample({ ...input, channels: 3, data }, output);
      let worst = 0;
      expected.forEach((value, i) => {
        const x = Math.floor(i / 3) % output.width;
        const y = Math.floor(i / 3 / output.width);
        if (isInner(x, y, input, output)) worst = Math.max(worst, Math.abs(actual[i]! - value));
      });
      t.diagnostic(`${output.width} x ${output.height}: worst difference ${worst} of 255`);
      // libvips rounds to 8 bits between the passes, we only at the end. Enlarging is not compared: there sharp
      // interpolates bicubically, whatever kernel it is asked for.
      assert.ok(worst <= 1);
    }
  });

  test('rows may come in pieces of any length', () => {
    const anyCut = fc.record({
      inputHeight: fc.integer({ min: 1, max: 30 }),
      outputHeight: fc.integer({ min: 1, max: 60 }),
      channels: anyChannels,
      depth: anyDepth,
      pieces: fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 20 }),
    });
    fc.assert(
      fc.property(anyCut, ({ inputHeight, outputHeight, channels, depth, pieces }) => {
        const input = { width: 5, height: inputHeight };
        const output = { width: 7, height: outputHeight };
        const picture = noisePicture(input, { channels, depth });
        const resampler = new LanczosRowResampler({ input, output, channels });
        const parts: Samples[] = [];
        let row = 0;
        for (const length of [...pieces, inputHeight]) {
          const end = Math.min(row + length, inputHeight);
          parts.push(resampler.push(picture.data.slice(row * 5 * channels, end * 5 * channels)));
          row = end;
        }
        assert.deepEqual(
          parts.flatMap((part) => [...part]),
          [...resample(picture, output)],
        );
      }),
      { numRuns: 60 },
    );
  });

  test('an opaque constant stays that constant at any ratio, an equal size stays the picture', () => {
    const side = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(
        side,
        side,
        side,
        side,
        anyChannels,
        anyDepth,
        fc.nat(65535),
        (w, h, ow, oh, channels, depth, v) => {
          const max = 2 ** depth - 1;
          const pixel = Array.from({ length: channels }, (_, c) =>
            (channels === 2 || channels === 4) && c === channels - 1 ? max : v & max,
          );
          const make = (pixels: number) => {
            const values = Array.from({ length: pixels }, () => pixel).flat();
            return depth === 8 ? Uint8Array.from(values) : Uint16Array.from(values);
          };
          const picture: Picture = { width: w, height: h, channels, data: make(w * h) };
          assert.deepEqual(resample(picture, { width: ow, height: oh }), make(ow * oh));
          if (channels === 1 || channels === 3) {
            const noisy = noisePicture({ width: w, height: h }, { channels, depth });
            assert.deepEqual(resample(noisy, noisy), noisy.data);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test('every ratio gives exactly the rows asked for, from one pixel to long thin strips', () => {
    for (const [input, output] of [
      [
        { width: 1, height: 1 },
        { width: 9, height: 5 },
      ],
      [
        { width: 9, height: 5 },
        { width: 1, height: 1 },
      ],
      [
        { width: 1, height: 300 },
        { width: 3, height: 7 },
      ],
      [
        { width: 300_000, height: 1 },
        { width: 1001, height: 2 },
      ],
    ] as const) {
      const channels: Channels = 1;
      const data = noise(input.width * input.height, 8, 3);
      assert.equal(resample({ ...input, channels, data }, output).length, output.width * output.height);
    }
  });

  test('colour hidden in transparent pixels does not show', () => {
    const data = new Uint8Array(8 * 4);
    for (let x = 0; x < 8; x++) data.set(x < 4 ? [255, 0, 0, 0] : [0, 0, 255, 255], x * 4);
    const row = resample({ width: 8, height: 1, channels: 4, data }, { width: 13, height: 1 });
    for (let x = 0; x < 13; x++) {
      assert.equal(row[x * 4], 0);
      if (row[x * 4 + 3]! > 0) assert.equal(row[x * 4 + 2], 255);
    }
  });

  test('more rows than the picture has, or a part of a row, are refused', () => {
    const size = { width: 3, height: 2 };
    const make = () => new LanczosRowResampler({ input: size, output: size, channels: 1 });
    assert.throws(() => make().push(new Uint8Array(9)), RangeError);
    assert.throws(() => make().push(new Uint8Array(4)), RangeError);
  });
});
