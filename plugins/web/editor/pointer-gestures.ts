/**
 * Tells strokes from panning and pinching, for mouse, pen and fingers: one press is a stroke, or moves the picture with the
 * hand tool, the middle button or Space; a second finger ends the stroke untouched and zooms. Once a pen was seen, a single
 * finger only moves the picture: a resting hand leaves no marks. No DOM.
 */
import type { Point } from '../../shared/picture/geometry.ts';

export interface PointerSample extends Point {
  readonly id: number;
  readonly kind: 'mouse' | 'pen' | 'touch';
  /** 0..1. */
  readonly pressure: number;
}

export interface PressModifiers {
  readonly shift: boolean;
  readonly alt: boolean;
  /** The middle button, Space, or the hand tool. */
  readonly isPan: boolean;
}

/** What the gestures do; positions are screen pixels of the canvas. */
export interface GestureTarget {
  /** False: nothing can be drawn now. */
  beginStroke(sample: PointerSample, modifiers: PressModifiers): boolean;
  extendStroke(samples: readonly PointerSample[]): void;
  endStroke(): void;
  /** As if it had never begun. */
  cancelStroke(): void;
  pan(by: Point): void;
  zoom(at: Point, factor: number): void;
}

type Gesture =
  | { readonly type: 'none' }
  | { readonly type: 'stroke'; readonly id: number }
  | { readonly type: 'pan'; readonly id: number }
  | { readonly type: 'pinch'; readonly ids: readonly [number, number] }
  /** Fingers that are still down after a pinch do nothing more. */
  | { readonly type: 'spent' };

export class PointerGestures {
  readonly #target: GestureTarget;
  readonly #pressed = new Map<number, PointerSample>();
  #gesture: Gesture = { type: 'none' };
  #penWasSeen = false;

  constructor(target: GestureTarget) {
    this.#target = target;
  }

  get isActive(): boolean {
    return this.#gesture.type !== 'none';
  }

  down(sample: PointerSample, modifiers: PressModifiers): void {
    if (sample.kind === 'pen') this.#penWasSeen = true;
    this.#pressed.set(sample.id, sample);
    const touches = [...this.#pressed.values()].filter(({ kind }) => kind === 'touch');
    const [first, second] = touches;
    if (sample.kind === 'touch' && first !== undefined && second !== undefined) {
      if (this.#gesture.type === 'stroke') this.#target.cancelStroke();
      this.#gesture = { type: 'pinch', ids: [first.id, second.id] };
      return;
    }
    if (this.#gesture.type !== 'none') return;
    const { id, kind } = sample;
    const isPan = modifiers.isPan || (kind === 'touch' && this.#penWasSeen);
    if (isPan || !this.#target.beginStroke(sample, modifiers)) this.#gesture = { type: 'pan', id };
    else this.#gesture = { type: 'stroke', id };
  }

  /** One pointer's positions since the last call, in order. */
  move(samples: readonly PointerSample[]): void {
    const last = samples.at(-1);
    const before = last && this.#pressed.get(last.id);
    if (last === undefined || before === undefined) return;
    const gesture = this.#gesture;
    if (gesture.type === 'stroke' && gesture.id === last.id) {
      this.#target.extendStroke(samples);
    } else if (gesture.type === 'pan' && gesture.id === last.id) {
      this.#target.pan({ x: last.x - before.x, y: last.y - before.y });
    } else if (gesture.type === 'pinch') {
      this.#pinch(gesture.ids, last);
    }
    this.#pressed.set(last.id, last);
  }

  up(id: number): void {
    if (this.#gesture.type === 'stroke' && this.#gesture.id === id) this.#target.endStroke();
    this.#release(id);
  }

  /** The system took the pointer away. */
  cancel(id: number): void {
    if (this.#gesture.type === 'stroke' && this.#gesture.id === id) this.#target.cancelStroke();
    this.#release(id);
  }

  #release(id: number): void {
    if (!this.#pressed.delete(id)) return;
    if (this.#pressed.size === 0) this.#gesture = { type: 'none' };
    else if (this.#gesture.type === 'pinch' && this.#gesture.ids.includes(id))
      this.#gesture = { type: 'spent' };
    else if ('id' in this.#gesture && this.#gesture.id === id) this.#gesture = { type: 'spent' };
  }

  #pinch(ids: readonly [number, number], moved: PointerSample): void {
    if (!ids.includes(moved.id)) return;
    const [a, b] = ids.map((id) => this.#pressed.get(id));
    if (a === undefined || b === undefined) return;
    const [movedA, movedB] = [a.id === moved.id ? moved : a, b.id === moved.id ? moved : b];
    const centreBefore = midpoint(a, b);
    const centre = midpoint(movedA, movedB);
    this.#target.pan({ x: centre.x - centreBefore.x, y: centre.y - centreBefore.y });
    const distanceBefore = Math.hypot(a.x - b.x, a.y - b.y);
    const distance = Math.hypot(movedA.x - movedB.x, movedA.y - movedB.y);
    if (distanceBefore > 0 && distance > 0) this.#target.zoom(centre, distance / distanceBefore);
  }
}

function midpoint(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}
