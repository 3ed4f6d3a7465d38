/** The one denoising loop: every picture that a diffusion model draws goes through it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StableDiffusionUNet } from '../models/stable-diffusion-unet.ts';
import type { Tensor } from '../runtime/session.ts';
import type { Scheduler } from '../schedulers/scheduler.ts';
import { isActive, type LoadedControl } from './control-residuals.ts';
import { requireFinite } from './finite-numbers.ts';
import { type Guidance, type GuidanceSettings, predictGuided } from './guided-prediction.ts';

export interface DenoiseOptions extends GuidanceSettings {
  readonly unet: StableDiffusionUNet;
  readonly scheduler: Scheduler;
  /** [1, channels, height, width], at the noise level of the first call. */
  readonly latents: Tensor;
  readonly guidanceAt: (index: number) => Guidance;
  /** The calls that are run, from the first up to one past the last; all without it. */
  readonly calls?: { readonly from: number; readonly until: number };
  /** [1, channels, height, width]: channels that the UNet is shown beside the latent at every call, not scaled. */
  readonly shown?: Tensor;
  readonly controls?: readonly LoadedControl[];
  /** Changes the latent after call `index`, in place. */
  readonly afterStep?: (latents: Float32Array, index: number) => void;
  readonly signal: AbortSignal;
  /** After each call: the latent as the scheduler expects it in the end, or as it is. */
  readonly onStep: (step: number, steps: number, expected: Tensor) => void;
}

/** The latent after the last model call that is run. Throws `invalid-output` where the network's numbers overflow. */
export async function denoise(options: DenoiseOptions): Promise<Tensor> {
  const { scheduler, guidanceAt, controls = [], afterStep, signal, onStep } = options;
  const { shape } = options.latents;
  let sample = options.latents.data;
  const calls = scheduler.timesteps.length;
  const { from, until } = options.calls ?? { from: 0, until: calls };
  for (let index = from; index < until; index++) {
    await nextTurn();
    signal.throwIfAborted();
    const input = scheduler.scaleModelInput(sample, index);
    const output = await predictGuided(
      { shape, data: input },
      {
        ...options,
        timestep: scheduler.timesteps[index]!,
        guidance: guidanceAt(index),
        controls: controls.filter((control) => isActive(control, { index, calls })),
      },
    );
    requireFinite(output, { network: 'UNet', when: `at step ${index + 1} of ${calls}` });
    sample = scheduler.step(output, sample, index);
    afterStep?.(sample, index);
    onStep(index + 1, calls, { shape, data: scheduler.predictedOriginal ?? sample });
  }
  return { shape, data: sample };
}
