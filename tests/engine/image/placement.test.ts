import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { EngineError } from '../../../engine/errors.ts';
import {
  type Bounds,
  boundsOf,
  contains,
  intersect,
  isEmpty,
  type Size,
} from '../../../engine/image/bounds.ts';
import { contextPolicies, diffusionContextSize, MAX_CONTEXT_ASPECT } from '../../../engine/image/context.ts';
import {
  enlargementOf,
  type PlacementOptions,
  placeFill,
  seamBandWidth,
} from '../../../engine/image/placement.ts';
import { workingSideLimits } from '../../../engine/image/working-size.ts';
import { boundsInside } from './arbitraries.ts';

const side = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 1, max: 3000 }),
  fc.constant(30_000),
);
const anyCanvas = fc.oneof(
  fc.record({ width: side, height: side }),
  fc.constant({ width: 30_000, height: 20_000 }),
);
const anyResolution = fc.constantFrom<Size>(
  { width: 512, height: 512 },
  { width: 768, height: 768 },
  { width: 128, height: 128 },
  { width: 512, height: 768 },
);
const anyPolicy = fc.constantFrom(...contextPolicies);
const anyMultiple = fc.constantFrom(8, 64);
const askedSide = fc.integer({ min: 1, max: 16 }).map((n) => n * 64);
const anyChoice = fc.oneof(
  fc.constantFrom('auto' as const, 'native' as const),
  fc.record({ width: askedSide, height: askedSide }),
);

const anyPlace = anyCanvas
  .chain((canvas) => fc.tuple(fc.constant(canvas), maskOn(canvas)))
  .chain(([canvas, mask]) =>
    fc.record({
      mask: fc.constant(mask),
      canvas: fc.constant(canvas),
      policy: anyPolicy,
      workingSize: anyChoice,
      resolution: anyResolution,
      multiple: anyMultiple,
    }),
  );

/** Inside the canvas, a single pixel of it, and over its edge. */
function maskOn(canvas: Size): fc.Arbitrary<Bounds> {
  const inside = boundsInside(canvas);
  const onePixel = inside.map((bounds) => ({ ...bounds, width: 1, height: 1 }));
  const over = fc
    .record({
      left: fc.integer({ min: -50, max: canvas.width - 1 }),
      top: fc.integer({ min: -50, max: canvas.height - 1 }),
      width: fc.integer({ min: 1, max: canvas.width + 100 }),
      height: fc.integer({ min: 1, max: canvas.height + 100 }),
    })
    .filter((bounds) => !isEmpty(intersect(bounds, boundsOf(canvas))));
  return fc.oneof(inside, onePixel, over);
}

const sd1 = { resolution: { width: 512, height: 512 }, multiple: 8 } as const;

function place(mask: Bounds, options: Partial<PlacementOptions> & Pick<PlacementOptions, 'canvas'>) {
  return placeFill(mask, { policy: 'auto', workingSize: 'auto', ...sd1, ...options });
}

describe('placeFill', () => {
  test('a context is whole pixels of the canvas and holds all of the mask that lies on it', () => {
    fc.assert(
      fc.property(anyPlace, ({ mask, ...options }) => {
        const { context } = placeFill(mask, options);
        assert.ok(Object.values(context).every(Number.isInteger));
        assert.ok(contains(boundsOf(options.canvas), context));
        assert.ok(contains(context, intersect(mask, boundsOf(options.canvas))));
      }),
      { numRuns: 1000 },
    );
  });

  test('a working size has sides of whole multiples, and by itself no more pixels than the model knows', () => {
    fc.assert(
      fc.property(anyPlace, ({ mask, ...options }) => {
        const { context, size } = placeFill(mask, options);
        const { multiple, resolution, workingSize } = options;
        for (const length of [size.width, size.height]) {
          assert.ok(length >= multiple && Number.isInteger(length / multiple));
        }
        const pixels = resolution.width * resolution.height;
        if (workingSize === 'auto') {
          assert.ok(size.width * size.height <= pixels);
          const aspect = Math.max(context.width / context.height, context.height / context.width);
          if (aspect <= MAX_CONTEXT_ASPECT) {
            // Rounding both sides down costs at most a multiple of the longer and half a one of the shorter.
            const least =
              (Math.sqrt(pixels * aspect) - 1.5 * multiple) * (Math.sqrt(pixels / aspect) - 1.5 * multiple);
            assert.ok(size.width * size.height >= least, JSON.stringify({ context, size }));
          }
        }
        if (typeof workingSize === 'object') assert.deepEqual(size, { ...workingSize });
      }),
      { numRuns: 1000 },
    );
  });

  test('nothing is stretched by more than the rounding, except into an asked size that the canvas cannot follow', () => {
    fc.assert(
      fc.property(anyPlace, ({ mask, ...options }) => {
        const { context, size } = placeFill(mask, options);
        const [across, down] = [context.width / size.width, context.height / size.height];
        const isCut =
          options.policy === 'whole' ||
          context.width === options.canvas.width ||
          context.height === options.canvas.height;
        // Elsewhere the context took the working size's shape, to the pixel.
        if (!isCut) {
          assert.ok(Math.abs(across - down) <= 1 / Math.min(size.width, size.height));
        } else if (options.workingSize === 'auto') {
          const { multiple } = options;
          const short = Math.min(size.width, size.height);
          const isThin = short === multiple;
          assert.ok(isThin || Math.abs(across / down - 1) <= (multiple / 2 + 1) / (short - multiple / 2));
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('at the native size nothing is resampled, but for a canvas or a mask that is no whole multiple', () => {
    fc.assert(
      fc.property(anyPlace, ({ mask, ...options }) => {
        const { canvas, multiple } = options;
        const { context, size } = placeFill(mask, { ...options, workingSize: 'native' });
        const changed = intersect(mask, boundsOf(canvas));
        for (const axis of ['width', 'height'] as const) {
          if (context[axis] < multiple) assert.equal(size[axis], multiple);
          else assert.equal(size[axis], context[axis] - (context[axis] % multiple));
          const roomy = canvas[axis] - (canvas[axis] % multiple);
          if (options.policy !== 'whole' && roomy >= Math.max(changed[axis], multiple)) {
            assert.equal(size[axis], context[axis]);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('each policy shows at least as much as the one before it', () => {
    fc.assert(
      fc.property(anyPlace, fc.boolean(), ({ mask, canvas, resolution }, isNative) => {
        const changed = intersect(mask, boundsOf(canvas));
        const modelSide = Math.sqrt(resolution.width * resolution.height);
        const sizes = contextPolicies.map((policy) =>
          diffusionContextSize(changed, { canvas, policy, modelSide, isNative }),
        );
        for (const [i, size] of sizes.slice(1).entries()) {
          assert.ok(size.width >= sizes[i]!.width && size.height >= sizes[i]!.height);
        }
        assert.deepEqual(sizes.at(-1), { ...canvas });
      }),
    );
  });

  test('the policies in numbers, for a thing of 400 px and a spot in a large photo', () => {
    const canvas = { width: 6000, height: 4000 };
    const thing = { left: 3000, top: 2000, width: 400, height: 400 };
    const spot = { left: 3000, top: 2000, width: 20, height: 20 };
    const widthOf = (mask: Bounds, policy: (typeof contextPolicies)[number]) =>
      place(mask, { canvas, policy }).context.width;
    assert.deepEqual(
      contextPolicies.map((policy) => widthOf(thing, policy)),
      [500, 800, 1200, 6000],
    );
    assert.deepEqual(
      contextPolicies.map((policy) => widthOf(spot, policy)),
      [128, 256, 512, 6000],
    );
    assert.deepEqual(place(thing, { canvas, policy: 'whole' }).size, { width: 624, height: 416 });
    const mini = { resolution: { width: 128, height: 128 }, policy: 'tight' } as const;
    assert.equal(place(spot, { canvas, ...mini }).context.width, 36);
  });

  test('a mask in the middle stays in the middle, one in the corner gets as many pixels', () => {
    const canvas = { width: 4000, height: 3000 };
    const middle = place({ left: 1900, top: 1400, width: 200, height: 200 }, { canvas, policy: 'wide' });
    assert.deepEqual(middle.context, { left: 1700, top: 1200, width: 600, height: 600 });
    const corner = place({ left: 3800, top: 2800, width: 200, height: 200 }, { canvas, policy: 'wide' });
    assert.deepEqual(corner.context, { left: 3400, top: 2400, width: 600, height: 600 });
  });

  test('a wire across the picture gets a context that is no strip', () => {
    const { context, size } = place(
      { left: 500, top: 1500, width: 3000, height: 8 },
      { canvas: { width: 4000, height: 3000 }, policy: 'tight' },
    );
    assert.deepEqual(context, { left: 125, top: 567, width: 3750, height: 1875 });
    assert.deepEqual(size, { width: 720, height: 360 });
  });

  test('a picture as large as the model is shown as it is, whole and at its native size', () => {
    for (const workingSize of ['auto', 'native'] as const) {
      const placement = place(
        { left: 10, top: 20, width: 100, height: 50 },
        { canvas: { width: 512, height: 512 }, policy: 'whole', workingSize },
      );
      assert.deepEqual(placement, {
        context: { left: 0, top: 0, width: 512, height: 512 },
        size: { width: 512, height: 512 },
      });
      assert.equal(enlargementOf(placement), 1);
      assert.equal(seamBandWidth(placement, 8), 8);
    }
  });

  test('a mask beside the canvas and a size outside the limits are refused', () => {
    const canvas = { width: 300, height: 200 };
    const mask = { left: 0, top: 0, width: 10, height: 10 };
    const refused = (code: string) => (error: unknown) => error instanceof EngineError && error.code === code;
    assert.throws(() => place({ ...mask, left: 300 }, { canvas }), refused('mask-empty'));
    const { min, max } = workingSideLimits;
    for (const width of [min, max]) place(mask, { canvas, workingSize: { width, height: 512 } });
    for (const width of [min - 8, max + 8, 508, 512.5, Number.NaN]) {
      assert.throws(
        () => place(mask, { canvas, workingSize: { width, height: 512 } }),
        refused('invalid-option'),
      );
      assert.throws(
        () => place(mask, { canvas, workingSize: { width: 512, height: width } }),
        refused('invalid-option'),
      );
    }
  });
});
