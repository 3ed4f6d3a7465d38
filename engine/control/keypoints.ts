import type { Size } from '../image/bounds.ts';
import type { OutputTensor } from './assistive-models.ts';
import type { Joint } from './pose-figure.ts';

/** A place in a picture, in its pixels, of any size above none: it may reach beyond the picture. */
export interface Box extends Size {
  readonly left: number;
  readonly top: number;
}

/** How much larger than a person its box is made (ViTPose, arXiv 2204.12484, as its training has it). */
const boxMargin = 1.25;

/** The box around the same centre with some margin and the proportions of a network's input; whole pixels. */
export function inputBox(person: Box, { width, height }: Size): Box {
  const wide = boxMargin * Math.max(person.width, (person.height * width) / height);
  const size = {
    width: Math.max(1, Math.round(wide)),
    height: Math.max(1, Math.round((wide * height) / width)),
  };
  return {
    ...size,
    left: Math.round(person.left + (person.width - size.width) / 2),
    top: Math.round(person.top + (person.height - size.height) / 2),
  };
}

/**
 * Where each keypoint is in the picture: its heatmap's largest value, moved a quarter towards the larger of its neighbours
 * (A. Newell et al., arXiv 1603.06937, section 3.3). The outermost places of a heatmap are at the centres of the input's outermost
 * pixels (unbiased data processing, J. Huang et al., arXiv 1911.07524), which ViTPose was trained with.
 *
 * @param heatmaps [1, keypoints, rows, columns]
 * @param input The network's, of which `box` is the place in the picture.
 */
export function keypointsOf(
  heatmaps: OutputTensor,
  { box, input }: { readonly box: Box; readonly input: Size },
): readonly Joint[] {
  const [count, rows, columns] = heatmaps.dims.slice(-3) as [number, number, number];
  return Array.from({ length: count }, (_, keypoint) => {
    const start = keypoint * rows * columns;
    const at = (x: number, y: number) => heatmaps.data[start + y * columns + x]!;
    let best = 0;
    for (let i = 1; i < rows * columns; i++) {
      if (heatmaps.data[start + i]! > heatmaps.data[start + best]!) best = i;
    }
    const [x, y] = [best % columns, Math.floor(best / columns)];
    const isInside = x > 0 && y > 0 && x < columns - 1 && y < rows - 1;
    const shiftX = isInside ? 0.25 * Math.sign(at(x + 1, y) - at(x - 1, y)) : 0;
    const shiftY = isInside ? 0.25 * Math.sign(at(x, y + 1) - at(x, y - 1)) : 0;
    const inputX = ((x + shiftX) * (input.width - 1)) / Math.max(1, columns - 1) + 0.5;
    const inputY = ((y + shiftY) * (input.height - 1)) / Math.max(1, rows - 1) + 0.5;
    return {
      x: box.left + (inputX * box.width) / input.width,
      y: box.top + (inputY * box.height) / input.height,
      score: Math.min(1, Math.max(0, at(x, y))),
    };
  });
}
