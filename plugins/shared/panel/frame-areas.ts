/** What a panel draws of an order before it is run: the canvas, what is selected in it, and what the model sees. */
import { type Bounds, boundsOf, expanded, type Margins } from '../picture/geometry.ts';
import type { TaskOutline } from './editor-host.ts';

export interface FrameAreas {
  readonly canvas: Bounds;
  /** What will be painted; of an expansion the canvas is in it. */
  readonly selected: Bounds;
  /** What the model is shown; of an expansion, all. */
  readonly seen?: Bounds;
}

export interface FrameAreasOptions {
  /** As the server says it; until it does, what is sent. */
  readonly seen?: Bounds | undefined;
  /** Of an expansion. */
  readonly margins?: Margins | undefined;
}

/** Nothing where the whole is worked on, and nothing is to be told apart. */
export function frameAreas(
  { request, images, canvas }: TaskOutline,
  { seen, margins }: FrameAreasOptions,
): FrameAreas | undefined {
  const sent = placed(images.find(({ role }) => role === 'source'));
  const selected = images.find(({ role }) => role === 'mask')?.maskBounds;
  const whole = canvas === undefined ? sent : boundsOf(canvas);
  if (whole === undefined) return undefined;
  if (request.operation === 'expand' && margins !== undefined) {
    return { canvas: whole, selected: expanded(whole, margins) };
  }
  if (selected === undefined) return undefined;
  const shown = seen ?? sent;
  return { canvas: whole, selected, ...(shown !== undefined && { seen: shown }) };
}

function placed(image: TaskOutline['images'][number] | undefined): Bounds | undefined {
  if (image?.width === undefined || image.height === undefined) return undefined;
  const { left = 0, top = 0, width, height } = image;
  return { left, top, width, height };
}
