/** A mask over a picture, in the pixels that they will be exported at. */
import type { Bounds, Size } from '../../shared/picture/geometry.ts';
import { exportScale, exportSize } from '../protocol/scale.ts';
import { boxOf, type CanvasNode } from './canvas-node.ts';
import { densityIn } from './image-facts.ts';
import type { MaskAndPicture } from './mask-and-picture.ts';
import { pixelsOf, touchedPixels } from './page-geometry.ts';
import { exportBox } from './subjects.ts';

export interface FillFacts extends MaskAndPicture<CanvasNode> {
  /** Units. */
  readonly pictureSize: Size;
  /** Pixels of a unit. */
  readonly scale: number;
  /** Pixels. */
  readonly exported: Size;
  /** Of the mask's box in the exported picture; not always whole pixels, and not always inside. */
  readonly maskBox: Bounds;
  /** What of the exported picture that touches. */
  readonly maskBounds: Bounds;
}

export async function fillFacts({ mask, picture }: MaskAndPicture<CanvasNode>): Promise<FillFacts> {
  const box = exportBox(picture);
  const area = boxOf(mask)!;
  const scale = exportScale(box, await densityIn(picture, area));
  const exported = exportSize(box, scale);
  const maskBox = pixelsOf(area, { origin: box, scale });
  return {
    mask,
    picture,
    pictureSize: { width: box.width, height: box.height },
    scale,
    exported,
    maskBox,
    maskBounds: touchedPixels(maskBox, exported),
  };
}
