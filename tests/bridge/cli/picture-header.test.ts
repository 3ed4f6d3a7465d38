import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import sharp from 'sharp';
import { readPictureHeader } from '../../../bridge/cli/picture-header.ts';

const formats = ['png', 'jpeg', 'webp', 'tiff'] as const;
/** EXIF orientations from 5 on turn the picture by a quarter. */
const orientations = [1, 2, 3, 4, 5, 6, 7, 8];

function encoded(format: (typeof formats)[number], width: number, height: number, orientation?: number) {
  const picture = sharp({ create: { width, height, channels: 3, background: '#7a5' } });
  return (orientation === undefined ? picture : picture.withMetadata({ orientation }))
    .toFormat(format)
    .toBuffer();
}

for (const format of formats) {
  describe(format, () => {
    test('has the size that a decoder finds, 1 pixel included', async () => {
      const sides = fc.integer({ min: 1, max: 300 });
      const sizes = fc.tuple(sides, sides);
      await fc.assert(
        fc.asyncProperty(sizes, async ([width, height]) => {
          const file = await encoded(format, width, height);
          assert.deepEqual(readPictureHeader(file), { format, width, height });
        }),
        { numRuns: 12, examples: [[[1, 1]], [[1, 300]]] },
      );
    });

    test('is turned by its orientation as the decoder turns it', async () => {
      for (const orientation of orientations) {
        const file = await encoded(format, 30, 20, orientation);
        const { autoOrient } = await sharp(file).metadata();
        const { width, height } = autoOrient;
        assert.deepEqual(readPictureHeader(file), { format, width, height }, `orientation ${orientation}`);
      }
    });

    test('cut anywhere gives the right size or none, and never an error', async () => {
      const file = await encoded(format, 30, 20, 6);
      for (let length = 0; length <= file.length; length++) {
        const header = readPictureHeader(file.subarray(0, length));
        if (header === undefined) continue;
        assert.equal(header.format, format);
        assert.deepEqual([header.width, header.height].sort(), [20, 30]);
      }
    });

    test('damaged anywhere is never an error, and always over soon', async () => {
      const file = await encoded(format, 30, 20, 6);
      fc.assert(
        fc.property(fc.integer({ min: 2, max: file.length - 1 }), fc.nat(255), (at, value) => {
          const damaged = Buffer.from(file);
          damaged[at] = value;
          readPictureHeader(damaged);
        }),
        { numRuns: 2_000 },
      );
    });
  });
}

test('lossless WebP and big-endian TIFF have their sizes, too', async () => {
  const lossless = await sharp({ create: { width: 33, height: 7, channels: 4, background: '#0000' } })
    .webp({ lossless: true })
    .toBuffer();
  assert.deepEqual(readPictureHeader(lossless), { format: 'webp', width: 33, height: 7 });
  const entry = (tag: number, type: number, value: number) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16BE(tag, 0);
    bytes.writeUInt16BE(type, 2);
    bytes.writeUInt32BE(1, 4);
    if (type === 3) bytes.writeUInt16BE(value, 8);
    else bytes.writeUInt32BE(value, 8);
    return bytes;
  };
  const bigEndian = Buffer.concat([
    Buffer.from('MM\0*\0\0\0\x08\0\x03', 'latin1'),
    entry(256, 3, 500),
    entry(257, 4, 70_000),
    entry(274, 3, 6),
  ]);
  assert.deepEqual(readPictureHeader(bigEndian), { format: 'tiff', width: 70_000, height: 500 });
});

test('what is no picture has no header', () => {
  for (const text of ['', '\xff', 'GIF89a', 'RIFF....WAVE', '%PDF-1.7', 'hello world']) {
    assert.equal(readPictureHeader(Buffer.from(text, 'latin1')), undefined);
  }
});
