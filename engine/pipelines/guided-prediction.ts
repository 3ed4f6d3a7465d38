/** What the UNet predicts of one sample at one step, under guidance. */
import type { Conditioning, StableDiffusionUNet, UNetInput } from '../models/stable-diffusion-unet.ts';
import type { Tensor } from '../runtime/session.ts';
import { controlResiduals, type LoadedControl } from './control-residuals.ts';

/** What the prompt and the negative prompt say at one step; both are of as many tokens. */
export interface Guidance {
  readonly positive: Conditioning;
  /** None where nothing is to be guided away from. */
  readonly negative?: Conditioning;
}

/** Whether all that one step asks of the UNet is asked at once, or one after the other in less memory. */
export type GuidanceMode = 'batched' | 'sequential';

export interface GuidanceSettings {
  readonly guidanceMode: GuidanceMode;
  readonly guidanceScale: number;
  /** 0..1: how far the guided prediction is brought back to the spread of the one for the prompt. */
  readonly guidanceRescale: number;
  /** For a UNet that is shown a picture and was trained without it as well (pix2pix). */
  readonly imageGuidanceScale?: number;
}

export interface GuidedPredictionOptions extends GuidanceSettings {
  readonly unet: StableDiffusionUNet;
  readonly timestep: number;
  readonly guidance: Guidance;
  /** [1, channels, height, width]: channels that the UNet is shown beside the sample, not scaled. */
  readonly shown?: Tensor;
  /** Those that take part at this step. */
  readonly controls?: readonly LoadedControl[];
  readonly signal: AbortSignal;
}

/** What the UNet is asked, and whether with the prompt. */
interface Question extends UNetInput {
  readonly isPrompt: boolean;
}

/**
 * Classifier-free guidance (arXiv 2207.12598) where there is something to guide away from, that of pix2pix (arXiv
 * 2211.09800, equation 3) where a picture guides as well, and the rescale of arXiv 2305.08891, section 3.4.
 */
export async function predictGuided(sample: Tensor, options: GuidedPredictionOptions): Promise<Float32Array> {
  const { guidance, guidanceScale, imageGuidanceScale, guidanceRescale, shown } = options;
  const { positive, negative } = guidance;
  // One object for all that are shown the same: the UNet then computes what no text changes once.
  const seen = shown === undefined ? sample : joinChannels(sample, shown);
  const input = (conditioning: Conditioning, picture = seen): Question => ({
    sample: picture,
    conditioning,
    isPrompt: conditioning === positive,
  });
  const wanted = input(positive);
  if (negative === undefined) return (await predictAll(sample, [wanted], options))[0]!;
  const inputs = [input(negative), wanted];
  const isPictureGuiding = shown !== undefined && imageGuidanceScale !== undefined;
  if (isPictureGuiding) {
    const nothing = { ...shown, data: new Float32Array(shown.data.length) };
    inputs.unshift(input(negative, joinChannels(sample, nothing)));
  }
  const predictions = await predictAll(sample, inputs, options);
  const guided = isPictureGuiding
    ? guideByBoth(predictions, { guidanceScale, imageGuidanceScale })
    : guideByPrompt(predictions, guidanceScale);
  return guidanceRescale === 0 ? guided : rescale(guided, predictions.at(-1)!, guidanceRescale);
}

/** One prediction for each input. */
async function predictAll(
  sample: Tensor,
  inputs: readonly Question[],
  options: GuidedPredictionOptions,
): Promise<readonly Float32Array[]> {
  const { unet, guidanceMode, timestep, guidanceScale, controls = [], signal } = options;
  const predict = async (asked: readonly Question[]) => {
    const residuals = await controlResiduals(controls, { sample, inputs: asked, timestep, signal });
    return unet.predict(asked, { timestep, guidanceScale, residuals, signal });
  };
  if (guidanceMode === 'batched') {
    const together = await predict(inputs);
    const length = together.length / inputs.length;
    return inputs.map((_, i) => together.subarray(i * length, (i + 1) * length));
  }
  const predictions: Float32Array[] = [];
  for (const input of inputs) predictions.push(await predict([input]));
  return predictions;
}

function guideByPrompt([away, towards]: readonly Float32Array[], guidanceScale: number): Float32Array {
  return away!.map((value, i) => value + guidanceScale * (towards![i]! - value));
}

/** From neither, the picture alone, and both. */
function guideByBoth(
  [neither, picture, both]: readonly Float32Array[],
  {
    guidanceScale,
    imageGuidanceScale,
  }: { readonly guidanceScale: number; readonly imageGuidanceScale: number },
): Float32Array {
  return neither!.map(
    (value, i) =>
      value + guidanceScale * (both![i]! - picture![i]!) + imageGuidanceScale * (picture![i]! - value),
  );
}

/** Strong guidance spreads the values too far, which shows as overexposure: part of the way back to how they were spread. */
function rescale(guided: Float32Array, towards: Float32Array, share: number): Float32Array {
  const factor = share * (standardDeviation(towards) / standardDeviation(guided)) + (1 - share);
  return guided.map((value) => value * factor);
}

function standardDeviation(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}

function joinChannels(a: Tensor, b: Tensor): Tensor {
  const data = new Float32Array(a.data.length + b.data.length);
  data.set(a.data);
  data.set(b.data, a.data.length);
  const [, channels, height, width] = a.shape;
  return { shape: [1, channels! + b.shape[1]!, height!, width!], data };
}
