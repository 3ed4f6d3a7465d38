import { type Bounds, cornersOf, type Point } from '../../../shared/picture/geometry.ts';
import type { Selection, SelectionMode } from '../../document/selection.ts';
import type { PenPoint, SelectionGesture } from './selection-gesture.ts';

/** A rectangle of whole pixels between where the pointer was pressed and where it is. */
export class RectangleTool implements SelectionGesture {
  readonly selection: Selection;
  readonly #mode: SelectionMode;
  #from: Point | undefined;
  #to: Point | undefined;

  constructor(selection: Selection, mode: SelectionMode) {
    this.selection = selection;
    this.#mode = mode;
  }

  extend(points: readonly PenPoint[]): void {
    this.#from ??= points[0];
    this.#to = points.at(-1) ?? this.#to;
  }

  get outline(): readonly Point[] {
    return cornersOf(this.#bounds());
  }

  finish(): Selection {
    return this.selection.withRectangle(this.#bounds(), this.#mode);
  }

  #bounds(): Bounds {
    const from = this.#from ?? { x: 0, y: 0 };
    const to = this.#to ?? from;
    const left = Math.round(Math.min(from.x, to.x));
    const top = Math.round(Math.min(from.y, to.y));
    const width = Math.round(Math.max(from.x, to.x)) - left;
    const height = Math.round(Math.max(from.y, to.y)) - top;
    return { left, top, width, height };
  }
}
