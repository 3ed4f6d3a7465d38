import type { Point } from '../../../shared/picture/geometry.ts';
import { BrushStroke } from '../../document/brush.ts';
import type { Selection } from '../../document/selection.ts';
import type { PenPoint, SelectionGesture } from './selection-gesture.ts';

export interface BrushOptions {
  /** Document pixels. */
  readonly diameter: number;
  /** 0: as hard as can be, 1: soft from the centre on. */
  readonly softness: number;
  readonly mode: 'add' | 'subtract';
}

/** Brush and eraser: one stroke. */
export class BrushTool implements SelectionGesture {
  readonly outline: readonly Point[] = [];
  readonly #stroke: BrushStroke;
  #selection: Selection;

  constructor(selection: Selection, { diameter, softness, mode }: BrushOptions) {
    this.#selection = selection;
    this.#stroke = new BrushStroke({ diameter, hardness: 1 - softness, mode });
  }

  extend(points: readonly PenPoint[]): void {
    this.#selection = this.#stroke.extend(this.#selection, points);
  }

  get selection(): Selection {
    return this.#selection;
  }

  finish(): Selection {
    return this.#selection;
  }
}
