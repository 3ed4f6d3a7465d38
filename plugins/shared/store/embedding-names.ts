/** Textual inversions, which are named in a prompt: which there are, and which one is being written. */
import type { Capabilities, ModelCapability } from '../../../bridge/protocol/messages.ts';

/** Shorter beginnings are those of too many other words. */
const minTypedLength = 2;
const maxSuggestions = 3;

/** The names that mean something to this model's text encoder. */
export function embeddingNames(
  { models }: Pick<Capabilities, 'models'>,
  { family }: Pick<ModelCapability, 'family'>,
): readonly string[] {
  return models
    .filter(({ kind, problem, ...model }) => kind === 'embedding' && !problem && model.family === family)
    .map(({ name }) => name);
}

/** Those that the word at the prompt's end may become; none where it is one already. */
export function suggestedNames(prompt: string, names: readonly string[]): readonly string[] {
  const typed = lastWord(prompt).toLowerCase();
  if (typed.length < minTypedLength || names.some((name) => name.toLowerCase() === typed)) return [];
  return names.filter((name) => name.toLowerCase().startsWith(typed)).slice(0, maxSuggestions);
}

/** The prompt with that word made a name. */
export function withName(prompt: string, name: string): string {
  return prompt.slice(0, prompt.length - lastWord(prompt).length) + name;
}

/** What the grammar of prompts sets words apart with is no part of one. */
function lastWord(prompt: string): string {
  return /[^\s,.;:|()[\]<>]*$/.exec(prompt)![0];
}
