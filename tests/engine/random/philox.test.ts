import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PhiloxGenerator } from '../../../engine/random/philox.ts';

/**
 * The published numbers of seed 0 (the description of this generator in the A1111 web UI); the other values were made
 * with numpy from the definitions of Philox 4x32-10 and Box-Muller, in float64. None were drawn on a graphics card.
 */
const published = [-0.92466259, -0.42534415, -2.6438457, 0.14518388];

test('draws the published numbers of seed 0', () => {
  assertClose(new PhiloxGenerator(0).normal(4), published);
});

test('high seed bits, later calls and far elements draw what numpy made of the definition', () => {
  const generator = new PhiloxGenerator(0x123456789abcdef0n);
  assertClose(generator.normal(3), [0.489710767, 1.41517731, 0.886758066]);
  const second = generator.normal(16384);
  assertClose(second.subarray(0, 2), [1.20974682, -0.352506707]);
  assertClose(second.subarray(16382), [-0.364509029, -1.47297052]);
});

test('an element does not depend on how many are drawn with it', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.integer({ min: 1, max: 64 }),
      (seed, length) => {
        const many = new PhiloxGenerator(seed).normal(64);
        assert.deepEqual(new PhiloxGenerator(seed).normal(length), many.slice(0, length));
      },
    ),
    { numRuns: 20 },
  );
});

test('its numbers have mean 0 and variance 1', () => {
  const values = new PhiloxGenerator(5).normal(20000);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  assert.ok(Math.abs(mean) < 0.03, `mean ${mean}`);
  assert.ok(Math.abs(variance - 1) < 0.03, `variance ${variance}`);
});

function assertClose(actual: Float32Array, expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(actual[i]! - value) < 2e-7, `number ${i}: expected ${value}, received ${actual[i]}`);
  }
}
