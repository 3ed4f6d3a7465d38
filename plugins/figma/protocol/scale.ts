/** At what size pictures leave Figma and come back. */
import type { Margins, Size } from '../../shared/picture/geometry.ts';

/** Figma takes no image with a longer side. */
export const maxImageSide = 4096;
/** What is larger than four times that would come back too coarse to be of use. */
export const minScale = 1 / 4;
/** No more pixels of a unit than this, whatever an image has. */
export const maxScale = 4;
/** Against rounding up: a hair less than what an image may have. */
const exportSide = maxImageSide - 0.1;

/**
 * Pixels of a unit for an export: as many as the images in it have, at least one, and fewer where a side would not fit
 * into an image of Figma's.
 *
 * @param size In units.
 * @param density Pixels of a unit that the images in it have.
 */
export function exportScale({ width, height }: Size, density = 1): number {
  const wanted = Math.min(Math.max(density, 1), maxScale);
  const side = Math.max(width, height);
  return side * wanted <= maxImageSide ? wanted : exportSide / side;
}

/** The size in pixels of what is exported. */
export function exportSize({ width, height }: Size, scale: number): Size {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Whole pixels of margins in units. */
export function marginPixels(margins: Margins, scale: number): Margins {
  const pixels = (units: number) => Math.round(units * scale);
  return {
    left: pixels(margins.left),
    top: pixels(margins.top),
    right: pixels(margins.right),
    bottom: pixels(margins.bottom),
  };
}

/** The scale of an expansion: what it becomes has to fit, too. */
export function expandScale(size: Size, { margins, density }: { margins: Margins; density: number }): number {
  const { left, top, right, bottom } = margins;
  return exportScale({ width: size.width + left + right, height: size.height + top + bottom }, density);
}
