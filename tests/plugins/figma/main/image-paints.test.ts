import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Paint } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { withEnlarged, withVariations } from '../../../../plugins/figma/main/image-paints.ts';
import { paintDensity } from '../../../../plugins/figma/main/paint-density.ts';
import type { PlacedImage } from '../../../../plugins/figma/protocol/place.ts';
import { ClientError } from '../../../../plugins/shared/client/client-error.ts';
import { grey, image } from './drawn.ts';

const shine: Paint = { type: 'SOLID', color: { r: 1, g: 1, b: 1 }, opacity: 0.2 };

function placed(imageHash: string, width = 800): PlacedImage {
  return { imageHash, bounds: { left: 0, top: 0, width, height: 600 } };
}

/** Hashes from the bottom, those that are hidden in brackets. */
function seen(paints: readonly Paint[]): readonly string[] {
  return paints.map((paint) => {
    const name = paint.type === 'IMAGE' ? paint.imageHash! : paint.type;
    return paint.visible === false ? `(${name})` : name;
  });
}

describe('variations among the fills', () => {
  const pictures = ['a', 'b', 'c'].map((hash) => placed(hash));

  test('lie above the image, which is kept hidden, and below what lies over it; the first is seen', () => {
    const paints = withVariations([grey, image, shine], { pictures, imageHash: 'photo' });
    assert.deepEqual(seen(paints), ['SOLID', '(photo)', '(c)', '(b)', 'a', 'SOLID']);
  });

  test('are shown as the image is that they are variations of, however many came before', () => {
    const cropped: Paint = { ...image, scaleMode: 'CROP', opacity: 0.5 } as Paint;
    const first = withVariations([cropped], { pictures: [placed('a')], imageHash: 'photo' });
    const second = withVariations(first, { pictures: [placed('b')], imageHash: 'photo' });
    assert.deepEqual(seen(second), ['(photo)', '(a)', 'b']);
    assert.deepEqual(second[2], { ...cropped, imageHash: 'b', visible: true });
  });

  test('of new pictures fill the layer, above whatever is there', () => {
    const paints = withVariations([grey], { pictures: [placed('a')] });
    assert.deepEqual(paints, [grey, { type: 'IMAGE', scaleMode: 'FILL', imageHash: 'a', visible: true }]);
    const over = withVariations([{ ...image, scaleMode: 'TILE' } as Paint], { pictures: [placed('a')] });
    assert.deepEqual(over[1], { type: 'IMAGE', scaleMode: 'FILL', imageHash: 'a', visible: true });
  });
});

describe('a larger image', () => {
  const place = { imageHash: 'photo', imageSize: { width: 400, height: 300 } };
  const larger = { place, picture: placed('large'), name: 'Layer' };

  test('takes the place of the one before, with all that was set of that', () => {
    const filtered = { ...image, filters: { contrast: 0.4 }, rotation: 90, opacity: 0.7 } as Paint;
    assert.deepEqual(withEnlarged([grey, filtered, shine], larger), [
      grey,
      { ...filtered, imageHash: 'large' },
      shine,
    ]);
  });

  test('its tiles stay as large as they were', () => {
    const tile = { ...image, scaleMode: 'TILE', scalingFactor: 0.5 } as Paint;
    const [enlarged] = withEnlarged([tile], larger);
    assert.deepEqual(enlarged, { ...tile, imageHash: 'large', scalingFactor: 0.25 });
  });

  test('is refused where another image has come meanwhile', () => {
    assert.throws(() => withEnlarged([{ ...image, imageHash: 'other' } as Paint], larger), ClientError);
  });
});

test('an image has as many pixels of a unit as its way of being shown says', () => {
  const sizes = { image: { width: 800, height: 300 }, node: { width: 200, height: 100 } };
  const density = (paint: object) =>
    paintDensity({ ...image, ...paint } as Parameters<typeof paintDensity>[0], sizes);
  assert.equal(density({ scaleMode: 'FILL' }), 3);
  assert.equal(density({ scaleMode: 'FIT' }), 4);
  const imageTransform = [
    [0.5, 0, 0.1],
    [0, 0.5, 0],
  ];
  assert.equal(density({ scaleMode: 'CROP', imageTransform }), 2);
  assert.equal(density({ scaleMode: 'TILE', scalingFactor: 0.5 }), 2);
});
