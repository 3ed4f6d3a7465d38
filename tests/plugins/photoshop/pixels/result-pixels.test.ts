import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type HostPixels, sourcePixels } from '../../../../plugins/photoshop/pixels/host-pixels.ts';
import { layerPixels, maskAround } from '../../../../plugins/photoshop/pixels/result-pixels.ts';
import type { Bounds } from '../../../../plugins/shared/picture/geometry.ts';

const area: Bounds = { left: 5, top: -2, width: 3, height: 2 };

function samplesFor(depth: 8 | 16, components: number, seed: number): Uint8Array | Uint16Array {
  const length = area.width * area.height * components;
  const white = depth === 8 ? 255 : 32_768;
  const value = (_: unknown, index: number) => (seed * 7919 + index * 104_729) % (white + 1);
  return depth === 8 ? Uint8Array.from({ length }, value) : Uint16Array.from({ length }, value);
}

test('pixels that were sent and come back unchanged are the document’s own to the bit', async () => {
  const property = fc.asyncProperty(
    fc.constantFrom(8 as const, 16 as const),
    fc.constantFrom(3, 4),
    fc.nat(),
    async (depth, components, seed) => {
      const samples = samplesFor(depth, components, seed);
      const { format, bytes } = await sourcePixels({ samples, components, bounds: area } as HostPixels, area);
      const layer = await layerPixels({ format, bytes, ...area }, { depth });
      assert.deepEqual(layer, { samples, components, bounds: area });
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

test('a part of a picture is cut out of it where it lies in the document', async () => {
  const bytes = Uint8Array.from({ length: 3 * 3 * 3 }, (_, index) => index);
  const picture = { format: 'rgb8', left: 10, top: 20, width: 3, height: 3, bytes };
  const part: Bounds = { left: 11, top: 21, width: 9, height: 1 };
  const layer = await layerPixels(picture, { depth: 8, area: part });
  assert.deepEqual(layer.bounds, { left: 11, top: 21, width: 2, height: 1 });
  assert.deepEqual([...layer.samples], [12, 13, 14, 15, 16, 17]);
});

test('8 bits are put into a deep document over its whole range, alpha too', async () => {
  const bytes = Uint8Array.of(0, 255, 128, 255);
  const picture = { format: 'rgba8', left: 0, top: 0, width: 1, height: 1, bytes };
  const deep = await layerPixels(picture, { depth: 16 });
  assert.deepEqual(deep.samples, Uint16Array.of(0, 32_768, 16_448, 32_768));
  const linear = await layerPixels({ ...picture, bytes: Uint8Array.of(0, 255, 128, 128) }, { depth: 32 });
  assert.ok(linear.samples instanceof Float32Array);
  const [red, green, blue, alpha] = linear.samples;
  assert.deepEqual([red, green], [0, 1]);
  assert.ok(Math.abs(blue! - 0.21586) < 1e-4);
  assert.ok(Math.abs(alpha! - 128 / 255) < 1e-6);
});

test('16-bit bytes at an odd place in memory are read all the same', async () => {
  const memory = new Uint8Array(7);
  memory.set([0xff, 0xff, 0, 0, 0xff, 0x7f], 1);
  const bytes = memory.subarray(1);
  const layer = await layerPixels(
    { format: 'rgb16', left: 0, top: 0, width: 1, height: 1, bytes },
    { depth: 16 },
  );
  assert.deepEqual(layer.samples, Uint16Array.of(32_768, 0, 16_384));
});

test('an encoded picture is refused with what was expected', async () => {
  const picture = { format: 'png', left: 0, top: 0, width: 1, height: 1, bytes: new Uint8Array(3) };
  await assert.rejects(layerPixels(picture, { depth: 8 }), /Expected a raw picture .* received "png"/);
});

test('the mask around an old picture shows the margins and nothing else', () => {
  const inner: Bounds = { left: 1, top: 0, width: 2, height: 1 };
  const mask = maskAround(inner, { left: 0, top: 0, width: 3, height: 2 });
  assert.deepEqual([...mask], [255, 0, 0, 255, 255, 255]);
  const strip = maskAround(inner, { left: 0, top: 0, width: 1, height: 2 });
  assert.deepEqual([...strip], [255, 255]);
});
