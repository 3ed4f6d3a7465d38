/** A job of the command line, in whichever of the two ways it runs: in an engine of its own, or on a server. */
import type { Progress, TaskEstimate } from '../../engine/api.ts';
import type { JobImage } from '../../plugins/shared/client/client-job.ts';
import type { JobRequest } from '../protocol/messages.ts';

export interface PictureJob {
  readonly request: JobRequest;
  readonly images: readonly JobImage[];
}

/** A finished picture, encoded; a file is the receiver's to move away. */
export interface FinishedPicture {
  readonly width: number;
  readonly height: number;
  /** None for an upscale, which leaves nothing to chance. */
  readonly seed?: number;
  /** Complete: with the same images it gives this very picture again. */
  readonly request: JobRequest;
  /** Of a prompt with choices: what was chosen. */
  readonly chosenWords?: { readonly prompt: string; readonly negativePrompt: string };
  readonly content: { readonly bytes: Uint8Array } | { readonly file: string };
}

export type JobProgress = Omit<Progress, 'phase'> & { readonly phase: string };

export interface JobOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: JobProgress) => void;
  /** Told of a job with a prompt before it runs, in an engine of its own. */
  readonly onEstimate: (estimate: TaskEstimate) => void;
  /** What the user should know that is no failure. */
  readonly onNotice: (text: string) => void;
  /** Called once with all pictures, in order, when the job is done; their files exist until it resolves. */
  readonly deliver: (pictures: readonly FinishedPicture[]) => Promise<void>;
}
