/**
 * Random numbers that are looked up, not streamed: the same key gives the same number wherever, whenever and on
 * whichever thread it is asked for. Only 32-bit integer operations, so that any port gives the same bits.
 */

/** Odd, near 2^32 / golden ratio: spreads small consecutive values over the whole range. */
const GOLDEN = 0x9e3779b9;

/** A bijection of 32 bits in which every input bit reaches every output bit (the "lowbias32" constants of C. Wellons). */
function mix32(value: number): number {
  let v = value;
  v = Math.imul(v ^ (v >>> 16), 0x7feb352d);
  v = Math.imul(v ^ (v >>> 15), 0x846ca68b);
  return (v ^ (v >>> 16)) >>> 0;
}

/** An unsigned 32-bit number for `value` under `key`; both are taken modulo 2^32. */
export function keyedHash(key: number, value: number): number {
  return mix32((key + Math.imul(value, GOLDEN)) | 0);
}

/** One key out of a seed and any number of parts, in which the order of the parts matters. */
export function deriveKey(seed: number, ...parts: readonly number[]): number {
  let key = mix32(seed ^ GOLDEN);
  for (const part of parts) key = keyedHash(key, part + 1);
  return key;
}

/** A hash as a whole number 0..limit - 1, limit at most 2^21: the hash's high bits, so exact in doubles. */
export function boundedHash(hash: number, limit: number): number {
  return Math.floor((hash * limit) / 0x100000000);
}
