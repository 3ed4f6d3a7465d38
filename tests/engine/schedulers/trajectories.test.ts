import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenRuns, runScheduler } from './golden-run.ts';

/** Of the largest number of a latent: float32 sums in another order, carried on through the run. */
const tolerance = 5e-6;
/** Of the largest number of the first latent: what a step takes nearly all of away leaves its last bits. */
const roundingTolerance = 2 ** -23;
/** Timesteps between whole ones come from logarithms, in float32 there. */
const timestepTolerance = 1e-3;

for (const { expected, ...run } of await goldenRuns()) {
  test(`${run.name} takes the way that the reference takes`, () => {
    const actual = runScheduler(run);
    const atLeast = roundingTolerance * largest(expected.states[0]!);
    const atol = (row: Float32Array) => tolerance * Math.max(1, largest(row)) + atLeast;
    assertRows([actual.timesteps], [expected.timesteps], {
      atol: () => timestepTolerance,
      what: 'timesteps',
    });
    if (expected.noised.length > 0)
      assertRows(actual.noised, expected.noised, { atol, what: 'noise added for model call' });
    assertRows(actual.states, expected.states, { atol, what: 'latent before model call' });
  });
}

function largest(row: Float32Array): number {
  return Math.max(...row.map(Math.abs));
}

function assertRows(
  actual: readonly Float32Array[],
  expected: readonly Float32Array[],
  { atol, what }: { readonly atol: (row: Float32Array) => number; readonly what: string },
): void {
  assert.deepEqual(
    actual.map((row) => row.length),
    expected.map((row) => row.length),
    what,
  );
  for (const [index, row] of expected.entries()) {
    const allowed = atol(row);
    for (const [i, value] of row.entries()) {
      const difference = Math.abs(actual[index]![i]! - value);
      assert.ok(
        difference <= allowed,
        `${what} ${index}, number ${i}: expected ${value}, received ${actual[index]![i]}, ${difference} apart`,
      );
    }
  }
}
