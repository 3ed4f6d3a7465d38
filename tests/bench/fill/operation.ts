/** A case filled by the operation that a person would choose for it: fill, expand or remove. */
import { bestFill } from '../../../engine/fill/best-fill.ts';
import { expandPicture } from '../../../engine/fill/expand-picture.ts';
import { fillPicture } from '../../../engine/fill/fill-picture.ts';
import { growObjectMask } from '../../../engine/fill/object-mask.ts';
import type { FillOptions } from '../../../engine/fill/solve-fill.ts';
import { compositeOver } from '../../../engine/image/composite.ts';
import { cropPicture, type Margins } from '../../../engine/image/crop.ts';
import type { Mask, Picture } from '../../../engine/image/picture.ts';
import type { CaseKind } from './cases.ts';

export interface Operation {
  readonly kind: CaseKind;
  readonly picture: Picture;
  readonly mask: Mask;
  /** Where the picture is the middle of a larger canvas. */
  readonly margins: Margins | null;
}

export async function runOperation(operation: Operation, options: FillOptions): Promise<Picture> {
  const { kind, picture, mask, margins } = operation;
  if (margins) {
    return expandPicture(cropPicture(picture, innerBounds(picture, margins)), margins, options);
  }
  if (kind !== 'removal') return fillPicture(picture, mask, options);
  const layer = await bestFill(picture, await growObjectMask(picture, mask, options), options);
  return compositeOver(picture, { fill: layer.fill, mask: layer.mask, at: layer.bounds });
}

export function innerBounds({ width, height }: Picture, { left, top, right, bottom }: Margins) {
  return { left, top, width: width - left - right, height: height - top - bottom };
}
