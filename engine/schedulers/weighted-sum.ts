export type Term = readonly [weight: number, values: Float32Array];

/** The sum of arrays of one length, each times its weight; summed in double precision and rounded once. */
export function weightedSum(terms: readonly Term[]): Float32Array {
  const sum = new Float64Array(terms[0]![1].length);
  for (const [weight, values] of terms) {
    for (let i = 0; i < sum.length; i++) sum[i]! += weight * values[i]!;
  }
  return new Float32Array(sum);
}
