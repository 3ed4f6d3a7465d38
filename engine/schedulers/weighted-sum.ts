export type Term = readonly [weight: number, values: Float32Array];

/** The sum of arrays of one length, each times its weight; summed in double precision and rounded once. */
export function weightedSum(terms: readonly Term[]): Float32Array {
  const length = terms[0]![1].length;
  const sum = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    let value = 0;
    for (const [weight, values] of terms) value += weight * values[i]!;
    sum[i] = value;
  }
  return sum;
}
