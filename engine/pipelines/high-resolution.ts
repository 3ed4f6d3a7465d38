/** When a picture from words is drawn in two passes, and how: small as the model knows it, then large over that. */
import type { DiffusionSettings, GenerateSettings, GenerateTask } from '../api.ts';
import type { Size } from '../image/bounds.ts';
import { limitsOfResolution, workingSize } from '../image/working-size.ts';
import type { StableDiffusionDescription } from '../models/stable-diffusion.ts';
import { latentPixelSide, resolutionOf } from './working-size.ts';

/**
 * Up to this enlargement of what it was trained at, along a side, a model mostly still draws one scene; beyond it repeats
 * things and bodies, because none of its layers sees the whole.
 */
export const maxOnePassEnlargement = 1.5;

/** What `draw` needs to know of one pass. */
export interface Pass {
  readonly settings: DiffusionSettings;
  readonly size: Size;
  readonly strength: number;
  /** Whether the network is shown a picture, which has to be encoded. */
  readonly isShownPicture: boolean;
}

/** The passes in which a picture from words is drawn: one, or one from nothing and one over that. */
export function passesOf(
  { diffusion: settings, width, height }: GenerateTask,
  description: StableDiffusionDescription,
): readonly [Pass, Pass?] {
  const { highResolution: choice, highResolutionStrength } = settings;
  const size = { width, height };
  const firstSize = firstPassSize(size, { resolution: resolutionOf(description), choice });
  const fromNothing = { strength: 1, isShownPicture: description.variant === 'inpainting' };
  if (firstSize === undefined) return [{ ...fromNothing, settings, size }];
  // What it would refine is drawn over.
  const { refiner: _, ...firstSettings } = settings;
  const over = { settings: secondPassSettings(settings), size, isShownPicture: true };
  return [
    { ...fromNothing, settings: firstSettings, size: firstSize },
    { ...over, strength: highResolutionStrength },
  ];
}

export interface FirstPassOptions {
  /** What the model was trained at. */
  readonly resolution: Size;
  readonly choice: GenerateSettings['highResolution'];
}

/** The size of a first pass, in the shape of the picture; undefined where it is drawn in one. */
export function firstPassSize(picture: Size, { resolution, choice }: FirstPassOptions): Size | undefined {
  if (choice === 'off') return undefined;
  const first = workingSize(picture, limitsOfResolution(resolution, latentPixelSide));
  const enlargement = Math.max(picture.width / first.width, picture.height / first.height);
  return enlargement > (choice === 'on' ? 1 : maxOnePassEnlargement) ? first : undefined;
}

/**
 * What the second pass is drawn with: as many steps as the first has, and more where none would be left to run, for which the
 * request's own timesteps are no use.
 */
export function secondPassSettings(settings: GenerateSettings): GenerateSettings {
  const { timesteps: _, ...spaced } = settings;
  const { numInferenceSteps, highResolutionStrength: strength } = settings;
  let steps = Math.max(numInferenceSteps, Math.ceil(1 / strength));
  // Rounding may leave a hair too little.
  if (Math.floor(steps * strength) < 1) steps += 1;
  return steps === numInferenceSteps ? settings : { ...spaced, numInferenceSteps: steps };
}
