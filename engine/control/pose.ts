import { type Bounds, boundsOf, intersect, isEmpty } from '../image/bounds.ts';
import { cropPicture, extendCanvas } from '../image/crop.ts';
import type { AssistiveNetwork } from './assistive-models.ts';
import { type Box, inputBox, keypointsOf } from './keypoints.ts';
import { personsOf } from './persons.ts';
import { drawFigures, type Figure, figureOf } from './pose-figure.ts';
import type { PreprocessServices } from './preprocess-services.ts';
import { personModel, poseModel } from './preprocessor-list.ts';
import type { RgbImage } from './rgb-image.ts';

export interface PoseOptions {
  /** A joint that is less sure is not drawn. */
  readonly threshold: number;
}

/** Of COCO, which ViTPose was trained with. */
const keypointCount = 17;

/**
 * Figures of the persons in a picture, as OpenPose draws them: found by a detector where it is there, else the whole picture
 * is taken for one; then each one's keypoints (ViTPose, arXiv 2204.12484).
 *
 * @throws what `AssistiveModels.use` throws; the signal's reason once it has aborted.
 */
export async function pose(
  image: RgbImage,
  { threshold }: PoseOptions,
  services: PreprocessServices,
): Promise<RgbImage> {
  const { signal, assistive, onProgress } = services;
  onProgress?.(0, 1);
  signal.throwIfAborted();
  const persons = assistive.has(personModel) ? await findPersons(image, services) : [boundsOf(image)];
  const figures: Figure[] = [];
  const work = async (network: AssistiveNetwork) => {
    for (const person of persons) {
      signal.throwIfAborted();
      onProgress?.(1 + figures.length, persons.length + 2);
      figures.push(figureOf(await lookAt(image, person, network), threshold));
      // A run cannot be interrupted; a request to cancel is heard between two.
      await new Promise(setImmediate);
    }
  };
  if (persons.length > 0) await assistive.use(poseModel, { picture: image, work });
  signal.throwIfAborted();
  // The nearest, which are the largest, lie over the others.
  const map = drawFigures(figures.reverse(), image);
  onProgress?.(1, 1);
  return map;
}

async function findPersons(
  image: RgbImage,
  { signal, assistive }: PreprocessServices,
): Promise<readonly Box[]> {
  return assistive.use(personModel, {
    picture: image,
    work: async (network) => {
      signal.throwIfAborted();
      return personsOf(await network.run(image), network, image);
    },
  });
}

async function lookAt(image: RgbImage, person: Box, network: AssistiveNetwork) {
  const input = network.inputSize(image);
  const box = inputBox(person, input);
  const { heatmaps } = await network.run(cut(image, box));
  if (heatmaps?.dims.at(-3) !== keypointCount) {
    throw network.unfit(`it gives no \`heatmaps\` of the ${keypointCount} keypoints of COCO.`);
  }
  return keypointsOf(heatmaps, { box, input });
}

/** What is in a box, black where it reaches beyond the picture. */
function cut(image: RgbImage, box: Bounds): RgbImage {
  const inside = intersect(box, boundsOf(image));
  if (isEmpty(inside)) {
    const { width, height } = box;
    return { width, height, channels: 3, data: new Uint8Array(width * height * 3) };
  }
  const left = inside.left - box.left;
  const top = inside.top - box.top;
  const right = box.width - inside.width - left;
  const bottom = box.height - inside.height - top;
  return extendCanvas(cropPicture(image, inside), { left, right, top, bottom }) as RgbImage;
}
