/** Why something cannot be done in Photoshop as it is, and what to do. */
import { ClientError } from '../../shared/client/client-error.ts';

const problems = {
  'no-document': {
    message: 'No document is open.',
    hint: 'Open a picture in Photoshop.',
  },
  'nothing-selected': {
    message: 'Nothing is selected.',
    hint: 'Select what is to be changed, with any of Photoshop’s selection tools.',
  },
  'selection-outside': {
    message: 'The selection lies outside of the canvas.',
    hint: 'Select a part of the picture.',
  },
  'quick-mask': {
    message: 'Quick Mask mode is on, and there is no selection while it is.',
    hint: 'Press Q: what you have painted becomes the selection.',
  },
  'colour-mode': {
    message: 'A document in this colour mode cannot hold layers with pictures.',
    hint: 'Choose Image > Mode > RGB Color.',
  },
  artboards: {
    message: 'A document with artboards has no canvas of its own to expand.',
    hint: 'Make the artboard larger with the Artboard tool, select what is empty of it, and fill that.',
  },
  'no-margins': {
    message: 'Nothing would be added to the picture.',
    hint: 'Set how many pixels each side is to grow by.',
  },
  'layer-gone': {
    message: 'The layer is not in the document any more.',
    hint: 'Undo until it is there again, or choose another layer.',
  },
  'layer-empty': {
    message: 'The layer has no pixels.',
    hint: 'Choose a layer that shows something.',
  },
  'result-gone': {
    message: 'The layers of that result are not in the document any more.',
    hint: 'Undo until they are there again, or select the place anew and generate there.',
  },
  'document-closed': {
    message: 'The document that this belongs to is not open.',
    hint: 'Open it, select the place there, and generate again.',
  },
  'document-changed': {
    message:
      'The canvas has been cropped or resized since this was asked for: its place is not known any more.',
    hint: 'Undo that change and insert the result again, or generate anew.',
  },
  'foreign-place': {
    message: 'This result was made in another program, or by another version of the plugin.',
    hint: 'Select the place in Photoshop and generate again.',
  },
  'unexpected-size': {
    message: 'Photoshop gave the canvas another size than was asked for.',
    hint: 'Check that the document can have that size: see Image > Canvas Size.',
  },
} as const;

export type ProblemCode = keyof typeof problems;

export function problem(code: ProblemCode): ClientError {
  return new ClientError({ code, ...problems[code] });
}

/** For a place where there is one line: what it is, and what to do. */
export function reasonFor(code: ProblemCode): string {
  const { message, hint } = problems[code];
  return `${message} ${hint}`;
}

/** Whatever Photoshop itself says, with what the user can do. */
export function photoshopFailure(action: string, error: unknown): ClientError {
  if (error instanceof ClientError) return error;
  const words = error instanceof Error ? error.message : String(error);
  return new ClientError({
    code: 'editor-failed',
    message: `Photoshop could not ${action}: ${words}`,
    hint: 'Try again. If it stays so, save the document, start Photoshop anew, and report these words.',
  });
}
