import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growMask } from '../../../../engine/fill/kernels/object-mask.ts';
import { pictureOf, rectangleMask } from '../pictures.ts';

const size = { width: 90, height: 80 };
const object = { left: 40, top: 30, width: 25, height: 20 };
/** The object and a rim of four pixels that the mask leaves out. */
const { data: samples } = pictureOf({ ...size, channels: 1 }, (x, y) =>
  x >= 36 && x < 69 && y >= 26 && y < 54 ? 240 : 60,
);

/** Grows it until `cancelled` has been asked so many times. */
function growFor(questions: number) {
  const { data: mask } = rectangleMask(size, object);
  let asked = 0;
  const hasGrown = growMask(
    { ...size, samples, channels: 1, mask },
    { reach: 4, cancelled: () => ++asked > questions },
  );
  return { mask, asked, hasGrown };
}

test('leaves the mask as it was whenever it is cancelled, and asks often', () => {
  const whole = growFor(Number.POSITIVE_INFINITY);
  assert.ok(whole.hasGrown);
  assert.equal(whole.mask[28 * size.width + 38], 255);
  assert.ok(whole.asked > 5, `asked ${whole.asked} times`);
  for (let questions = 0; questions < whole.asked; questions++) {
    const { mask, hasGrown } = growFor(questions);
    assert.equal(hasGrown, false);
    assert.deepEqual(mask, rectangleMask(size, object).data);
  }
});
