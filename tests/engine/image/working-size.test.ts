import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EngineError } from '../../../engine/errors.ts';
import { type SizeLimits, workingSize } from '../../../engine/image/working-size.ts';

/** Acly/krita-ai-diffusion's limits for Stable Diffusion 1.5, with that network's multiple. */
const sd15: SizeLimits = {
  minSide: 512,
  maxSide: 768,
  minPixels: 512 * 512,
  maxPixels: 512 * 768,
  multiple: 8,
};
const sdxl: SizeLimits = {
  minSide: 640,
  maxSide: 1280,
  minPixels: 800 * 800,
  maxPixels: 1024 * 1024,
  multiple: 8,
};

const side = fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 300_000 }));
const anyContext = fc.record({ width: side, height: side });
const anyLimits = fc.constantFrom(sd15, sdxl, { ...sd15, multiple: 64 }, { ...sdxl, multiple: 16 });

test('sides are multiples, never above the maxima, and the aspect is off by at most the rounding', () => {
  fc.assert(
    fc.property(anyContext, anyLimits, (context, limits) => {
      const { width, height } = workingSize(context, limits);
      const { multiple } = limits;
      assert.equal(width % multiple, 0);
      assert.equal(height % multiple, 0);
      assert.ok(Math.max(width, height) <= limits.maxSide);
      assert.ok(width * height <= limits.maxPixels);
      const [long, short, contextLong, contextShort] =
        context.width >= context.height
          ? [width, height, context.width, context.height]
          : [height, width, context.height, context.width];
      const exactShort = (long * contextShort) / contextLong;
      assert.ok(short === multiple || Math.abs(short - exactShort) <= multiple / 2);
    }),
    { numRuns: 1000 },
  );
});

test('the minima hold wherever any size of that aspect keeps both minima and maxima', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 150 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 2000 }),
      (ratio, turned, scale) => {
        const long = Math.ceil((scale * ratio) / 100);
        const context = turned ? { width: scale, height: long } : { width: long, height: scale };
        fc.pre(long * 2 <= scale * 3);
        const { width, height } = workingSize(context, sd15);
        assert.ok(Math.min(width, height) >= sd15.minSide);
        assert.ok(width * height >= sd15.minPixels);
      },
    ),
  );
});

test('a context within the limits keeps its size up to the multiple', () => {
  assert.deepEqual(workingSize({ width: 600, height: 520 }, sd15), { width: 600, height: 520 });
  assert.deepEqual(workingSize({ width: 900, height: 1000 }, sdxl), { width: 904, height: 1000 });
});

test('a small context is enlarged to the minimum, a large one reduced to the maximum', () => {
  assert.deepEqual(workingSize({ width: 100, height: 100 }, sd15), { width: 512, height: 512 });
  assert.deepEqual(workingSize({ width: 6000, height: 4000 }, sd15), { width: 768, height: 512 });
  assert.deepEqual(workingSize({ width: 5000, height: 5000 }, sdxl), { width: 1024, height: 1024 });
});

test('a strip too thin for the shortest side gets the largest size the maxima allow', () => {
  assert.deepEqual(workingSize({ width: 4000, height: 100 }, sd15), { width: 768, height: 16 });
  assert.deepEqual(workingSize({ width: 1, height: 300_000 }, sd15), { width: 8, height: 768 });
});

test('limits that not even one multiple fits are refused', () => {
  const tooSmall = { ...sd15, multiple: 64, maxSide: 63 };
  assert.throws(
    () => workingSize({ width: 10, height: 10 }, tooSmall),
    (error) => error instanceof EngineError && error.code === 'invalid-option',
  );
  assert.deepEqual(workingSize({ width: 10, height: 10 }, { ...tooSmall, maxSide: 64 }), {
    width: 64,
    height: 64,
  });
});
