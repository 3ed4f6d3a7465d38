/** How far a picture is to grow on each side, and what dragging its frame makes of that. No DOM. */

import {
  type Bounds,
  boundsOf,
  expanded,
  type Margins,
  type Point,
  type Size,
} from '../../../shared/picture/geometry.ts';
import type { ExpandHandle } from '../../canvas/expand-frame.ts';

export const sides = ['left', 'top', 'right', 'bottom'] as const;
export type Side = (typeof sides)[number];

export const noMargins: Margins = { left: 0, top: 0, right: 0, bottom: 0 };

export function hasMargins({ left, top, right, bottom }: Margins): boolean {
  return left + top + right + bottom > 0;
}

/** The canvas as it would be, in today's document pixels. */
export function expandedFrame(size: Size, margins: Margins): Bounds {
  return expanded(boundsOf(size), margins);
}

export interface FrameDrag {
  readonly handle: ExpandHandle;
  /** How far the pointer has come since it was pressed, in document pixels. */
  readonly by: Point;
  /** The most that one side may grow. */
  readonly maxMargin: number;
}

/** The margins after a drag that began with `margins`. */
export function draggedMargins(margins: Margins, { handle, by, maxMargin }: FrameDrag): Margins {
  const outwards: Margins = { left: -by.x, top: -by.y, right: by.x, bottom: by.y };
  const changed = (handle.split('-') as Side[]).map((side) => [
    side,
    clampMargin(margins[side] + outwards[side], maxMargin),
  ]);
  return { ...margins, ...(Object.fromEntries(changed) as Partial<Margins>) };
}

/** A whole number from 0 to `maxMargin`; 0 for what is no number. */
export function clampMargin(value: number, maxMargin: number): number {
  return Number.isFinite(value) ? Math.min(maxMargin, Math.max(0, Math.round(value))) : 0;
}
