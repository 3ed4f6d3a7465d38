/** How much of a picture travels to the engine with a selection. */
import type { ImageOutline, JobRequest } from '../../../bridge/protocol/messages.ts';
import { contextBounds } from '../picture/context.ts';
import { type Bounds, boundsOf, type Size } from '../picture/geometry.ts';
import { wordsOf } from './diffusion-settings.ts';

export interface SentAreaOptions {
  /** Bounds of what is selected. */
  readonly selected: Bounds;
  readonly canvas: Size;
  /** The longer side that the model was trained at, where a model draws. */
  readonly modelSide: number | undefined;
}

/** As much of the canvas as the engine will look at with a selection. */
export function sentArea(request: JobRequest, { selected, canvas, modelSide = 0 }: SentAreaOptions): Bounds {
  const words = wordsOf(request);
  if (words?.operation === 'fill' && words.context === 'whole') return boundsOf(canvas);
  return contextBounds(selected, { canvas, minPadding: words === undefined ? 0 : modelSide });
}

/** The pictures that go with a selection, for a question about such a job: without a byte. */
export function selectionOutlines(request: JobRequest, options: SentAreaOptions): readonly ImageOutline[] {
  const area = sentArea(request, options);
  return [sourceOutline(area), { ...maskOutline(area), maskBounds: options.selected }];
}

export function sourceOutline(area: Bounds): ImageOutline {
  return { role: 'source', format: 'rgba8', ...area };
}

export function maskOutline(area: Bounds): ImageOutline {
  return { role: 'mask', format: 'gray8', ...area };
}
