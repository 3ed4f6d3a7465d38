/** Where all of an image lies that a layer shows as its fill, beyond the layer's edges, too. */
import type { Rect } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { Size } from '../../shared/picture/geometry.ts';
import type { ImagePaint } from './canvas-node.ts';
import { isUpright } from './page-geometry.ts';

/**
 * In units from the node's corner; of a repeated image the first. Nothing where the image is turned or mirrored.
 *
 * @param sizes `image` in pixels, `node` in units.
 */
export function imagePlacement(
  { scaleMode, imageTransform, scalingFactor = 1, rotation = 0 }: ImagePaint,
  { image, node }: { readonly image: Size; readonly node: Size },
): Rect | undefined {
  if (rotation !== 0 && scaleMode !== 'CROP') return undefined;
  const ratios = [node.width / image.width, node.height / image.height] as const;
  switch (scaleMode) {
    case 'FILL':
      return centred(Math.max(...ratios), { image, node });
    case 'FIT':
      return centred(Math.min(...ratios), { image, node });
    case 'TILE':
      return { x: 0, y: 0, width: image.width * scalingFactor, height: image.height * scalingFactor };
    case 'CROP': {
      // From shares of the node to shares of the image.
      if (imageTransform === undefined) return { x: 0, y: 0, width: node.width, height: node.height };
      if (!isUpright(imageTransform)) return undefined;
      const [[across, , left], [, down, top]] = imageTransform;
      const [width, height] = [node.width / across, node.height / down];
      return { x: -left * width, y: -top * height, width, height };
    }
  }
}

function centred(scale: number, { image, node }: { readonly image: Size; readonly node: Size }): Rect {
  const [width, height] = [image.width * scale, image.height * scale];
  return { x: (node.width - width) / 2, y: (node.height - height) / 2, width, height };
}
