import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { launchBrowser, type ModulePage, openModule, skipWithoutBrowser } from '../../../browser.ts';
import { noise } from '../document/arbitraries.ts';

type Opened = { width: number; height: number; data: number[]; code?: string; message: string; hint: string };

describe('picture files', { skip: skipWithoutBrowser }, () => {
  let browser: Browser;
  let module: ModulePage;
  before(async () => {
    browser = await launchBrowser();
    module = await openModule(browser, path.join(import.meta.dirname, 'picture-file.page.ts'));
  });
  after(async () => {
    await module?.close();
    await browser?.close();
  });
  const open = (bytes: Buffer) => module.call<Opened>('open', [...bytes]);

  test('a PNG saved and opened again is the same in every byte, with alpha and without', async () => {
    assert.equal(await module.call('roundTrip', 301, 203, true), 0);
    assert.equal(await module.call('roundTrip', 301, 203, false), 0);
    assert.equal(await module.call('roundTrip', 1, 1, false), 0);
    assert.equal(
      await module.call('roundTrip', 2500, 2100, true),
      0,
      'larger than the canvas it is read through',
    );
  });

  test('a PNG of another program is read exactly: RGBA, grey with alpha, palette, 16 bits', async () => {
    const rgba = noise(40 * 30 * 4, 1);
    const raw = { raw: { width: 40, height: 30, channels: 4 as const } };
    assert.deepEqual((await open(await sharp(rgba, raw).png().toBuffer())).data, [...rgba]);

    const greyAlpha = noise(40 * 30 * 2, 2);
    const grey = await sharp(greyAlpha, { raw: { width: 40, height: 30, channels: 2 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    const greyPixels = Array.from({ length: 1200 }, (_, i) => [
      greyAlpha[2 * i]!,
      greyAlpha[2 * i]!,
      greyAlpha[2 * i]!,
      greyAlpha[2 * i + 1]!,
    ]).flat();
    assert.deepEqual((await open(grey)).data, greyPixels);

    const colors = [255, 0, 0, 255, 10, 200, 30, 90, 0, 0, 90, 0, 7, 8, 9, 200];
    const few = Uint8Array.from(
      { length: 40 * 30 * 4 },
      (_, i) => colors[(Math.floor(i / 4) % 4) * 4 + (i % 4)]!,
    );
    const palette = await sharp(few, raw).png({ palette: true, dither: 0 }).toBuffer();
    const expected = await sharp(palette).ensureAlpha().raw().toBuffer();
    assert.deepEqual((await open(palette)).data, [...expected]);

    const deep = Uint16Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * 7919) % 65536);
    const sixteen = await sharp(deep, { raw: { width: 40, height: 30, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    const { data } = await open(sixteen);
    assert.equal((await sharp(sixteen).metadata()).depth, 'ushort');
    for (let i = 0; i < 1200; i++) {
      for (let c = 0; c < 3; c++) assert.equal(data[i * 4 + c], Math.round(deep[i * 3 + c]! / 257));
    }
  });

  test('a photo is turned as its EXIF orientation says', async () => {
    const pixels = Buffer.alloc(16 * 8 * 3, 20);
    for (let y = 0; y < 8; y++) pixels.fill(240, y * 48, y * 48 + 24);
    const jpeg = await sharp(pixels, { raw: { width: 16, height: 8, channels: 3 } })
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 100 })
      .toBuffer();
    const { width, height, data } = await open(jpeg);
    assert.deepEqual([width, height], [8, 16]);
    assert.ok(data[0]! > 200 && data[15 * 8 * 4]! < 60, 'the left half is on top');
  });

  test('what is no picture, damaged, of a foreign kind or too large is told with what to do', async () => {
    const png = await sharp(noise(40 * 30 * 4, 1), { raw: { width: 40, height: 30, channels: 4 } })
      .png()
      .toBuffer();
    const jpeg = await sharp(png).jpeg().toBuffer();
    const wide = Buffer.from(png);
    wide.writeUInt32BE(2001, 16);
    const many = Buffer.from(png);
    many.writeUInt32BE(1001, 16);
    many.writeUInt32BE(1000, 20);
    const cases: readonly (readonly [string, Buffer, RegExp])[] = [
      ['not-a-picture', Buffer.from('Dear reader, this is a letter.'), /not a picture/],
      ['damaged', Buffer.alloc(0), /empty/],
      ['damaged', png.subarray(0, png.length / 2), /damaged/],
      ['damaged', jpeg.subarray(0, 200), /damaged/],
      ['unsupported', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic'), /HEIC/],
      ['unsupported', Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'), /SVG/],
      ['too-large', wide, /2001 × 30 pixels; no side may be longer than 2000/],
      ['too-large', many, /1001 × 1000 pixels, 1\.0 megapixels; at most 1\.0 can be edited/],
    ];
    for (const [code, bytes, message] of cases) {
      const result = await open(bytes);
      assert.equal(result.code, code, result.message);
      assert.match(result.message, message);
      assert.match(result.hint, /\w.*\.$/);
    }
    const atLimit = Buffer.alloc(2000 * 500 * 3, 9);
    const largest = await sharp(atLimit, { raw: { width: 2000, height: 500, channels: 3 } })
      .png()
      .toBuffer();
    assert.equal(await module.call('openWidth', [...largest]), 2000, 'at both limits');
  });

  test('JPEG is laid on white, WebP and PNG keep transparency', async () => {
    const near = (actual: readonly number[], expected: readonly number[]) =>
      assert.ok(
        actual.every((value, i) => Math.abs(value - expected[i]!) <= 4),
        `${actual} is not about ${expected}`,
      );
    type Saved = { type: string; pixel: number[] };
    const jpeg = await module.call<Saved>('saveFlat', [200, 0, 0, 128], 'jpeg');
    assert.equal(jpeg.type, 'image/jpeg');
    near(jpeg.pixel, [227, 127, 127, 255]);
    const webp = await module.call<Saved>('saveFlat', [200, 0, 0, 128], 'webp');
    assert.equal(webp.type, 'image/webp');
    near(webp.pixel, [200, 0, 0, 128]);
    const png = await module.call<Saved>('saveFlat', [200, 10, 3, 1], 'png');
    assert.deepEqual(png, { type: 'image/png', pixel: [200, 10, 3, 1] });
  });
});
