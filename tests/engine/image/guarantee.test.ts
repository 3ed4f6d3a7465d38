/**
 * The promise to the user, through files and not only in memory: outside the composite mask a result's samples are
 * the source's, whatever the file.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import sharp from 'sharp';
import { bottomOf, maskBounds, rightOf } from '../../../engine/image/bounds.ts';
import { decode, decodeMask, encode } from '../../../engine/image/codec.ts';
import { compositeOver } from '../../../engine/image/composite.ts';
import { contextBounds } from '../../../engine/image/context.ts';
import { cropMask, cropPicture } from '../../../engine/image/crop.ts';
import { compositeMask } from '../../../engine/image/mask.ts';
import { maxSample } from '../../../engine/image/picture.ts';
import { pngChunk } from '../../../engine/image/png-chunks.ts';
import { anyChannels, anyDepth, maskOf, noisePicture } from './arbitraries.ts';

const side = fc.integer({ min: 1, max: 33 });
const anyFile = fc.record({
  size: fc.record({ width: side, height: side }),
  channels: anyChannels,
  depth: anyDepth,
  tagged: fc.boolean(),
  orientation: fc.integer({ min: 1, max: 8 }),
  seed: fc.nat(),
});

test('outside the composite mask every sample is the source file’s', async () => {
  const p3 = await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
    .withIccProfile('p3')
    .png()
    .toBuffer();
  const icc = new Uint8Array((await sharp(p3).metadata()).icc!);
  const anyCase = anyFile.chain((file) => {
    const { width, height } = file.size;
    const upright = file.orientation >= 5 ? { width: height, height: width } : file.size;
    return fc.tuple(fc.constant(file), maskOf(upright), fc.integer({ min: 0, max: 3 }));
  });
  await fc.assert(
    fc.asyncProperty(anyCase, async ([file, userMask, feather]) => {
      const { size, channels, depth, seed } = file;
      const stored = noisePicture(size, { channels, depth, seed });
      const tagged = file.tagged && channels >= 3 ? { ...stored, icc } : stored;
      const png = await encode(tagged, { format: 'png', quality: 90 });
      const rotated = withOrientation(png, file.orientation);

      const source = await decode({ format: 'png', bytes: rotated });
      const { width, height } = source;
      assert.deepEqual([width, height], [userMask.width, userMask.height]);
      const maskPayload = { format: 'gray8', width, height, bytes: userMask.data } as const;
      const mask = await decodeMask(maskPayload, source);
      const changed = maskBounds(mask);
      fc.pre(changed !== null);
      const composite = compositeMask(mask, { feather, bounds: changed! });
      const rule = { paddingRatio: 0.5, minPadding: 4 };
      const at = contextBounds(maskBounds(composite)!, { canvas: source, rule });
      const context = cropPicture(source, at);
      const fill = { ...context, data: context.data.map((value) => maxSample(context.data) - value) };
      const result = compositeOver(source, { fill, mask: cropMask(composite, at), at });

      const bytes = await encode(result, { format: 'png', quality: 90 });
      const back = await decode({ format: 'png', bytes });
      assert.deepEqual(back.icc, tagged.icc);
      assert.equal(back.channels, channels);
      assert.equal(maxSample(back.data), 2 ** depth - 1);
      const original = await decode({ format: 'png', bytes: rotated });
      assert.ok(rightOf(at) <= width && bottomOf(at) <= height);
      for (let i = 0; i < composite.data.length; i++) {
        for (let c = 0; c < channels; c++) {
          const value = back.data[i * channels + c];
          const kept = original.data[i * channels + c]!;
          if (composite.data[i] === 0) assert.equal(value, kept);
          if (mask.data[i] === 255) assert.equal(value, maxSample(back.data) - kept);
        }
      }
    }),
    { numRuns: 120 },
  );
});

/** The PNG with an eXIf chunk that has nothing but the orientation. */
function withOrientation(png: Uint8Array, orientation: number): Uint8Array {
  const exif = Buffer.from('4d4d002a00000008000101120003000000010000000000000000', 'hex');
  exif.writeUInt16BE(orientation, 18);
  const headerBytes = 33;
  return Buffer.concat([png.subarray(0, headerBytes), pngChunk('eXIf', exif), png.subarray(headerBytes)]);
}
