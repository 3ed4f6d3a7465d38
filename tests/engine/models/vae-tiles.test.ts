import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planVaeTiles, runTiled } from '../../../engine/models/vae-tiles.ts';
import type { Tensor } from '../../../engine/runtime/session.ts';

const side = fc.integer({ min: 1, max: 300 });

/** Each sample tells its channel and its place. */
function places(channels: number, { width, height }: { width: number; height: number }): Tensor {
  const data = new Float32Array(channels * height * width);
  for (let i = 0; i < data.length; i++) {
    const [x, y, channel] = [i % width, Math.floor(i / width) % height, Math.floor(i / width / height)];
    data[i] = channel * 1000 + y + x / 1000;
  }
  return { shape: [1, channels, height, width], data };
}

const worstOf = (a: Float32Array, b: Float32Array) =>
  a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);

test('tiles cover a latent of any size, none larger than 64, and a picture of one tile is taken whole', () => {
  fc.assert(
    fc.property(side, side, (width, height) => {
      const { tiles, input } = planVaeTiles({ width, height });
      assert.ok(input.width <= 64 && input.height <= 64);
      assert.equal(tiles.length === 1, width <= 64 && height <= 64);
      const covered = new Uint8Array(width * height);
      for (const { bounds } of tiles) {
        assert.ok(bounds.width === input.width && bounds.height === input.height);
        assert.ok(bounds.left + bounds.width <= width && bounds.top + bounds.height <= height);
        for (let y = bounds.top; y < bounds.top + bounds.height; y++)
          covered.fill(1, y * width + bounds.left, y * width + bounds.left + bounds.width);
      }
      assert.ok(covered.every((value) => value === 1));
    }),
    { numRuns: 60 },
  );
});

test('where tiles agree, the whole is what they make: same size, enlarged, reduced; any sides, 1 pixel among them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 150 }),
      fc.integer({ min: 1, max: 90 }),
      fc.constantFrom([1, 2] as const, [2, 1] as const, [1, 1] as const),
      async (width, height, [inputScale, outputScale]) => {
        const input = places(2, { width: width * inputScale, height: height * inputScale });
        const seen: number[] = [];
        const output = await runTiled(input, planVaeTiles({ width, height }), {
          inputScale,
          outputScale,
          run: async (tile) => resized(tile, outputScale / inputScale),
          onTile: (step, steps) => seen.push(step / steps),
        });
        const expected = resized(input, outputScale / inputScale);
        assert.deepEqual(output.shape, expected.shape);
        assert.ok(worstOf(output.data, expected.data) < 1e-3);
        assert.equal(seen.at(-1), 1);
      },
    ),
    { numRuns: 40 },
  );
});

test('from one tile to the next it fades without a step', async () => {
  const size = { width: 200, height: 20 };
  let tiles = 0;
  const { data } = await runTiled(places(1, size), planVaeTiles(size), {
    inputScale: 1,
    outputScale: 1,
    // Every tile is lighter than the one before it.
    run: async ({ shape, data: pixels }) => {
      tiles += 1;
      return { shape, data: pixels.map(() => tiles) };
    },
  });
  assert.ok(tiles > 2);
  for (let x = 1; x < size.width; x++) {
    const step = data[x]! - data[x - 1]!;
    assert.ok(step >= 0 && step <= 1 / 8 + 1e-6, `a step of ${step} at ${x}`);
  }
});

/** Every sample twice along each side, or every second one. */
function resized({ shape, data }: Tensor, scale: number): Tensor {
  const [, channels, height, width] = shape as [number, number, number, number];
  const [newHeight, newWidth] = [height * scale, width * scale];
  const result = new Float32Array(channels * newHeight * newWidth);
  for (let i = 0; i < result.length; i++) {
    const [x, y, c] = [
      i % newWidth,
      Math.floor(i / newWidth) % newHeight,
      Math.floor(i / newWidth / newHeight),
    ];
    result[i] = data[(c * height + Math.floor(y / scale)) * width + Math.floor(x / scale)]!;
  }
  return { shape: [1, channels, newHeight, newWidth], data: result };
}
