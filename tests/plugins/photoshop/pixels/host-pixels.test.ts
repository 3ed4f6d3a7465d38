import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHost16 } from '../../../../plugins/photoshop/pixels/depth.ts';
import {
  deepMask,
  type HostPixels,
  isBlank,
  isSameMask,
  maskPixels,
  sourcePixels,
} from '../../../../plugins/photoshop/pixels/host-pixels.ts';
import { type Bounds, intersect } from '../../../../plugins/shared/picture/geometry.ts';

const bounds = fc.record({
  left: fc.integer({ min: -9, max: 9 }),
  top: fc.integer({ min: -9, max: 9 }),
  width: fc.integer({ min: 1, max: 9 }),
  height: fc.integer({ min: 1, max: 9 }),
});

function pixelsOf(at: Bounds, components: number, samples: number[]): HostPixels {
  const length = at.width * at.height * components;
  return {
    bounds: at,
    components,
    samples: Uint8Array.from({ length }, (_, i) => samples[i % samples.length]!),
  };
}

/** One pixel by its place in the document, by plain arithmetic. */
function sampleAt({ samples, components, bounds: at }: HostPixels, x: number, y: number): number[] {
  const from = ((y - at.top) * at.width + x - at.left) * components;
  return [...samples.subarray(from, from + components)];
}

function isInside({ left, top, width, height }: Bounds, x: number, y: number): boolean {
  return x >= left && x < left + width && y >= top && y < top + height;
}

test('trimmed pixels lie where they were, with nothing around them', async () => {
  const samples = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 40 });
  const property = fc.asyncProperty(
    bounds,
    bounds,
    fc.constantFrom(3, 4),
    samples,
    async (at, area, components, values) => {
      const pixels = pixelsOf(at, components, values);
      const { format, bytes } = await sourcePixels(pixels, area);
      const channels = format === 'rgb8' ? 3 : 4;
      assert.equal(bytes.length, area.width * area.height * channels);
      for (let y = area.top; y < area.top + area.height; y++) {
        for (let x = area.left; x < area.left + area.width; x++) {
          const from = ((y - area.top) * area.width + x - area.left) * channels;
          const actual = [...bytes.subarray(from, from + channels)];
          const opaque = channels === 4 && components === 3 ? [255] : [];
          const expected = isInside(at, x, y)
            ? [...sampleAt(pixels, x, y), ...opaque]
            : new Array(channels).fill(0);
          assert.deepEqual(actual, expected);
        }
      }
    },
  );
  await fc.assert(property, { numRuns: 150 });
});

test('opaque pixels of all the area go without alpha, and without a copy', async () => {
  const area: Bounds = { left: 3, top: 4, width: 2, height: 2 };
  const pixels = pixelsOf(area, 3, [1, 2, 3]);
  const { format, bytes } = await sourcePixels(pixels, area);
  assert.equal(format, 'rgb8');
  assert.equal(bytes, pixels.samples);
});

test('an area without a pixel is all transparent', async () => {
  const source = await sourcePixels(undefined, { left: 0, top: 0, width: 3, height: 2 });
  assert.deepEqual(source, { format: 'rgba8', bytes: new Uint8Array(24) });
});

test('grey pixels become grey colours, with their own alpha', async () => {
  const area: Bounds = { left: 0, top: 0, width: 1, height: 1 };
  const grey = await sourcePixels({ samples: Uint8Array.of(9), components: 1, bounds: area }, area);
  assert.deepEqual([grey.format, ...grey.bytes], ['rgb8', 9, 9, 9]);
  const half = await sourcePixels({ samples: Uint8Array.of(9, 128), components: 2, bounds: area }, area);
  assert.deepEqual([half.format, ...half.bytes], ['rgba8', 9, 9, 9, 128]);
});

test('deep pixels are sent with 16 bits over the whole range', async () => {
  const area: Bounds = { left: 0, top: 0, width: 1, height: 1 };
  const samples = Uint16Array.of(0, 16_384, 32_768);
  const { format, bytes } = await sourcePixels({ samples, components: 3, bounds: area }, area);
  assert.equal(format, 'rgb16');
  assert.deepEqual([...new Uint16Array(bytes.buffer)], [0, fromHost16(16_384), 65_535]);
  const light = Float32Array.of(0, 2, 1, 0.5);
  const linear = await sourcePixels({ samples: light, components: 4, bounds: area }, area);
  assert.equal(linear.format, 'rgba16');
  assert.deepEqual([...new Uint16Array(linear.bytes.buffer)], [0, 65_535, 65_535, 32_768]);
});

test('deep pixels of a part of the area are opaque there and nothing elsewhere', async () => {
  const area: Bounds = { left: 0, top: 0, width: 2, height: 1 };
  const at: Bounds = { left: 1, top: 0, width: 1, height: 1 };
  const samples = Uint16Array.of(32_768, 0, 32_768);
  const { format, bytes } = await sourcePixels({ samples, components: 3, bounds: at }, area);
  assert.equal(format, 'rgba16');
  assert.deepEqual([...new Uint16Array(bytes.buffer)], [0, 0, 0, 0, 65_535, 0, 65_535, 65_535]);
});

test('a mask is 0 outside of what Photoshop gave of it', async () => {
  const property = fc.asyncProperty(bounds, bounds, fc.boolean(), async (at, area, isDeep) => {
    const shallow = pixelsOf(at, 1, [255, 1, 128, 0]);
    const samples = isDeep ? await deepMask(shallow.samples as Uint8Array, at) : shallow.samples;
    const mask = await maskPixels({ ...shallow, samples }, area);
    assert.equal(mask.length, area.width * area.height);
    const inside = intersect(at, area);
    for (const [index, value] of mask.entries()) {
      const x = area.left + (index % area.width);
      const y = area.top + Math.floor(index / area.width);
      assert.equal(value, isInside(inside, x, y) ? sampleAt(shallow, x, y)[0] : 0);
    }
  });
  await fc.assert(property, { numRuns: 150 });
});

test('no mask at all is black', async () => {
  assert.deepEqual(await maskPixels(undefined, { left: 0, top: 0, width: 2, height: 1 }), new Uint8Array(2));
});

test('only a mask without a selected pixel is blank', () => {
  const at: Bounds = { left: 0, top: 0, width: 3, height: 1 };
  assert.equal(isBlank({ samples: Uint8Array.of(0, 0, 0), components: 1, bounds: at }), true);
  assert.equal(isBlank({ samples: Uint8Array.of(0, 0, 1), components: 1, bounds: at }), false);
  assert.equal(isBlank({ samples: Float32Array.of(0, 0.001, 0), components: 1, bounds: at }), false);
});

test('masks are the same up to the tolerance, and no further', async () => {
  const options = { width: 2, tolerance: 1 };
  const mask = Uint8Array.of(0, 10, 200, 255);
  assert.equal(await isSameMask(mask, Uint8Array.of(1, 9, 200, 254), options), true);
  assert.equal(await isSameMask(mask, Uint8Array.of(0, 12, 200, 255), options), false);
  assert.equal(await isSameMask(mask, Uint8Array.of(0, 10), options), false);
});
