import type { Point } from '../../../shared/picture/geometry.ts';
import type { Selection, SelectionMode } from '../../document/selection.ts';
import type { PenPoint, SelectionGesture } from './selection-gesture.ts';

/** A line that closes itself. Points nearer than this many document pixels to the last one say nothing new. */
const minStep = 0.5;

export class LassoTool implements SelectionGesture {
  readonly selection: Selection;
  readonly #mode: SelectionMode;
  #path: readonly Point[] = [];

  constructor(selection: Selection, mode: SelectionMode) {
    this.selection = selection;
    this.#mode = mode;
  }

  extend(points: readonly PenPoint[]): void {
    const path = [...this.#path];
    for (const { x, y } of points) {
      const last = path.at(-1);
      if (last === undefined || Math.hypot(x - last.x, y - last.y) >= minStep) path.push({ x, y });
    }
    this.#path = path;
  }

  get outline(): readonly Point[] {
    return this.#path;
  }

  /** A click encloses nothing: it clears the selection, unless it was meant to add or subtract. */
  finish(): Selection {
    return this.selection.withPolygon(this.#path.length < 3 ? [] : this.#path, this.#mode);
  }
}
