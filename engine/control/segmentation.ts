import { adeClasses, adeColours } from './ade20k.ts';
import type { AssistiveModels, AssistiveNetwork, Outputs } from './assistive-models.ts';
import { cocoCategories } from './coco-panoptic.ts';
import { type ClassScores, likeliestClasses, scoresOfMasks, scoresOfPlanes } from './label-map.ts';
import type { PreprocessServices } from './preprocess-services.ts';
import { ownSegmentationModel, segmentationModel } from './preprocessor-list.ts';
import type { RgbImage } from './rgb-image.ts';

/**
 * What each pixel is of, in the colours of ADE20K's classes, which ControlNets of segmentation were trained with. Without a
 * network that knows those classes, one that knows COCO's: each of them is drawn as its nearest of ADE20K.
 *
 * @throws what `AssistiveModels.use` throws; the signal's reason once it has aborted.
 */
export async function segmentation(
  image: RgbImage,
  _options: object,
  services: PreprocessServices,
): Promise<RgbImage> {
  const { signal, assistive } = services;
  services.onProgress?.(0, 1);
  signal.throwIfAborted();
  const scores = await assistive.use(segmentationModelOf(assistive), {
    picture: image,
    work: async (network) => {
      signal.throwIfAborted();
      return scoresOf(await network.run(image), network);
    },
  });
  signal.throwIfAborted();
  const { width, height } = image;
  const found = await likeliestClasses(scores, { size: image, services });
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < found.length; i++) {
    const colour = adeColours[found[i]!]!;
    data[3 * i] = colour >> 16;
    data[3 * i + 1] = (colour >> 8) & 255;
    data[3 * i + 2] = colour & 255;
  }
  return { width, height, channels: 3, data };
}

/** The user's own where there is one, else that of the catalogue. */
export function segmentationModelOf(assistive: AssistiveModels): string {
  return assistive.has(ownSegmentationModel) ? ownSegmentationModel : segmentationModel;
}

/** Of a network that gives planes of labels, or masks of things as DETR and MaskFormer do. */
function scoresOf(outputs: Outputs, network: AssistiveNetwork): ClassScores {
  const logits = outputs.logits ?? outputs.class_queries_logits;
  const masks = outputs.pred_masks ?? outputs.masks_queries_logits;
  const labels = masks === undefined ? logits?.dims.at(-3) : (logits?.dims.at(-1) ?? 0) - 1;
  if (logits === undefined || labels === undefined || labels <= 0) {
    throw network.unfit('it gives neither planes of `logits` nor `logits` with `pred_masks`.');
  }
  const classOf = classesOf(network.labels, labels);
  if (classOf.every((found) => found === undefined)) {
    throw network.unfit('its labels are neither those of ADE20K nor those of COCO.');
  }
  const scores =
    masks === undefined ? scoresOfPlanes(logits, classOf) : scoresOfMasks(logits, { masks, classOf });
  if (scores.planes.size > 0) return scores;
  throw network.unfit('it finds nothing.');
}

const adeNumbers: ReadonlyMap<string, number> = new Map(adeClasses.map((name, number) => [name, number]));
const cocoNumbers: ReadonlyMap<string, number> = new Map(
  Object.entries(cocoCategories).map(([number, { name }]) => [name, Number(number)]),
);

/**
 * The class of ADE20K that each label is of. As many labels as ADE20K has classes are those classes, whatever they are called;
 * a label without a name of its own (`LABEL_184`) is COCO's category of that number.
 */
export function classesOf(names: readonly string[], count: number): readonly (number | undefined)[] {
  return Array.from({ length: count }, (_, label) => {
    if (count === adeClasses.length) return label;
    const name = (names[label] ?? `LABEL_${label}`).trim().toLowerCase();
    const own = adeNumbers.get(name.split(/[,;]/, 1)[0]!);
    const coco = cocoCategories[cocoNumbers.get(name) ?? Number(/^label_(\d+)$/.exec(name)?.[1])]?.ade;
    return coco === undefined ? own : adeNumbers.get(coco);
  });
}
