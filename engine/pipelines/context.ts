import type { EngineMessage, Phase, ResultPicture } from '../api.ts';
import type { AssistiveModels } from '../control/assistive-models.ts';
import type { FillThreads } from '../fill/fill-threads.ts';
import type { ModelLibrary } from '../models/model-library.ts';
import type { StableDiffusionLoader } from '../models/stable-diffusion.ts';
import type { UpscalerLoader } from '../models/upscaler.ts';

export type Preview = Omit<Extract<EngineMessage, { type: 'preview' }>, 'type' | 'jobId'>;

/** What a pipeline may use of the engine it runs in, and how it reports. Made anew for each job. */
export interface PipelineContext {
  readonly signal: AbortSignal;
  readonly models: ModelLibrary;
  readonly upscalers: UpscalerLoader;
  readonly diffusion: StableDiffusionLoader;
  /** What looks at pictures for control maps. */
  readonly assistive: AssistiveModels;
  readonly fillThreads: FillThreads;
  readonly spoolFolder: string;
  /** Of lists of words that prompts choose from. */
  readonly wildcardsFolder?: string;
  readonly onProgress: (phase: Phase, step: number, steps: number) => void;
  /** What the user should know that is no failure: a sentence. */
  readonly onWarning: (message: string) => void;
  readonly onPreview: (preview: Preview) => void;
  readonly onResult: (result: ResultPicture) => void;
}
