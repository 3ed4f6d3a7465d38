/** What the selecting tools share: a path of the pointer goes in, a selection comes out. No DOM. */
import type { Point } from '../../../shared/picture/geometry.ts';
import type { Selection } from '../../document/selection.ts';

/** In document pixels; pressure 0..1, of a mouse or finger always 1. */
export interface PenPoint extends Point {
  readonly pressure: number;
}

/** From the pointer's press to its release. Never asked again after `finish`. */
export interface SelectionGesture {
  /** The next part of the path. */
  extend(points: readonly PenPoint[]): void;
  /** What is selected so far. */
  readonly selection: Selection;
  /** A closed line to draw over the picture while the gesture lasts; empty for none. */
  readonly outline: readonly Point[];
  /** What is selected when the gesture ends here. */
  finish(): Selection;
}
