import type { AssistiveModels } from './assistive-models.ts';
import type { Pace } from './pacer.ts';

/** What a preprocessor may use of the engine it runs in, and how it reports. */
export interface PreprocessServices extends Pace {
  readonly assistive: AssistiveModels;
}
