import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { applyWeights, type WeightOptions } from '../../../engine/text/apply-weights.ts';

const dim = 3;
const windowValues = 77 * dim;

/** Deterministic values around -0.1, as CLIP's are. */
function hiddenState(windows: number): Float32Array {
  return Float32Array.from({ length: windows * windowValues }, (_, i) => Math.sin(i * 12.9898) - 0.1);
}

function weighted(hidden: Float32Array, weights: Float32Array, options: WeightOptions): Float32Array {
  const copy = hidden.slice();
  applyWeights(copy, weights, options);
  return copy;
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const plain = () => new Float32Array(77).fill(1);
const emphasised = () => plain().map((weight, index) => (index === 3 ? 1.5 : index === 4 ? 0.5 : weight));

describe('applyWeights', () => {
  test('plain weights change no bit', () => {
    const hidden = hiddenState(2);
    const weights = new Float32Array(154).fill(1);
    for (const renormalise of ['a1111-mean', 'none'] as const) {
      assert.deepEqual(weighted(hidden, weights, { dim, renormalise }), hidden);
    }
    const emptyHidden = hiddenState(1).fill(0.3);
    assert.deepEqual(weighted(hidden, weights, { dim, renormalise: 'comfy', emptyHidden }), hidden);
  });

  test('none multiplies each token by its weight', () => {
    const hidden = hiddenState(1);
    const result = weighted(hidden, emphasised(), { dim, renormalise: 'none' });
    const expected = hidden.map((value, i) => value * emphasised()[Math.floor(i / dim)]!);
    assert.deepEqual(result, expected);
  });

  test('a1111-mean multiplies, and keeps the mean of each window by itself', () => {
    const hidden = hiddenState(2);
    const weights = new Float32Array([...emphasised(), ...plain()]);
    const result = weighted(hidden, weights, { dim, renormalise: 'a1111-mean' });
    const first = result.subarray(0, windowValues);
    assert.ok(Math.abs(mean(first) - mean(hidden.subarray(0, windowValues))) < 1e-6);
    const scale = first[0]! / hidden[0]!;
    assert.notEqual(scale, 1);
    for (let i = 0; i < windowValues; i++) {
      assert.ok(Math.abs(first[i]! - hidden[i]! * weights[Math.floor(i / dim)]! * scale) < 1e-5);
    }
    assert.deepEqual(result.subarray(windowValues), hidden.subarray(windowValues));
  });

  test('comfy goes from the empty prompt towards this one', () => {
    const hidden = hiddenState(1);
    const emptyHidden = hiddenState(1).map((value) => value / 2);
    const result = weighted(hidden, emphasised(), { dim, renormalise: 'comfy', emptyHidden });
    for (let i = 0; i < windowValues; i++) {
      const weight = emphasised()[Math.floor(i / dim)]!;
      assert.ok(Math.abs(result[i]! - (emptyHidden[i]! + weight * (hidden[i]! - emptyHidden[i]!))) < 1e-6);
    }
  });

  test('finite values stay finite for any weights, all zero too', () => {
    const hidden = hiddenState(1);
    const anyWeights = fc.oneof(
      fc.constant(new Float32Array(77)),
      fc.float32Array({ minLength: 77, maxLength: 77, noNaN: true, min: -1e6, max: 1e6 }),
    );
    fc.assert(
      fc.property(anyWeights, (weights) => {
        for (const renormalise of ['a1111-mean', 'none'] as const) {
          assert.ok(weighted(hidden, weights, { dim, renormalise }).every(Number.isFinite));
        }
      }),
      { numRuns: 100 },
    );
  });

  test('a wrong number of values, or a part of a window, is refused', () => {
    const options = { dim, renormalise: 'none' } as const;
    assert.throws(() => applyWeights(new Float32Array(windowValues - 1), plain(), options), RangeError);
    assert.throws(() => applyWeights(new Float32Array(76 * dim), new Float32Array(76), options), RangeError);
  });
});
