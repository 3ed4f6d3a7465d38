import type { Size } from '../../shared/picture/geometry.ts';
import type { ImagePaint } from './canvas-node.ts';

/** Image pixels of a unit of its node. */
export function paintDensity(
  paint: ImagePaint,
  { image, node }: { readonly image: Size; readonly node: Size },
): number {
  const [x, y] = [image.width / node.width, image.height / node.height];
  switch (paint.scaleMode) {
    case 'FILL':
      return Math.min(x, y);
    case 'FIT':
      return Math.max(x, y);
    case 'CROP':
      return x * Math.abs(paint.imageTransform?.[0][0] ?? 1);
    case 'TILE':
      return 1 / (paint.scalingFactor ?? 1);
  }
}
