import path from 'node:path';
import { TorchCpuGenerator } from '../../../engine/random/torch-cpu-generator.ts';
import { createScheduler } from '../../../engine/schedulers/create-scheduler.ts';
import type { PredictionType } from '../../../engine/schedulers/scheduler.ts';
import { openSafetensors } from '../../../engine/weights/safetensors.ts';
import { readFloats } from '../graphs/tensors-close.ts';

const goldenFile = path.join(import.meta.dirname, '../../golden/schedulers/trajectories.safetensors');

/** A run as tests/golden/schedulers/dump.py describes it, and what came of it there. */
export interface GoldenRun {
  readonly name: string;
  readonly steps: number;
  readonly timesteps?: readonly number[];
  readonly predictionType: PredictionType;
  readonly strength: number;
  readonly rescaleZeroTerminalSnr: boolean;
  readonly seed: number;
  readonly expected: Trajectory;
}

export interface Trajectory {
  readonly timesteps: Float32Array;
  /** The first latent, then the latent after each model call. */
  readonly states: readonly Float32Array[];
  /** The original with noise added, for each model call; empty where the reference has no such function. */
  readonly noised: readonly Float32Array[];
}

export const latentLength = 24;

export async function goldenRuns(): Promise<readonly GoldenRun[]> {
  const golden = await openSafetensors(goldenFile);
  const described = JSON.parse(golden.metadata.get('cases')!) as Omit<GoldenRun, 'expected'>[];
  const read = async (name: string) => (await readFloats(golden, name)).data;
  return Promise.all(
    described.map(async (run) => ({
      ...run,
      expected: {
        timesteps: await read(`${run.name}.timesteps`),
        states: rows(await read(`${run.name}.states`)),
        noised: golden.tensors.has(`${run.name}.noised`) ? rows(await read(`${run.name}.noised`)) : [],
      },
    })),
  );
}

/** The same run, here. The scheduler's name is the case's up to a slash. */
export function runScheduler(run: Omit<GoldenRun, 'expected'>): Trajectory {
  const noise = new TorchCpuGenerator(run.seed);
  const scheduler = createScheduler(run.name.split('/')[0]!, {
    numInferenceSteps: run.steps,
    timesteps: run.timesteps,
    strength: run.strength,
    predictionType: run.predictionType,
    rescaleZeroTerminalSnr: run.rescaleZeroTerminalSnr,
    noise,
  });
  const firstNoise = noise.normal(latentLength);
  const noised = Array.from(scheduler.timesteps, (_, index) =>
    scheduler.addNoise(original(), firstNoise, index),
  );
  let sample = run.strength === 1 ? firstNoise.map((value) => value * scheduler.initNoiseSigma) : noised[0]!;
  const states = [sample];
  for (const [index, timestep] of scheduler.timesteps.entries()) {
    const output = model(scheduler.scaleModelInput(sample, index), timestep);
    sample = scheduler.step(output, sample, index);
    states.push(sample);
  }
  return { timesteps: Float32Array.from(scheduler.timesteps), states, noised };
}

function model(input: Float32Array, timestep: number): Float32Array {
  return input.map((x) => 0.5 * x + 0.4 * Math.sin(2 * x + timestep / 250));
}

function original(): Float32Array {
  return Float32Array.from({ length: latentLength }, (_, i) => Math.cos(i));
}

function rows(values: Float32Array): readonly Float32Array[] {
  return Array.from({ length: values.length / latentLength }, (_, row) =>
    values.subarray(row * latentLength, (row + 1) * latentLength),
  );
}
