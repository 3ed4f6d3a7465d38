import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allocateFill, viewCanvas } from '../../../../engine/fill/fill-memory.ts';
import { fillPicture } from '../../../../engine/fill/fill-picture.ts';
import type { FillPlan } from '../../../../engine/fill/fill-plan.ts';
import { FillThreads } from '../../../../engine/fill/fill-threads.ts';
import { assignRoles, holeOfMask } from '../../../../engine/fill/kernels/hole.ts';
import { MultiScaleSolver } from '../../../../engine/fill/multi-scale-solver.ts';
import { FillCore } from '../../../../engine/fill/wasm/fill-core.ts';
import { measureHole } from '../../../../engine/fill/working-area.ts';
import { maskBounds } from '../../../../engine/image/bounds.ts';
import type { Channels, Mask, Picture } from '../../../../engine/image/picture.ts';
import { keyedHash } from '../../../../engine/random/keyed-hash.ts';
import { noise, pictureOf } from '../pictures.ts';
import { LockstepThreads } from './lockstep-threads.ts';

test('it runs wherever these tests do', () => {
  assert.ok(FillCore.isSupported);
});

const sizes = fc.record({ width: fc.integer({ min: 5, max: 45 }), height: fc.integer({ min: 5, max: 45 }) });

/** Up to three rectangles, in places that reach over the picture's edges; 1 to 14 px a side. */
const holes = fc.array(
  fc.record({
    left: fc.integer({ min: -6, max: 44 }),
    top: fc.integer({ min: -6, max: 44 }),
    width: fc.integer({ min: 1, max: 14 }),
    height: fc.integer({ min: 1, max: 14 }),
  }),
  { minLength: 1, maxLength: 3 },
);

const formats = fc.record({
  channels: fc.constantFrom<Channels>(1, 2, 3, 4),
  depth: fc.constantFrom<8 | 16>(8, 16),
  seed: fc.nat(0xffffffff),
  smooth: fc.boolean(),
});

function makePicture(
  size: { width: number; height: number },
  { channels, depth, seed, smooth }: { channels: Channels; depth: 8 | 16; seed: number; smooth: boolean },
): Picture {
  if (!smooth) return noise({ ...size, channels, depth }, seed);
  const scale = depth === 16 ? 257 : 1;
  return pictureOf({ ...size, channels, depth }, (x, y, c) => {
    const wave = 120 + 80 * Math.sin((x + c) / 5) + 40 * Math.cos(y / 7);
    return Math.round(Math.min(wave + (keyedHash(seed, y * 64 + x) & 7), 255)) * scale;
  });
}

function makeMask(
  { width, height }: { width: number; height: number },
  rectangles: readonly { left: number; top: number; width: number; height: number }[],
): Mask {
  const data = new Uint8Array(width * height);
  for (const [n, rectangle] of rectangles.entries()) {
    for (let y = rectangle.top; y < rectangle.top + rectangle.height; y++) {
      for (let x = rectangle.left; x < rectangle.left + rectangle.width; x++) {
        if (x >= 0 && x < width && y >= 0 && y < height) data[y * width + x] = n === 2 ? 90 : 255;
      }
    }
  }
  return { width, height, data };
}

/** Levels as a plan has them, but with a radius and a number of them that are asked for. */
function planOf(
  size: { width: number; height: number },
  options: { radius: number; count: number; trials: number; thin: boolean },
): FillPlan {
  const { radius, count, trials, thin } = options;
  const levels = [size];
  for (let n = 1; n < count && !thin; n++) {
    const { width, height } = levels[n - 1]!;
    levels.push({ width: (width + 1) >> 1, height: (height + 1) >> 1 });
  }
  return { method: thin ? 'thin' : 'patches', radius, trials: thin ? 1 : trials, levels };
}

async function solveInLockstep(
  threads: LockstepThreads,
  options: { picture: Picture; mask: Mask; plan: FillPlan; seed: number },
): Promise<void> {
  const { picture, mask, plan, seed } = options;
  const { bounds, pixels } = measureHole(mask)!;
  const { width, height, channels, data } = picture;
  const memory = allocateFill(plan, {
    canvas: { width, height, channels, bytesPerSample: data instanceof Uint16Array ? 2 : 1 },
    holeBounds: bounds,
    holePixels: pixels,
    trials: plan.trials,
    memories: threads.memories,
  });
  const canvas = viewCanvas(memory.shared.buffer, memory.canvas);
  canvas.samples.set(data);
  canvas.mask.set(mask.data);
  const solver = new MultiScaleSolver(memory, {
    plan,
    seed,
    without: new Set(),
    threads,
    signal: undefined,
    onProgress: undefined,
    onPreview: undefined,
    holeBounds: bounds,
    grownFrom: undefined,
  });
  await solver.solve();
  threads.memories.release(memory.shared);
}

test('every task leaves the bytes that the scalar kernels leave, at any radius, size, edge and format', async () => {
  const threads = new LockstepThreads();
  const plans = fc.record({
    radius: fc.integer({ min: 1, max: 3 }),
    count: fc.integer({ min: 1, max: 3 }),
    trials: fc.integer({ min: 1, max: 2 }),
    thin: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(sizes, holes, formats, plans, async (size, rectangles, format, planOptions) => {
      const mask = makeMask(size, rectangles);
      const holeBounds = maskBounds(mask);
      fc.pre(holeBounds !== null);
      const plan = planOf(size, planOptions);
      const hole = holeOfMask(mask.data, { ...size, bounds: holeBounds! });
      const roles = new Uint8Array(size.width * size.height);
      fc.pre(assignRoles(hole, { radius: plan.radius, roles }).sources > 0);
      const picture = makePicture(size, format);
      await solveInLockstep(threads, { picture, mask, plan, seed: format.seed });
    }),
    { numRuns: 60, seed: 7 },
  );
  const ported = [
    'colours',
    'texture',
    'downsample',
    'low-band',
    'peel',
    'search',
    'adapt',
    'vote',
    'composite',
    'seams',
  ] as const;
  for (const kernel of [...ported, 'scatter', 'upsample'] as const) {
    assert.ok(threads.kernels.has(kernel), kernel);
  }
});

test('it votes as they do where all patches over a pixel were copied from one place', async () => {
  const threads = new LockstepThreads();
  const size = { width: 90, height: 75 };
  const mask = makeMask(size, [{ left: 25, top: 20, width: 36, height: 30 }]);
  for (const { channels, depth } of [
    { channels: 3, depth: 8 },
    { channels: 2, depth: 16 },
    { channels: 4, depth: 16 },
  ] satisfies { channels: Channels; depth: 8 | 16 }[]) {
    const picture = makePicture(size, { channels, depth, seed: 5, smooth: false });
    const plan = planOf(size, { radius: 3, count: 2, trials: 1, thin: false });
    await solveInLockstep(threads, { picture, mask, plan, seed: 3 });
  }
});

test('whole fills are the same bytes on the core and without it, with 1, 2 and 8 threads', async () => {
  const size = { width: 111, height: 97 };
  const mask = makeMask(size, [
    { left: 30, top: 20, width: 37, height: 41 },
    { left: 95, top: 85, width: 30, height: 20 },
    { left: 80, top: 5, width: 9, height: 50 },
  ]);
  const formatsOfFills = [
    { channels: 3, depth: 8, seed: 1, smooth: true },
    { channels: 4, depth: 16, seed: 2, smooth: true },
    { channels: 1, depth: 8, seed: 3, smooth: false },
    { channels: 2, depth: 16, seed: 4, smooth: false },
  ] as const;
  const pools = [
    new FillThreads(1, { core: 'scalar' }),
    ...[1, 2, 8].map((count) => new FillThreads(count, { core: 'wasm' })),
  ];
  try {
    for (const format of formatsOfFills) {
      const picture = makePicture(size, format);
      const [expected, ...others] = await Promise.all(
        pools.map((threads) => fillPicture(picture, mask, { seed: 5, threads })),
      );
      assert.notDeepEqual(expected!.data, picture.data);
      for (const other of others) assert.equal(Buffer.compare(bytesOf(other), bytesOf(expected!)), 0);
    }
  } finally {
    await Promise.all(pools.map((threads) => threads.close()));
  }
});

function bytesOf({ data }: Picture): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
