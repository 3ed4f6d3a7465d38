import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pullPush } from '../../../engine/image/pull-push.ts';
import { anySize } from './arbitraries.ts';

const anyGrid = fc.tuple(anySize, fc.integer({ min: 1, max: 3 })).chain(([{ width, height }, channels]) => {
  const count = width * height;
  const weight = fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0.01, max: 1, noNaN: true }));
  return fc.record({
    width: fc.constant(width),
    height: fc.constant(height),
    channels: fc.constant(channels),
    values: fc
      .array(fc.integer({ min: -300, max: 300 }), {
        minLength: count * channels,
        maxLength: count * channels,
      })
      .map((values) => Float64Array.from(values)),
    weights: fc
      .oneof(
        fc.array(weight, { minLength: count, maxLength: count }),
        fc.nat(count - 1).map((known) => Array.from({ length: count }, (_, i) => (i === known ? 0.3 : 0))),
      )
      .map((weights) => Float64Array.from(weights)),
  });
});

test('known values stay, and all others lie between the known ones', () => {
  fc.assert(
    fc.property(anyGrid, (grid) => {
      const result = pullPush(grid);
      for (let c = 0; c < grid.channels; c++) {
        let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
        grid.weights.forEach((weight, i) => {
          if (weight === 0) return;
          const value = grid.values[i * grid.channels + c]!;
          [least, most] = [Math.min(least, value), Math.max(most, value)];
        });
        grid.weights.forEach((weight, i) => {
          const value = result[i * grid.channels + c]!;
          if (weight === 1) assert.equal(value, grid.values[i * grid.channels + c]);
          if (least <= most) assert.ok(value >= least - 1e-9 && value <= most + 1e-9);
          else assert.equal(value, 0);
        });
      }
    }),
  );
});

test('near a known value it is followed, in the middle between two they are mixed', () => {
  const width = 64;
  const weights = new Float64Array(width);
  const values = new Float64Array(width);
  weights[0] = weights[63] = 1;
  values[63] = 100;
  const result = pullPush({ width, height: 1, channels: 1, values, weights });
  assert.ok(result[2]! < 10 && result[61]! > 90);
  assert.ok(Math.abs(result[31]! + result[32]! - 100) < 1e-9);
  for (let x = 1; x < width; x++) assert.ok(result[x]! >= result[x - 1]!);
});
