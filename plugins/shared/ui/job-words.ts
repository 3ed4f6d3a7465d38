/** What a job is doing, in words for people. */
import type { JobEntry } from '../store/job-store.ts';

const phaseWords: Readonly<Record<string, string>> = {
  decoding: 'Reading the picture',
  loading: 'Loading the model',
  filling: 'Filling',
  upscaling: 'Upscaling',
  denoising: 'Drawing',
  refining: 'Drawing it larger',
  encoding: 'Finishing',
};

/** E.g. `Filling`, or `Waiting, 2 jobs before this one`. */
export function describeJob({ state, position, progress }: JobEntry): string {
  switch (state) {
    case 'preparing':
      return 'Preparing';
    case 'uploading':
      return 'Sending the picture';
    case 'queued':
      return position === undefined || position === 0
        ? 'Waiting, next in line'
        : `Waiting, ${position} ${position === 1 ? 'job' : 'jobs'} before this one`;
    case 'running':
      return progress === undefined ? 'Starting' : (phaseWords[progress.phase] ?? 'Working');
    case 'done':
      return 'Done';
    case 'failed':
      return 'Failed';
    case 'cancelled':
      return 'Cancelled';
  }
}

/** How much of what it is doing is done, 0 to 1; nothing while that cannot be told. */
export function fractionDone({ state, progress }: JobEntry): number | undefined {
  if (state === 'done') return 1;
  if (state !== 'running' || progress === undefined || progress.steps <= 0) return undefined;
  return Math.min(1, Math.max(0, progress.step / progress.steps));
}

/** E.g. `about 20 s left`; rounded, so that it does not flicker. Nothing while it cannot be told. */
export function describeTimeLeft({ state, progress }: JobEntry): string | undefined {
  const etaMs = progress?.etaMs;
  if (state !== 'running' || etaMs === undefined || etaMs < 1_000) return undefined;
  return `${describeDuration(etaMs)} left`;
}

/** E.g. `about 20 s`. */
export function describeDuration(durationMs: number): string {
  const seconds = durationMs / 1_000;
  if (seconds < 10) return `about ${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 55) return `about ${Math.round(seconds / 5) * 5} s`;
  return `about ${Math.max(1, Math.round(seconds / 60))} min`;
}
