import type { ControlKind, PreprocessorSettings } from '../api.ts';
import type { Picture } from '../image/picture.ts';
import type { AssistiveModels } from './assistive-models.ts';
import { canny } from './canny.ts';
import { depth } from './depth.ts';
import { lineart } from './lineart.ts';
import { normal } from './normal.ts';
import { palette } from './palette.ts';
import { pose } from './pose.ts';
import type { PreprocessServices } from './preprocess-services.ts';
import { completeSettings, preprocessors } from './preprocessor-list.ts';
import { type RgbImage, toRgbImage } from './rgb-image.ts';
import { scribble } from './scribble.ts';
import { segmentation, segmentationModelOf } from './segmentation.ts';
import { softEdge } from './soft-edge.ts';
import { tile } from './tile.ts';

type Run<Options> = (image: RgbImage, options: Options, services: PreprocessServices) => Promise<RgbImage>;

/** Each with the options that `preprocessors` lists for it. */
const runs = {
  canny,
  lineart,
  scribble,
  softedge: softEdge,
  depth,
  normal,
  segmentation,
  pose,
  tile,
  palette,
} satisfies Partial<Record<ControlKind, Run<never>>>;

/**
 * A picture's control map, as large as the picture, in the colours that ControlNets of its kind were trained with.
 * Transparent parts count as white paper, 16 bits by their upper eight.
 *
 * @throws EngineError 'invalid-option' for settings that cannot be; 'model-not-found' where a model is needed that is not there; the signal's reason once it has aborted.
 */
export async function preprocess(
  picture: Picture,
  settings: PreprocessorSettings,
  services: PreprocessServices,
): Promise<RgbImage> {
  const { name, options } = completeSettings(settings);
  const run = runs[name as keyof typeof runs] as Run<unknown>;
  return run(toRgbImage(picture), options, services);
}

/** The models that a preprocessor would use now: what it needs, and what it makes use of where it is there. */
export function modelsUsed(name: ControlKind, assistive: AssistiveModels): readonly string[] {
  const { needs, uses } = preprocessors.find((one) => one.name === name) ?? {};
  if (needs === undefined) return [];
  const needed = name === 'segmentation' ? segmentationModelOf(assistive) : needs;
  return uses !== undefined && assistive.has(uses) ? [needed, uses] : [needed];
}
