import type { Size } from '../image/bounds.ts';
import type { AssistiveNetwork, Outputs } from './assistive-models.ts';
import type { Box } from './keypoints.ts';
import { softmax } from './label-map.ts';

/** A box that is less likely a person's is not one. */
const minProbability = 0.5;
/** Of more persons the largest are drawn. */
export const maxPersons = 20;

/**
 * The persons that a network of DETR's kind (arXiv 2005.12872; RT-DETR, arXiv 2304.08069) has found in a picture, the largest
 * first. Throws `invalid-weights` where it gives no boxes, or knows no persons.
 */
export function personsOf(outputs: Outputs, network: AssistiveNetwork, picture: Size): readonly Box[] {
  const { logits, pred_boxes: boxes } = outputs;
  if (logits === undefined || boxes === undefined)
    throw network.unfit('it gives no `logits` with `pred_boxes`.');
  const person = network.labels.findIndex((label) => label.toLowerCase() === 'person');
  if (person < 0) throw network.unfit('it has no label "person".');
  const [queries, labels] = logits.dims.slice(-2) as [number, number];
  // With one more label than names that is for nothing, and a box is of one thing; else each label is for itself.
  const isOfOne = labels > network.labels.length;
  const found: Box[] = [];
  for (let query = 0; query < queries; query++) {
    const start = query * labels;
    const probability = isOfOne
      ? softmax(logits.data, { start, length: labels })[person]!
      : 1 / (1 + Math.exp(-logits.data[start + person]!));
    if (probability < minProbability) continue;
    const [x, y, w, h] = [0, 1, 2, 3].map((i) => boxes.data[4 * query + i]!) as [
      number,
      number,
      number,
      number,
    ];
    const [width, height] = [w * picture.width, h * picture.height];
    if (width <= 0 || height <= 0) continue;
    found.push({ left: x * picture.width - width / 2, top: y * picture.height - height / 2, width, height });
  }
  return found.sort((a, b) => b.width * b.height - a.width * a.height).slice(0, maxPersons);
}
