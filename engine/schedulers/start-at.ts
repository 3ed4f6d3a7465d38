import type { Scheduler } from './scheduler.ts';

/** The rest of a scheduler's run from model call `first` on: index 0 is then that call. */
export function startAt(scheduler: Scheduler, first: number): Scheduler {
  if (first === 0) return scheduler;
  return {
    timesteps: scheduler.timesteps.subarray(first),
    initNoiseSigma: scheduler.initNoiseSigma,
    scaleModelInput: (sample, index) => scheduler.scaleModelInput(sample, first + index),
    step: (modelOutput, sample, index) => scheduler.step(modelOutput, sample, first + index),
    addNoise: (original, noise, index) => scheduler.addNoise(original, noise, first + index),
    get predictedOriginal() {
      return scheduler.predictedOriginal;
    },
  };
}
