import type { PredictionType } from '../api.ts';
import type { StableDiffusionUNet } from './stable-diffusion-unet.ts';

/** Of the latent that is shown, which is grey all over. */
export const probeSide = 8;
const probeValue = 0.5;
const probeTokens = 2;
/** All but noise. */
const lastTimestep = 999;
/** How far below what it was shown the prediction's mean has to be. */
const velocityBelow = -1;

export interface ProbeOptions {
  readonly channels: number;
  /** Of a token's vector. */
  readonly width: number;
  readonly signal: AbortSignal;
}

/**
 * What a UNet of Stable Diffusion 2.x was trained to predict, which two of them that look alike do differently (768-v and
 * 512-base), found out as A1111 does: shown as noise something that is none, one that predicts noise gives about that back,
 * and one that predicts velocity something far below.
 */
export async function probePredictionType(
  unet: StableDiffusionUNet,
  { channels, width, signal }: ProbeOptions,
): Promise<Extract<PredictionType, 'epsilon' | 'v_prediction'>> {
  const sample = {
    shape: [1, channels, probeSide, probeSide],
    data: new Float32Array(channels * probeSide ** 2).fill(probeValue),
  };
  const states = new Float32Array(probeTokens * width).fill(probeValue);
  const predicted = await unet.predict([{ sample, conditioning: { tokens: probeTokens, states } }], {
    timestep: lastTimestep,
    signal,
  });
  const mean = predicted.reduce((sum, value) => sum + value, 0) / predicted.length;
  return mean - probeValue < velocityBelow ? 'v_prediction' : 'epsilon';
}
