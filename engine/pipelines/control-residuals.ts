/** What ControlNets add to one run of the UNet: when, how strongly, and to which of its inputs. */
import type { ControlMode, ControlSettings } from '../api.ts';
import type { LoadedControlNet } from '../models/controlnet.ts';
import type { Conditioning } from '../models/stable-diffusion-unet.ts';
import type { Tensor } from '../runtime/session.ts';
import { requireFinite } from './finite-numbers.ts';

/** A control ready to be drawn with. */
export interface LoadedControl extends Pick<ControlSettings, 'strength' | 'start' | 'end' | 'mode'> {
  readonly network: LoadedControlNet;
  readonly hint: Tensor;
  /** Of a network for several kinds of maps. */
  readonly tasks?: readonly number[] | undefined;
  /** Whether the mean of each residual's channels stands for it (`residual-pooling.ts`). */
  readonly isPooled: boolean;
}

/** One run of the UNet, as a ControlNet sees it. */
export interface ControlledRun {
  /** [1, channels, height, width]: the same for all inputs. */
  readonly sample: Tensor;
  readonly inputs: readonly ControlledInput[];
  readonly timestep: number;
  readonly signal: AbortSignal;
}

export interface ControlledInput {
  readonly conditioning: Conditioning;
  /** Whether it is the prompt's, and not what that is guided away from. */
  readonly isPrompt: boolean;
}

/**
 * Whether a control takes part in call `index` (from 0) of `calls`: as diffusers' `control_guidance_start` and `…_end`, it
 * does not before its start is reached, nor where the call would go past its end.
 */
export function isActive(
  { start, end }: Pick<ControlSettings, 'start' | 'end'>,
  { index, calls }: { readonly index: number; readonly calls: number },
): boolean {
  return index / calls >= start && (index + 1) / calls <= end;
}

/** Of the shallowest residual in the modes `prompt` and `control`; the deepest has 1. */
const leastShare = 0.1;

/**
 * What each of `count` residuals is times, from the first convolution's to the middle's. Of `balanced` all have the
 * strength. In the other modes it falls evenly in the exponent from 1 at the middle to 0.1 at the first convolution, so
 * that details are the prompt's: guess mode of arXiv 2302.05543, cldm's 0.825 ** (12 - i) for 13 residuals (within 0.6 %),
 * diffusers' `logspace(-1, 0)` for any number.
 */
export function residualScales(
  count: number,
  { strength, mode }: { readonly strength: number; readonly mode: ControlMode },
): readonly number[] {
  return Array.from({ length: count }, (_, index) =>
    mode === 'balanced' ? strength : strength * leastShare ** ((count - 1 - index) / (count - 1)),
  );
}

/**
 * What is added to the UNet's results; undefined where nothing is. In the mode `control` only the prompt's half is steered,
 * as in diffusers' guess mode and by "ControlNet is more important" of sd-webui-controlnet (`cfg_injection`): guidance then
 * works for the control as well as for the prompt. In the mode `prompt` ("My prompt is more important", `soft_injection`)
 * both are. Pooled residuals are the prompt's alone in every mode, at the same strength, as in diffusers.
 */
export async function controlResiduals(
  controls: readonly LoadedControl[],
  run: ControlledRun,
): Promise<readonly Tensor[] | undefined> {
  let sum: readonly Tensor[] | undefined;
  for (const { network, hint, tasks, isPooled, strength, mode } of controls) {
    const steered = run.inputs.map(({ isPrompt }) => isPrompt || !(isPooled || mode === 'control'));
    const conditionings = run.inputs.flatMap(({ conditioning }, index) =>
      steered[index]! ? conditioning : [],
    );
    if (conditionings.length === 0 || strength === 0) continue;
    const { sample, timestep, signal } = run;
    const shown = { sample, hint, conditionings, timestep, ...(tasks !== undefined && { tasks }) };
    const residuals = await network.residuals(shown, signal);
    requireFinite(residuals.at(-1)!.data, { network: 'ControlNet' });
    const scales = residualScales(residuals.length, { strength, mode: isPooled ? 'balanced' : mode });
    const placed = residuals.map((residual, index) =>
      placeRows(scaled(isPooled ? pooled(residual) : residual, scales[index]!), steered),
    );
    sum = sum === undefined ? placed : sum.map((tensor, index) => sumOf(tensor, placed[index]!));
  }
  return sum;
}

/** Of [rows, channels, height, width] each plane filled with its mean. */
function pooled({ shape, data }: Tensor): Tensor {
  const [, , height, width] = shape as [number, number, number, number];
  const plane = height * width;
  const means = new Float32Array(data.length);
  for (let from = 0; from < data.length; from += plane) {
    let sum = 0;
    for (let i = from; i < from + plane; i++) sum += data[i]!;
    means.fill(sum / plane, from, from + plane);
  }
  return { shape, data: means };
}

function scaled({ shape, data }: Tensor, scale: number): Tensor {
  return scale === 1 ? { shape, data } : { shape, data: data.map((value) => value * scale) };
}

/** Of a residual for some of the inputs, one for all of them: zeros for the others. */
function placeRows({ shape, data }: Tensor, steered: readonly boolean[]): Tensor {
  if (steered.every(Boolean)) return { shape, data };
  const [rows, ...rest] = shape as [number, ...number[]];
  const length = data.length / rows;
  const all = new Float32Array(length * steered.length);
  let row = 0;
  for (const [index, isSteered] of steered.entries()) {
    if (!isSteered) continue;
    // One stands for all.
    const from = rows === 1 ? 0 : row * length;
    all.set(data.subarray(from, from + length), index * length);
    row += 1;
  }
  return { shape: [steered.length, ...rest], data: all };
}

/** Either may be one row, which is added to each of the other's. */
export function sumOf(a: Tensor, b: Tensor): Tensor {
  const [more, fewer] = a.data.length >= b.data.length ? [a, b] : [b, a];
  const { length } = fewer.data;
  return { shape: more.shape, data: more.data.map((value, i) => value + fewer.data[i % length]!) };
}
