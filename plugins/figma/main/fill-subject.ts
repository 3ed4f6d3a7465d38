/** A mask over a picture, in the pixels that they will be exported at. */
import type { Bounds, Size } from '../../shared/picture/geometry.ts';
import { touchedPixels } from '../protocol/pixel-grid.ts';
import { exportScale, exportSize } from '../protocol/scale.ts';
import { boxOf, type CanvasNode } from './canvas-node.ts';
import { densityIn } from './image-facts.ts';
import type { MaskAndPicture } from './mask-and-picture.ts';
import { pixelsOf } from './page-geometry.ts';
import { exportBox } from './subjects.ts';

export interface FillFacts extends MaskAndPicture<CanvasNode> {
  /** Units. */
  readonly pictureSize: Size;
  /** Pixels of a unit. */
  readonly scale: number;
  /** Pixels. */
  readonly exported: Size;
  /** What of the exported picture the mask's box touches. */
  readonly maskBounds: Bounds;
}

export async function fillFacts({ mask, picture }: MaskAndPicture<CanvasNode>): Promise<FillFacts> {
  const box = exportBox(picture);
  const area = boxOf(mask)!;
  const scale = exportScale(box, await densityIn(picture, area));
  const exported = exportSize(box, scale);
  return {
    mask,
    picture,
    pictureSize: { width: box.width, height: box.height },
    scale,
    exported,
    maskBounds: touchedPixels(pixelsOf(area, { origin: box, scale }), exported),
  };
}
