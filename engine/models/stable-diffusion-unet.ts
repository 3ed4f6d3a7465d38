/** One run of Stable Diffusion's UNet: what it is shown, and what it predicts. */
import { residualName } from '../graphs/unet-2d-condition.ts';
import type { Size } from '../image/bounds.ts';
import type { Sizes } from '../onnx/shape.ts';
import type { Tensor } from '../runtime/session.ts';
import { windowLength } from '../text/prompt.ts';
import type { Feeds } from './adaptation.ts';
import { latentPixelSide } from './autoencoder.ts';
import { guidanceEmbedding } from './guidance-embedding.ts';
import type { LoadedNetwork } from './loaded-network.ts';

/** What a UNet is told of a prompt. */
export interface Conditioning {
  readonly tokens: number;
  /** Hidden states, [tokens, width]. */
  readonly states: Float32Array;
  /** For a UNet that is told it (SDXL): the prompt as a whole, and sizes (`addedConditioning`). */
  readonly added?: Float32Array;
}

/** What one run of the UNet is given, as its sizes tell. */
export interface UNetWork {
  /** Of the image. */
  readonly size: Size;
  /** Samples at a time. */
  readonly batch: number;
  /** Whether ControlNets add to it. */
  readonly isControlled?: boolean;
}

/** Of SDXL's two encoders together: what a ControlNet is given that reads none of the text. */
const widestText = 2048;

/** With a prompt of one window: a longer one makes no difference that counts. As if each text had a picture of its own. */
export function unetSizes({ size, batch, isControlled = false }: UNetWork): Sizes {
  const height = size.height / latentPixelSide;
  const width = size.width / latentPixelSide;
  const words = windowLength;
  const rows = batch * height * width;
  const residuals = isControlled
    ? { residuals: batch, residual_height: height, residual_width: width }
    : { residuals: 1, residual_height: 1, residual_width: 1 };
  const text = { words, contextRows: batch * words, context_channels: widestText };
  return { batch, pictures: batch, height, width, rows, ...text, ...residuals };
}

export interface UNetInput {
  /** [1, channels, height, width] */
  readonly sample: Tensor;
  readonly conditioning: Conditioning;
}

export interface PredictOptions {
  readonly timestep: number;
  /** For a UNet that is told it (`isToldGuidance`); 1 by default. */
  readonly guidanceScale?: number;
  /**
   * What ControlNets add to each result of the way down and to the middle: [N, C, h, w], N one for all inputs or one for
   * each of them. Nothing without.
   */
  readonly residuals?: readonly Tensor[] | undefined;
  readonly signal: AbortSignal;
}

export interface StableDiffusionUNet {
  /** What it predicts in one run: a latent for each input, one after the other. All of one size and as many tokens. */
  predict(inputs: readonly UNetInput[], options: PredictOptions): Promise<Float32Array>;
}

/** As `predict` of the network of `emitUNet`. */
export async function runUNet(
  network: LoadedNetwork,
  inputs: readonly UNetInput[],
  {
    timestep,
    guidanceScale = 1,
    toldChannels,
    residualChannels,
    residuals = residualChannels.map(noResidual),
    feeds,
    signal,
  }: PredictOptions & {
    readonly toldChannels: number | undefined;
    readonly residualChannels: readonly number[];
    readonly feeds: Feeds;
  },
): Promise<Float32Array> {
  const [{ sample }] = inputs as readonly [UNetInput];
  // Guidance shows one sample with several texts; pix2pix shows samples of its own with each.
  const samples = inputs.every((input) => input.sample.data === sample.data)
    ? [sample.data]
    : inputs.map((input) => input.sample.data);
  const { noise_pred: output } = await network.run(
    {
      sample: {
        shape: [samples.length, ...sample.shape.slice(1)],
        data: joined(samples),
      },
      timestep: { shape: [1], data: Float32Array.of(timestep) },
      ...conditioningInputs(inputs.map(({ conditioning }) => conditioning)),
      ...Object.fromEntries(residuals.map((residual, index) => [residualName(index), residual])),
      ...(toldChannels !== undefined && {
        timestep_cond: { shape: [1, toldChannels], data: guidanceEmbedding(guidanceScale, toldChannels) },
      }),
      ...feeds,
    },
    signal,
  );
  return output!.data;
}

/** What a UNet and its ControlNets are told of texts, all of as many tokens. */
export function conditioningInputs(conditionings: readonly Conditioning[]): Readonly<Record<string, Tensor>> {
  const [{ tokens, states, added }] = conditionings as readonly [Conditioning];
  const batch = conditionings.length;
  return {
    encoder_hidden_states: {
      shape: [batch, tokens, states.length / tokens],
      data: joined(conditionings.map((conditioning) => conditioning.states)),
    },
    ...(added !== undefined && {
      added_conditioning: {
        shape: [batch, added.length],
        data: joined(conditionings.map((conditioning) => conditioning.added!)),
      },
    }),
  };
}

/** Zero wherever it is added. */
function noResidual(channels: number): Tensor {
  return { shape: [1, channels, 1, 1], data: new Float32Array(channels) };
}

export function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
