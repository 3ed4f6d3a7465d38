import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { expandPicture } from '../../../engine/fill/expand-picture.ts';
import type { FillStep } from '../../../engine/fill/fill-step.ts';
import { FillThreads } from '../../../engine/fill/fill-threads.ts';
import { cropPicture, type Margins } from '../../../engine/image/crop.ts';
import type { Picture } from '../../../engine/image/picture.ts';
import { keyedHash } from '../../../engine/random/keyed-hash.ts';
import { differingPixels, noise, pictureOf } from './pictures.ts';

const threads = new FillThreads(2);
after(() => threads.close());

const none: Margins = { left: 0, right: 0, top: 0, bottom: 0 };

async function expand(picture: Picture, margins: Partial<Margins>): Promise<Picture> {
  const whole = { ...none, ...margins };
  const result = await expandPicture(picture, whole, { seed: 1, threads });
  assert.equal(result.width, picture.width + whole.left + whole.right);
  assert.equal(result.height, picture.height + whole.top + whole.bottom);
  const kept = { left: whole.left, top: whole.top, width: picture.width, height: picture.height };
  assert.deepEqual(cropPicture(result, kept).data, picture.data, 'the original keeps every bit');
  return result;
}

test('each side alone, by one pixel and by many, in every format', async () => {
  for (const side of ['left', 'right', 'top', 'bottom'] as const) {
    await expand(noise({ width: 33, height: 29, channels: 4 }), { [side]: 1 });
    await expand(noise({ width: 30, height: 31, channels: 1, depth: 16 }), { [side]: 25 });
  }
});

test('all sides at once by different margins', async () => {
  await expand(noise({ width: 40, height: 30, channels: 3 }), { left: 3, right: 40, top: 11, bottom: 1 });
});

test('a picture of one pixel gives its colour to all of the canvas', async () => {
  const dot = pictureOf({ width: 1, height: 1, channels: 3 }, (_x, _y, c) => 10 + c);
  const result = await expand(dot, { left: 30, right: 2, top: 7, bottom: 19 });
  const plain = pictureOf({ ...result, channels: 3 }, (_x, _y, c) => 10 + c);
  assert.equal(differingPixels(result, plain), 0);
});

test('a horizon goes on sideways', async () => {
  const landscape = (width: number) =>
    pictureOf({ width, height: 80, channels: 3 }, (_x, y, c) =>
      y < 45 ? 200 - y + 10 * c : 60 + (y % 5) * 8,
    );
  for (const side of ['left', 'right'] as const) {
    const result = await expand(landscape(80), { [side]: 30 });
    assert.equal(differingPixels(result, landscape(110)), 0, side);
  }
});

test('of sources that look the same, one at the same height is taken', async () => {
  // The same 40 rows thrice over. 16-bit samples tell by less than a grey level which of the three they are from.
  const tagOf = (y: number) => 30 * Math.floor(y / 40);
  const grey = (x: number, y: number) => 40 + (keyedHash(7, ((y % 40) >> 2) * 64 + (x >> 2)) % 140);
  const land = pictureOf({ width: 120, height: 120, channels: 1, depth: 16 }, (x, y) => {
    return grey(x, y) * 257 + tagOf(y);
  });
  const shareFromElsewhere = async (...without: FillStep[]) => {
    const options = { seed: 1, threads, without: new Set<FillStep>(['seam-finish', ...without]) };
    const result = await expandPicture(land, { ...none, right: 28 }, options);
    let elsewhere = 0;
    for (let y = 0; y < 120; y++) {
      for (let x = 120; x < 148; x++) {
        const sample = result.data[y * 148 + x]!;
        if (sample - Math.floor(sample / 257) * 257 !== tagOf(y)) elsewhere++;
      }
    }
    return elsewhere / (120 * 28);
  };
  const withPrior = await shareFromElsewhere();
  const withoutPrior = await shareFromElsewhere('offset-prior');
  assert.ok(withPrior < withoutPrior / 2, `${withPrior} with the prior, ${withoutPrior} without`);
});

test('a step upwards and downwards continues upright stripes', async () => {
  const stripes = (height: number) =>
    pictureOf({ width: 70, height, channels: 1 }, (x) => (x % 10 < 5 ? 40 : 210));
  for (const side of ['top', 'bottom'] as const) {
    const result = await expand(stripes(60), { [side]: 50 });
    assert.equal(differingPixels(result, stripes(110)), 0, side);
  }
});

test('progress rises to its end, and previews lie inside the new canvas', async () => {
  const picture = noise({ width: 50, height: 50, channels: 3 });
  let last = 0;
  let steps = 0;
  await expandPicture(
    picture,
    { ...none, left: 60, top: 9 },
    {
      seed: 1,
      threads,
      onProgress: (step, of) => {
        assert.ok(step >= last);
        last = step;
        steps = of;
      },
      onPreview: (fill, bounds) => {
        assert.equal(fill.data.length, bounds.width * bounds.height * 3);
        assert.ok(bounds.left >= 0 && bounds.left + bounds.width <= 110);
        assert.ok(bounds.top >= 0 && bounds.top + bounds.height <= 59);
      },
    },
  );
  assert.ok(steps > 0);
  assert.equal(last, steps);
});

test('margins that are no whole pixels, negative, or all 0 are refused', async () => {
  const picture = noise({ width: 9, height: 9, channels: 1 });
  for (const margins of [
    none,
    { ...none, left: -1 },
    { ...none, top: 1.5 },
    { ...none, right: Number.NaN },
  ]) {
    await assert.rejects(expandPicture(picture, margins, { seed: 1, threads }), { code: 'invalid-option' });
  }
});
