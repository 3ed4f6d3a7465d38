/** Pictures for benchmarks, made here so that everybody measures on the same ones. */
import { keyedHash } from '../../engine/random/keyed-hash.ts';

/**
 * Rows of bricks in uneven light, with grain: rgb8, `side` × `side`. There are lines to go on with, repetition to find,
 * and no two patches that are quite the same.
 */
export function brickTexture(side: number): Uint8Array {
  const picture = new Uint8Array(3 * side * side);
  const [brickWidth, brickHeight, joint] = [48, 20, 3];
  for (let y = 0, i = 0; y < side; y++) {
    const row = Math.floor(y / brickHeight);
    for (let x = 0; x < side; x++, i += 3) {
      const along = x + (row % 2) * (brickWidth / 2);
      const isJoint = y % brickHeight < joint || along % brickWidth < joint;
      const brick = (keyedHash(row, Math.floor(along / brickWidth)) & 0xff) / 255;
      const light = 0.75 + 0.25 * Math.sin((2.5 * x + 1.5 * y) / side);
      const grain = (keyedHash(y, x) & 0xff) / 255 - 0.5;
      const tone = isJoint ? [176, 170, 160] : [120 + 60 * brick, 60 + 30 * brick, 45 + 20 * brick];
      for (let c = 0; c < 3; c++) picture[i + c] = Math.round(tone[c]! * light + 20 * grain);
    }
  }
  return picture;
}

/** White in the middle: a disc a quarter as wide as the picture. */
export function discMask(side: number): Uint8Array {
  const mask = new Uint8Array(side * side);
  const radius = side / 8;
  for (let y = 0, i = 0; y < side; y++) {
    for (let x = 0; x < side; x++, i++) {
      if (Math.hypot(x - side / 2, y - side / 2) < radius) mask[i] = 255;
    }
  }
  return mask;
}
