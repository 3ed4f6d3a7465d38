import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CannyOptions, canny } from '../../../engine/control/canny.ts';
import { greyRows } from '../../../engine/control/grey.ts';
import { anyImage, atLeisure, constantImage } from './arbitraries.ts';
import { imageOf, openCvCases } from './goldens.ts';

const defaults: CannyOptions = { lowThreshold: 100, highThreshold: 200, l2Gradient: 0, grey: 0 };

test("grey is OpenCV's, bit for bit", async () => {
  for (const { picture, grey } of openCvCases) {
    const image = await imageOf(picture);
    const own = new Uint8Array(image.width * image.height);
    greyRows(image, own, { first: 0, end: image.height });
    const expected = (await imageOf(grey)).data.filter((_, i) => i % 3 === 0);
    assert.deepEqual(own, expected);
  }
});

test("edges are OpenCV's, bit for bit: L1 and L2, of grey and of colours, odd sizes, a row, a column, a pixel", async () => {
  let edgePixels = 0;
  for (const { picture, canny: maps } of openCvCases) {
    const image = await imageOf(picture);
    for (const { map, ...options } of maps) {
      const { width, height, data } = await canny(image, options, atLeisure);
      const expected = await imageOf(map);
      const what = `${width} x ${height} px, ${JSON.stringify(options)}`;
      assert.deepEqual([width, height], [expected.width, expected.height]);
      assert.ok(Buffer.from(data).equals(expected.data), what);
      edgePixels += expected.data.filter((value) => value === 255).length / 3;
    }
  }
  assert.ok(edgePixels > 5000, `${edgePixels} edge pixels are too few to tell`);
});

test('a higher threshold never adds an edge, and all are black or white', async () => {
  const thresholds = fc
    .tuple(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 1000 }), fc.nat(200))
    .map(([a, b, more]) => ({ low: Math.min(a, b), high: Math.max(a, b), more }));
  await fc.assert(
    fc.asyncProperty(anyImage, thresholds, async (image, { low, high, more }) => {
      const edges = await canny(image, { ...defaults, lowThreshold: low, highThreshold: high }, atLeisure);
      const fewer = await canny(
        image,
        { ...defaults, lowThreshold: low, highThreshold: high + more },
        atLeisure,
      );
      for (const [i, value] of edges.data.entries()) {
        assert.ok(value === 0 || value === 255);
        assert.ok(fewer.data[i]! <= value);
      }
    }),
    { numRuns: 50 },
  );
});

test('one colour has no edges', async () => {
  for (const value of [0, 128, 255]) {
    const image = constantImage({ width: 33, height: 17 }, value);
    const { data } = await canny(image, { ...defaults, lowThreshold: 0, highThreshold: 0 }, atLeisure);
    assert.ok(data.every((sample) => sample === 0));
  }
});

test('a large picture leaves others their turn, tells its progress up to the end, and can be cancelled', async () => {
  const image = constantImage({ width: 2048, height: 1024 }, 9);
  for (let i = 0; i < image.data.length; i += 7) image.data[i] = 255;
  const steps: number[] = [];
  let turns = 0;
  const countTurn = () => {
    turns++;
    next = setImmediate(countTurn);
  };
  let next = setImmediate(countTurn);
  await canny(image, defaults, { ...atLeisure, onProgress: (step, all) => steps.push(step / all) });
  clearImmediate(next);
  assert.ok(steps.length > 10 && steps.at(-1) === 1 && steps.every((step, i) => step >= (steps[i - 1] ?? 0)));
  assert.ok(turns > 10, `others had ${turns} turns`);
  const controller = new AbortController();
  const cancelled = canny(image, defaults, {
    signal: controller.signal,
    onProgress: (step, all) => step / all > 0.3 && controller.abort(),
  });
  await assert.rejects(cancelled, { name: 'AbortError' });
});
