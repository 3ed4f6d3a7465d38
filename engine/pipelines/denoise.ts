/** The one denoising loop: every picture that a diffusion model draws goes through it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { EngineError } from '../errors.ts';
import type { Conditioning, StableDiffusionUNet } from '../models/stable-diffusion.ts';
import type { Tensor } from '../runtime/session.ts';
import type { Scheduler } from '../schedulers/scheduler.ts';

/** What the prompt and the negative prompt say at one step; both are of as many tokens. */
export interface Guidance {
  readonly positive: Conditioning;
  /** None where nothing is to be guided away from. */
  readonly negative?: Conditioning;
}

export interface DenoiseOptions {
  readonly unet: StableDiffusionUNet;
  readonly scheduler: Scheduler;
  /** [1, channels, height, width], at the noise level of the first call. */
  readonly latents: Tensor;
  readonly guidanceAt: (index: number) => Guidance;
  readonly guidanceScale: number;
  /** [1, channels, height, width]: channels that the UNet is shown beside the latent at every call, not scaled. */
  readonly shown?: Tensor;
  /** Changes the latent after call `index`, in place. */
  readonly afterStep?: (latents: Float32Array, index: number) => void;
  readonly signal: AbortSignal;
  /** After each call: the latent as the scheduler expects it in the end, or as it is. */
  readonly onStep: (step: number, steps: number, expected: Tensor) => void;
}

/** The latent after the last model call. Throws `invalid-output` where the network's numbers overflow. */
export async function denoise(options: DenoiseOptions): Promise<Tensor> {
  const { scheduler, afterStep, signal, onStep } = options;
  const { shape } = options.latents;
  let sample = options.latents.data;
  const calls = scheduler.timesteps.length;
  for (let index = 0; index < calls; index++) {
    await nextTurn();
    signal.throwIfAborted();
    const input = scheduler.scaleModelInput(sample, index);
    const output = await predict({ shape, data: input }, index, options);
    requireFinite(output, `step ${index + 1} of ${calls}`);
    sample = scheduler.step(output, sample, index);
    afterStep?.(sample, index);
    onStep(index + 1, calls, { shape, data: scheduler.predictedOriginal ?? sample });
  }
  return { shape, data: sample };
}

/** What the UNet predicts, with classifier-free guidance (arXiv 2207.12598) where there is something to guide away from. */
async function predict(sample: Tensor, index: number, options: DenoiseOptions): Promise<Float32Array> {
  const { unet, scheduler, guidanceAt, guidanceScale, shown, signal } = options;
  const { positive, negative } = guidanceAt(index);
  const image = shown === undefined ? sample : joinChannels(sample, shown);
  const timestep = scheduler.timesteps[index]!;
  if (negative === undefined) return unet.predict(image, { timestep, conditionings: [positive], signal });
  const both = await unet.predict(image, { timestep, conditionings: [negative, positive], signal });
  const length = both.length / 2;
  const guided = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    const away = both[i]!;
    guided[i] = away + guidanceScale * (both[length + i]! - away);
  }
  return guided;
}

function joinChannels(a: Tensor, b: Tensor): Tensor {
  const data = new Float32Array(a.data.length + b.data.length);
  data.set(a.data);
  data.set(b.data, a.data.length);
  const [, channels, height, width] = a.shape;
  return { shape: [1, channels! + b.shape[1]!, height!, width!], data };
}

/** Throws `invalid-output` where a value is no number: the picture would be black. */
export function requireFinite(values: Float32Array, where: string): void {
  // A sum with any NaN or infinity in it is none itself.
  let sum = 0;
  for (const value of values) sum += value;
  if (Number.isFinite(sum)) return;
  throw new EngineError(
    'invalid-output',
    `Expected numbers from the model at ${where}, received values that are none (NaN or infinite): the picture would be black.`,
  );
}
