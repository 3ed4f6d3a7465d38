/** One run of Stable Diffusion's UNet: what it is shown, and what it predicts. */
import { residualName } from '../graphs/unet-2d-condition.ts';
import type { Tensor } from '../runtime/session.ts';
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
    signal,
  }: PredictOptions & {
    readonly toldChannels: number | undefined;
    readonly residualChannels: readonly number[];
  },
): Promise<Float32Array> {
  const batch = inputs.length;
  const [{ sample, conditioning }] = inputs as readonly [UNetInput];
  const { tokens, states, added } = conditioning;
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
      encoder_hidden_states: {
        shape: [batch, tokens, states.length / tokens],
        data: joined(inputs.map((input) => input.conditioning.states)),
      },
      ...(added !== undefined && {
        added_conditioning: {
          shape: [batch, added.length],
          data: joined(inputs.map((input) => input.conditioning.added!)),
        },
      }),
      ...Object.fromEntries(residuals.map((residual, index) => [residualName(index), residual])),
      ...(toldChannels !== undefined && {
        timestep_cond: { shape: [1, toldChannels], data: guidanceEmbedding(guidanceScale, toldChannels) },
      }),
    },
    signal,
  );
  return output!.data;
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
