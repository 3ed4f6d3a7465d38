import type { SceneNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';

/** What came of an insertion. */
export interface Inserted {
  readonly nodes: readonly SceneNode[];
  /** What the user might not expect. */
  readonly note?: string | undefined;
}

/** In words, what of an insertion the user might not expect; nothing as a rule. */
export function noteOf({
  isKept,
  hasChanged = false,
  isComplete = true,
}: {
  /** The result carries its recipe. */
  readonly isKept: boolean;
  /** What it was made from has another size now. */
  readonly hasChanged?: boolean;
  /** All of what was asked for was done. */
  readonly isComplete?: boolean;
}): string | undefined {
  const notes = [
    hasChanged && 'The picture has another size now than when it was captured: see that the result fits.',
    !isComplete && 'Some placeholders were not filled: the frame has changed since, or a job was stopped.',
    !isKept && 'The prompt is too long to be kept with the result.',
  ].filter((note) => note !== false);
  return notes.length === 0 ? undefined : notes.join(' ');
}
