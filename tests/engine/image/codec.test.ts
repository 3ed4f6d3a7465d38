import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import sharp from 'sharp';
import { encodedFormats, type ImageFormat, type ImagePayload, rawFormats } from '../../../engine/api.ts';
import { EngineError, type EngineErrorCode } from '../../../engine/errors.ts';
import {
  decode,
  decodeMask,
  encode,
  encodePreview,
  MAX_INPUT_PIXELS,
  MAX_INPUT_SIDE,
} from '../../../engine/image/codec.ts';
import type { Channels, Picture } from '../../../engine/image/picture.ts';
import { headerChunk, pngChunk, pngSignature } from '../../../engine/image/png-chunks.ts';
import { sampleFormatOf } from '../../../engine/image/samples.ts';
import { noisePicture } from './arbitraries.ts';

/** A real profile of a wide colour space: converting to sRGB would change nearly every pixel. */
async function displayP3(): Promise<Uint8Array> {
  const tagged = await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
    .withIccProfile('p3')
    .png()
    .toBuffer();
  const { icc } = await sharp(tagged).metadata();
  assert.ok(icc !== undefined);
  return new Uint8Array(icc);
}

/** The profile for a picture of so many channels: libpng drops an RGB profile from a grey PNG. */
function profileFor(channels: Channels, rgb: Uint8Array): Uint8Array {
  const profile = rgb.slice();
  const colourSpaceField = 16;
  if (channels <= 2) profile.set(Buffer.from('GRAY', 'latin1'), colourSpaceField);
  return profile;
}

function rejectsWith(code: EngineErrorCode, pattern: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof EngineError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, pattern);
    return true;
  };
}

const everyFormat = ([1, 2, 3, 4] as const).flatMap((channels) =>
  ([8, 16] as const).map((depth) => ({ channels, depth })),
);

/** Smooth enough for lossy formats to come back close. */
function gradient(width: number, height: number, channels: Channels): Picture {
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / channels);
    const isAlpha = (channels === 2 || channels === 4) && i % channels === channels - 1;
    data[i] = isAlpha ? 255 : 40 + ((pixel % width) + Math.floor(pixel / width)) * 2 + (i % channels) * 20;
  }
  return { width, height, channels, data };
}

function bytesPicture(picture: Picture, format: ImageFormat): ImagePayload {
  const { width, height, data } = picture;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { format, width, height, bytes };
}

describe('decode and encode', () => {
  test('PNG and TIFF give back every sample and the profile of every channel count and depth', async () => {
    const p3 = await displayP3();
    for (const format of ['png', 'tiff'] as const) {
      for (const sampleFormat of everyFormat) {
        for (const [width, height] of [
          [1, 1],
          [13, 7],
          [1, 29],
        ] as const) {
          const icc = profileFor(sampleFormat.channels, p3);
          const picture = { ...noisePicture({ width, height }, sampleFormat), icc };
          const bytes = await encode(picture, { format, quality: 90 });
          assert.deepEqual(await decode({ format, bytes }), picture);
          const { icc: _, ...untagged } = picture;
          const plain = await encode(untagged, { format, quality: 90 });
          assert.deepEqual(await decode({ format, bytes: plain }), untagged);
        }
      }
    }
  });

  test('all encoded formats keep the profile byte for byte, and colours are not converted', async () => {
    const p3 = await displayP3();
    // Larger than one JPEG segment holds, of odd length, which version 2 of the format allows.
    const long = new Uint8Array(150_001);
    long.set(p3);
    long[8] = 2;
    new DataView(long.buffer).setUint32(0, long.length);
    for (const profile of [p3, long]) {
      for (const format of encodedFormats) {
        for (const channels of [1, 3, 4] as const) {
          const icc = profileFor(channels, profile);
          const picture = { ...gradient(40, 30, channels), icc };
          const bytes = await encode(picture, { format, quality: 100 });
          const metadata = await sharp(bytes).metadata();
          assert.deepEqual(new Uint8Array(metadata.icc!), icc, `${format} ${channels}`);
          const decoded = await decode({ format, bytes });
          assert.deepEqual(decoded.icc, icc);
          const step = decoded.channels;
          for (let i = 0; i < 40 * 30; i++) {
            const difference = Math.abs(decoded.data[i * step]! - picture.data[i * channels]!);
            assert.ok(difference <= 4, `${format} ${channels}: off by ${difference}`);
          }
        }
      }
    }
  });

  test('an announced size must be that of the upright picture', async () => {
    const bytes = await sharp({ create: { width: 6, height: 4, channels: 3, background: 'red' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const { width, height } = await decode({ format: 'jpeg', bytes, width: 4, height: 6 });
    assert.deepEqual([width, height], [4, 6]);
    await assert.rejects(
      decode({ format: 'jpeg', bytes, width: 6, height: 4 }),
      rejectsWith('invalid-image', /6 x 4 px, as announced, received 4 x 6 px/),
    );
  });

  test('EXIF orientation is applied, for each of its eight values', async () => {
    const upright = noisePicture({ width: 5, height: 3 }, { channels: 3, depth: 8 });
    const at = (x: number, y: number) => [...upright.data.slice((y * 5 + x) * 3, (y * 5 + x) * 3 + 3)];
    // Where the upright picture's (x, y) is stored, by the EXIF standard's words for row 0 and column 0.
    const stored: Record<number, (x: number, y: number) => [number, number]> = {
      1: (x, y) => [x, y],
      2: (x, y) => [4 - x, y],
      3: (x, y) => [4 - x, 2 - y],
      4: (x, y) => [x, 2 - y],
      5: (x, y) => [y, x],
      6: (x, y) => [y, 4 - x],
      7: (x, y) => [2 - y, 4 - x],
      8: (x, y) => [2 - y, x],
    };
    for (const format of ['png', 'tiff'] as const) {
      for (const [orientation, place] of Object.entries(stored)) {
        const turned = Number(orientation) >= 5;
        const [width, height] = turned ? [3, 5] : [5, 3];
        const data = new Uint8Array(45);
        for (let y = 0; y < 3; y++) {
          for (let x = 0; x < 5; x++) {
            const [u, v] = place(x, y);
            data.set(at(x, y), (v * width + u) * 3);
          }
        }
        const options = { raw: { width, height, channels: 3 } } as const;
        const file = await sharp(data, options)
          .withMetadata({ orientation: Number(orientation) })
          .toFormat(format, format === 'tiff' ? { compression: 'none' } : {})
          .toBuffer();
        const decoded = await decode({ format, bytes: file });
        assert.deepEqual(
          { ...decoded, icc: undefined },
          { ...upright, icc: undefined },
          `${format} ${orientation}`,
        );
      }
    }
  });

  test('the content decides over the declared format', async () => {
    const picture = gradient(20, 10, 3);
    for (const actual of encodedFormats) {
      const bytes = await encode(picture, { format: actual, quality: 90 });
      for (const declared of encodedFormats) {
        const { width, height, channels } = await decode({ format: declared, bytes });
        assert.deepEqual({ width, height, channels }, { width: 20, height: 10, channels: 3 });
      }
    }
  });

  test('palettes become RGB, grey stays grey, an animation gives its first frame', async () => {
    const red = { create: { width: 6, height: 4, channels: 3, background: '#ff0000' } } as const;
    const palette = await sharp(red).png({ palette: true }).toBuffer();
    const fromPalette = await decode({ format: 'png', bytes: palette });
    assert.equal(fromPalette.channels, 3);
    assert.deepEqual([...fromPalette.data.slice(0, 3)], [255, 0, 0]);

    const greyJpeg = await encode(gradient(8, 8, 1), { format: 'jpeg', quality: 90 });
    assert.equal((await decode({ format: 'jpeg', bytes: greyJpeg })).channels, 1);

    const frames = ['#ff0000', '#0000ff'].map((background) => ({
      create: { width: 6, height: 4, channels: 3, background } as const,
    }));
    const pngs = await Promise.all(frames.map((frame) => sharp(frame).png().toBuffer()));
    const animated = await sharp(pngs, { join: { animated: true } })
      .webp({ lossless: true })
      .toBuffer();
    const first = await decode({ format: 'webp', bytes: animated });
    assert.equal(first.height, 4);
    assert.deepEqual([...first.data.slice(0, 3)], [255, 0, 0]);
  });

  test('a CMYK JPEG becomes sRGB without its profile', async () => {
    const cmyk = await sharp({ create: { width: 16, height: 16, channels: 3, background: '#00a0ff' } })
      .toColourspace('cmyk')
      .withIccProfile('cmyk')
      .jpeg({ quality: 100 })
      .toBuffer();
    assert.equal((await sharp(cmyk).metadata()).space, 'cmyk');
    const picture = await decode({ format: 'jpeg', bytes: cmyk });
    assert.equal(picture.channels, 3);
    assert.equal(picture.icc, undefined);
    const [red, green, blue] = picture.data;
    assert.ok(red! < 90 && green! > 120 && blue! > 190, `${red} ${green} ${blue}`);
  });

  test('JPEG lays transparent pixels on white', async () => {
    const data = Uint8Array.of(0, 0, 0, 0, 255, 0, 0, 255);
    const wide = new Uint8Array(16 * 16 * 4);
    for (let i = 0; i < 256; i++) wide.set(data.subarray((i % 16 < 8 ? 0 : 1) * 4).slice(0, 4), i * 4);
    const picture: Picture = { width: 16, height: 16, channels: 4, data: wide };
    const bytes = await encode(picture, { format: 'jpeg', quality: 100 });
    const decoded = await decode({ format: 'jpeg', bytes });
    assert.equal(decoded.channels, 3);
    assert.ok([...decoded.data.slice(0, 3)].every((value) => value >= 250));
  });

  test('WebP keeps the colour and alpha of transparent pixels within its loss', async () => {
    const data = new Uint8Array(16 * 16 * 4);
    for (let i = 0; i < 256; i++) data.set([200, 100, 50, i], i * 4);
    const picture: Picture = { width: 16, height: 16, channels: 4, data };
    const bytes = await encode(picture, { format: 'webp', quality: 95 });
    const decoded = await decode({ format: 'webp', bytes });
    assert.equal(decoded.channels, 4);
    for (let i = 0; i < 256; i++) {
      assert.equal(decoded.data[i * 4 + 3], i);
      assert.ok(Math.abs(decoded.data[i * 4]! - 200) <= 8);
    }
  });

  test('the recipe is kept in a PNG text chunk, whatever its characters', async () => {
    const recipe = JSON.stringify({ prompt: 'ein Haus — 家 🏠', seed: 7 });
    const bytes = await encode(gradient(4, 4, 3), { format: 'png', quality: 90, recipe });
    const { comments } = await sharp(bytes).metadata();
    assert.deepEqual(comments, [{ keyword: 'inlay', text: recipe }]);
  });

  test('a format that cannot hold the sides is refused at one pixel past its limit', async () => {
    for (const [format, side] of [
      ['webp', 16_383],
      ['jpeg', 65_500],
    ] as const) {
      const at = { width: side, height: 1, channels: 1, data: new Uint8Array(side) } as const;
      assert.ok((await encode(at, { format, quality: 50 })).length > 0);
      const beyond = { width: side + 1, height: 1, channels: 1, data: new Uint8Array(side + 1) } as const;
      await assert.rejects(
        encode(beyond, { format, quality: 50 }),
        rejectsWith('image-too-large', new RegExp(`${side} px for ${format}, received ${side + 1}`)),
      );
    }
  });

  test('shared memory is taken as any other', async () => {
    const data = new Uint8Array(new SharedArrayBuffer(60));
    data.set(noisePicture({ width: 5, height: 4 }, { channels: 3, depth: 8 }).data);
    const bytes = await encode({ width: 5, height: 4, channels: 3, data }, { format: 'png', quality: 90 });
    assert.deepEqual([...(await decode({ format: 'png', bytes })).data], [...data]);
  });
});

describe('raw formats', () => {
  test('are taken and given bit for bit, at any memory alignment', async () => {
    for (const format of rawFormats) {
      const picture = noisePicture({ width: 7, height: 5 }, sampleFormatOf[format]);
      const payload = bytesPicture(picture, format);
      assert.deepEqual(await decode(payload), picture);
      const misaligned = new Uint8Array(payload.bytes.length + 1).subarray(1);
      misaligned.set(payload.bytes);
      assert.deepEqual(await decode({ ...payload, bytes: misaligned }), picture);
      const given = await encode(picture, { format, quality: 90 });
      assert.deepEqual(Buffer.from(given), Buffer.from(payload.bytes));
    }
  });

  test('must have exactly the bytes that their size says, and a size', async () => {
    const payload = bytesPicture(noisePicture({ width: 7, height: 5 }, { channels: 3, depth: 16 }), 'rgb16');
    for (const length of [0, 209, 211]) {
      await assert.rejects(
        decode({ ...payload, bytes: new Uint8Array(length) }),
        rejectsWith('invalid-image', new RegExp(`210 bytes for 7 x 5 rgb16, received ${length}`)),
      );
    }
    for (const width of [0, -7, 7.5, Number.NaN]) {
      await assert.rejects(decode({ ...payload, width }), rejectsWith('invalid-image', /whole pixels/));
    }
    const { width: _, ...withoutWidth } = payload;
    await assert.rejects(decode(withoutWidth), rejectsWith('invalid-image', /received undefined x 5/));
  });
});

describe('what cannot be decoded', () => {
  test('an empty file, text, and formats we do not read are named', async () => {
    const gif = await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
      .gif()
      .toBuffer();
    for (const [bytes, pattern] of [
      [new Uint8Array(), /received an empty file \(0 bytes\)/],
      [Buffer.from('not a picture'), /received 13 bytes that are no picture/],
      [gif, /received a GIF/],
      [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), /no picture/],
    ] as const) {
      await assert.rejects(decode({ format: 'png', bytes }), rejectsWith('invalid-image', pattern));
    }
  });

  test('a file cut short at any place is an error', async () => {
    const picture = noisePicture({ width: 60, height: 40 }, { channels: 3, depth: 8 });
    for (const format of encodedFormats) {
      const whole = await encode(picture, { format, quality: 90 });
      for (const part of [0.02, 0.3, 0.6, 0.9]) {
        const bytes = whole.subarray(0, Math.floor(whole.length * part));
        await assert.rejects(decode({ format, bytes }), rejectsWith('invalid-image', /undamaged|no picture/));
      }
    }
  });

  test('a small file that claims 30,000 x 30,000 pixels is refused without being decoded', async () => {
    const header = headerChunk({ width: 30_000, height: 30_000, channels: 3, depth: 8 });
    const bytes = Buffer.concat([
      pngSignature,
      header,
      pngChunk('IDAT', new Uint8Array(10)),
      pngChunk('IEND', new Uint8Array()),
    ]);
    const before = process.memoryUsage().rss;
    await assert.rejects(decode({ format: 'png', bytes }), rejectsWith('image-too-large', /30000 x 30000/));
    assert.ok(process.memoryUsage().rss - before < 200 * 2 ** 20);
  });

  test('the limits hold at the limit and one past it', async () => {
    const raw = (width: number, height: number) =>
      decode({ format: 'gray8', width, height, bytes: new Uint8Array(MAX_INPUT_SIDE) });
    assert.equal((await raw(MAX_INPUT_SIDE, 1)).width, MAX_INPUT_SIDE);
    await assert.rejects(raw(MAX_INPUT_SIDE + 1, 1), rejectsWith('image-too-large', /300001 x 1/));
    const side = Math.sqrt(MAX_INPUT_PIXELS);
    await assert.rejects(raw(side, side), rejectsWith('invalid-image', /bytes/));
    await assert.rejects(raw(side + 1, side), rejectsWith('image-too-large', /pixels/));
  });

  test('floating-point samples are refused', async () => {
    const file = await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
      .toColourspace('scrgb')
      .tiff({ compression: 'deflate', predictor: 'float' })
      .toBuffer();
    assert.equal((await sharp(file).metadata()).depth, 'float');
    await assert.rejects(
      decode({ format: 'tiff', bytes: file }),
      rejectsWith('invalid-image', /received scrgb samples of type float/),
    );
  });
});

describe('decodeMask', () => {
  test('white changes, black keeps; colour by luma, alpha multiplies, 16 bits by their upper eight', async () => {
    const mask = async (channels: Channels, pixel: readonly number[], depth: 8 | 16 = 8) => {
      const data = depth === 8 ? Uint8Array.from(pixel) : Uint16Array.from(pixel);
      const bytes = await encode({ width: 1, height: 1, channels, data }, { format: 'png', quality: 90 });
      return (await decodeMask({ format: 'png', bytes }, { width: 1, height: 1 })).data[0];
    };
    assert.equal(await mask(1, [200]), 200);
    assert.equal(await mask(3, [255, 255, 255]), 255);
    assert.equal(await mask(3, [0, 255, 0]), 150);
    assert.equal(await mask(4, [255, 255, 255, 0]), 0);
    assert.equal(await mask(4, [255, 255, 255, 100]), 100);
    assert.equal(await mask(2, [128, 128]), 64);
    assert.equal(await mask(1, [0x80ff], 16), 0x80);
    assert.equal(await mask(1, [0xffff], 16), 255);
    assert.equal(await mask(4, [0xffff, 0xffff, 0xffff, 0xffff], 16), 255);
  });

  test('a mask of another size is refused, both sizes named', async () => {
    const payload: ImagePayload = { format: 'gray8', width: 4, height: 3, bytes: new Uint8Array(12) };
    assert.deepEqual((await decodeMask(payload, { width: 4, height: 3 })).data, new Uint8Array(12));
    await assert.rejects(
      decodeMask(payload, { width: 3, height: 4 }),
      rejectsWith('mask-mismatch', /3 x 4 px like the picture, received 4 x 3 px/),
    );
  });
});

describe('encodePreview', () => {
  test('is a JPEG in proportion, at most as large as asked and never enlarged', async () => {
    for (const { channels, depth } of everyFormat) {
      const picture = noisePicture({ width: 300, height: 150 }, { channels, depth });
      const preview = await encodePreview(picture, 100);
      assert.deepEqual([preview.width, preview.height], [100, 50]);
      const metadata = await sharp(preview.jpeg).metadata();
      assert.deepEqual([metadata.format, metadata.width, metadata.height], ['jpeg', 100, 50]);
      const small = await encodePreview(picture, 1000);
      assert.deepEqual([small.width, small.height], [300, 150]);
    }
  });

  test('carries the profile, so that its colours are shown as the picture is', async () => {
    const icc = await displayP3();
    const { jpeg } = await encodePreview({ ...gradient(30, 30, 3), icc }, 20);
    assert.deepEqual(new Uint8Array((await sharp(jpeg).metadata()).icc!), icc);
  });
});
