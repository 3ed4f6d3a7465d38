import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ImagePaint } from '../../../../plugins/figma/main/canvas-node.ts';
import { imagePlacement } from '../../../../plugins/figma/main/image-placement.ts';
import { imagePlacement as shownAt } from '../../../hosts/figma/image-fill.ts';

const image = { width: 80, height: 40 };
const node = { width: 60, height: 60 };
const paint = (more: Partial<ImagePaint>): ImagePaint => ({
  type: 'IMAGE',
  imageHash: 'photo',
  scaleMode: 'FILL',
  ...more,
});

describe('where an image lies', () => {
  const paints: readonly ImagePaint[] = [
    paint({ scaleMode: 'FILL' }),
    paint({ scaleMode: 'FIT' }),
    paint({ scaleMode: 'TILE', scalingFactor: 0.5 }),
    paint({ scaleMode: 'CROP' }),
    paint({
      scaleMode: 'CROP',
      imageTransform: [
        [0.5, 0, 0.25],
        [0, 0.8, 0.1],
      ],
    }),
  ];
  for (const [index, fill] of paints.entries()) {
    test(`is where Figma shows it: ${fill.scaleMode}, ${index + 1}`, () => {
      const { x, y, width, height } = imagePlacement(fill, { image, node })!;
      const pixelOf = shownAt(fill, image, node);
      for (const share of [0.1, 0.5, 0.9]) {
        const pixel = pixelOf({ x: x + share * width, y: y + share * height });
        assert.ok(Math.abs(pixel.x - share * image.width) < 1e-9, `${pixel.x} across`);
        assert.ok(Math.abs(pixel.y - share * image.height) < 1e-9, `${pixel.y} down`);
      }
    });
  }

  test('is not said of one that is turned or mirrored', () => {
    assert.equal(imagePlacement(paint({ rotation: 90 }), { image, node }), undefined);
    const mirrored = paint({
      scaleMode: 'CROP',
      imageTransform: [
        [-1, 0, 1],
        [0, 1, 0],
      ],
    });
    assert.equal(imagePlacement(mirrored, { image, node }), undefined);
  });
});
