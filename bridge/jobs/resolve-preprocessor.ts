import { type CompleteSettings, completeSettings } from '../../engine/control/preprocessor-list.ts';
import type { PreprocessorField } from '../protocol/messages.ts';

/** A preprocessor with all its numbers. Throws `invalid-option` for what is not there, and for what is beyond a limit. */
export function resolvePreprocessor(field: PreprocessorField): CompleteSettings {
  return completeSettings(typeof field === 'string' ? { name: field } : field);
}
