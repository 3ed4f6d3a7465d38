// engine/random/keyed-hash.ts in 32-bit integers.

const GOLDEN: u32 = 0x9e3779b9;

// @ts-ignore: decorator
@inline
function mix32(value: u32): u32 {
  let v = value;
  v = (v ^ (v >> 16)) * 0x7feb352d;
  v = (v ^ (v >> 15)) * 0x846ca68b;
  return v ^ (v >> 16);
}

// @ts-ignore: decorator
@inline
export function keyedHash(key: u32, value: u32): u32 {
  return mix32(key + value * GOLDEN);
}

/** `deriveKey(seed, a, b, c)`. */
export function deriveKey3(seed: u32, a: u32, b: u32, c: u32): u32 {
  return keyedHash(keyedHash(keyedHash(mix32(seed ^ GOLDEN), a + 1), b + 1), c + 1);
}

// @ts-ignore: decorator
@inline
export function boundedHash(hash: u32, limit: i32): i32 {
  return <i32>((<u64>hash * <u64>(<u32>limit)) >> 32);
}
