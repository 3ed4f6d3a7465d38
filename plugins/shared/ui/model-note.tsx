import type { JSX } from 'preact';
import { miniModelName } from '../../../bridge/protocol/mini-model.ts';

export interface ModelNoteProps {
  readonly model: string;
  /** What the model's file calls it. */
  readonly title?: string | undefined;
  /** `Draws with` before a picture is there, `Made by` after. */
  readonly intro: string;
}

/** Which model it is; of the small one that comes with Inlay also what it cannot do, and what can. */
export function ModelNote({ model, title, intro }: ModelNoteProps): JSX.Element {
  return (
    <p class="inlay-muted inlay-model-note">
      {intro} {title ?? model}.
      {model === miniModelName && (
        <>
          {' '}
          It comes with Inlay and draws simple, flat landscapes only. For anything else, copy a Stable
          Diffusion checkpoint (.safetensors) into the models folder; <code>inlay doctor</code> tells where
          that is.
        </>
      )}
    </p>
  );
}
