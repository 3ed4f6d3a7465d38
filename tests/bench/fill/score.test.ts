/** That the score of the fill's benchmark ranks fills as an eye would, on constructed ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mask, Picture } from '../../../engine/image/picture.ts';
import { boundedHash, keyedHash } from '../../../engine/random/keyed-hash.ts';
import { brickTexture, discMask } from '../texture.ts';
import { changedOutsideMask, psnr, textureEnergyRatio } from './measures.ts';
import { boxMean, channelPlane } from './planes.ts';
import { scoreFill } from './score.ts';

const SIDE = 256;
const truth: Picture = { width: SIDE, height: SIDE, channels: 3, data: brickTexture(SIDE) };
const mask: Mask = { width: SIDE, height: SIDE, data: discMask(SIDE) };

/** The truth with other pixels in the hole. */
function filled(source: (x: number, y: number) => readonly [x: number, y: number], lighter = 0): Picture {
  const data = truth.data.slice();
  for (const [pixel, value] of mask.data.entries()) {
    if (value === 0) continue;
    const [x, y] = source(pixel % SIDE, Math.floor(pixel / SIDE));
    for (let c = 0; c < 3; c++) {
      data[3 * pixel + c] = Math.min(255, truth.data[3 * (y * SIDE + x) + c]! + lighter);
    }
  }
  return { ...truth, data };
}

// Rows of bricks repeat after 40 px, bricks after 48: both lie outside the hole of 64 px when taken twice.
const continued = filled((x, y) => [(x + 96) % SIDE, y]);

const blurred: Picture = (() => {
  const planes = [0, 1, 2].map((channel) => boxMean(channelPlane(truth, channel), 6).data);
  const data = truth.data.slice();
  for (const [pixel, value] of mask.data.entries()) {
    if (value > 0) for (let c = 0; c < 3; c++) data[3 * pixel + c] = planes[c]![pixel]!;
  }
  return { ...truth, data };
})();

const SHRED = 6;
const shredded = filled((x, y) => {
  const block = keyedHash(Math.floor(x / SHRED), Math.floor(y / SHRED));
  return [boundedHash(block, 60) + (x % SHRED), boundedHash(keyedHash(block, 1), SIDE - SHRED) + (y % SHRED)];
});

for (const [name, reference] of [
  ['a truth', truth],
  ['the surroundings alone', null],
] as const) {
  test(`against ${name}, a continued wall has fewer defects than a blurred or a shredded one`, () => {
    const options = { mask, truth: reference };
    const [good, soft, shards] = [continued, blurred, shredded].map((fill) => scoreFill(fill, options));
    assert.ok(good!.total < 0.75 * soft!.total, `${good!.total} against ${soft!.total}`);
    assert.ok(good!.total < 0.75 * shards!.total, `${good!.total} against ${shards!.total}`);
    assert.ok(good!.texture < 0.5 * soft!.texture);
    assert.ok(good!.structure < 0.75 * shards!.structure);
  });

  test(`against ${name}, a hole that is too light shows at the seam`, () => {
    const options = { mask, truth: reference };
    const light = filled((x, y) => [x, y], 40);
    assert.ok(scoreFill(light, options).seam > 0.5 + scoreFill(truth, options).seam);
  });
}

test('the original has no defects', () => {
  assert.deepEqual(scoreFill(truth, { mask, truth }), {
    texture: 0,
    layout: 0,
    seam: 0,
    structure: 0,
    total: 0,
  });
});

test('colours in the wrong place are a defect of the layout', () => {
  const halves: Picture = {
    ...truth,
    data: truth.data.map((value, i) => (Math.floor(i / 3) % SIDE < SIDE / 2 ? value >> 2 : value)),
  };
  const swapped = { ...halves, data: halves.data.slice() };
  for (const [pixel, value] of mask.data.entries()) {
    const mirrored = pixel - 2 * (pixel % SIDE) + SIDE - 1;
    if (value > 0) for (let c = 0; c < 3; c++) swapped.data[3 * pixel + c] = halves.data[3 * mirrored + c]!;
  }
  assert.ok(scoreFill(swapped, { mask, truth: halves }).layout > 0.5);
});

test('the plain measures tell blur, noise and touched pixels', () => {
  assert.ok(textureEnergyRatio(blurred, { mask, truth }) < 0.5);
  assert.equal(textureEnergyRatio(truth, { mask, truth }), 1);
  assert.ok(psnr(blurred, { mask, truth }) > psnr(shredded, { mask, truth }));
  assert.equal(changedOutsideMask(continued, { picture: truth, mask }), 0);
  const touched = { ...continued, data: continued.data.slice() };
  touched.data[0] = touched.data[0]! ^ 1;
  assert.equal(changedOutsideMask(touched, { picture: truth, mask }), 1);
});
