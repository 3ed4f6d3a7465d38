import type { Bounds, Point } from '../../shared/picture/geometry.ts';
import type { Selection, SelectionEdit } from './selection.ts';
import { TILE_SIDE } from './selection-tile.ts';

export interface BrushSettings {
  /** Document pixels, at full pressure; less than 1 paints as 1. */
  readonly diameter: number;
  /** 0 soft from the centre on .. 1 a sharp, anti-aliased edge. */
  readonly hardness: number;
  readonly mode: 'add' | 'subtract';
}

export interface BrushPoint extends Point {
  /** 0..1, scales the diameter. A mouse has 1. */
  readonly pressure: number;
}

/** A new point nearer than this part of the diameter adds nothing that can be seen, and waits for the next. */
const MIN_TRAVEL = 0.02;
const MIN_TRAVEL_PX = 0.25;

/**
 * One stroke of a round brush. It does not stamp: each piece of the path is swept exactly, the value of a pixel following
 * from its distance to the piece, so a fast stroke has no scallops. Pieces join by maximum, hence one stroke never builds
 * up over the brush's own profile, and the same points give the same selection in however many batches they come.
 */
export class BrushStroke {
  readonly #settings: BrushSettings;
  #last: BrushPoint | undefined;

  constructor(settings: BrushSettings) {
    this.#settings = settings;
  }

  /** The selection with the stroke led on through `points` (document pixels, sub-pixel exact, also outside the canvas). */
  extend(selection: Selection, points: readonly BrushPoint[]): Selection {
    const edit = selection.edit();
    const minTravel = Math.max(MIN_TRAVEL_PX, this.#settings.diameter * MIN_TRAVEL);
    for (const point of points) {
      const from = this.#last ?? point;
      if (this.#last && Math.hypot(point.x - from.x, point.y - from.y) < minTravel) continue;
      this.#last = point;
      this.#sweep(edit, from, point);
    }
    return edit.finish();
  }

  #radiusAt(pressure: number): number {
    return Math.max(0.5, (this.#settings.diameter / 2) * Math.min(Math.max(pressure, 0), 1));
  }

  /** The piece from `a` to `b`: the radius, too, goes from one to the other. */
  #sweep(edit: SelectionEdit, a: BrushPoint, b: BrushPoint): void {
    const { hardness, mode } = this.#settings;
    const radius = this.#radiusAt(a.pressure);
    const radiusChange = this.#radiusAt(b.pressure) - radius;
    const dx = b.x - a.x;
    const dy = b.y - a.y;
    const length2 = dx * dx + dy * dy;
    const reached = mode === 'add' ? 255 : 0;
    const reach = Math.max(radius, radius + radiusChange) + 0.5;
    const area = boundsAround(a, b, reach);
    for (const { left, top, width, height, tile } of edit.parts(area)) {
      const { bytes } = tile;
      for (let y = top; y < top + height; y++) {
        const py = y + 0.5 - a.y;
        const start = (y - tile.top) * TILE_SIDE - tile.left;
        for (let x = left; x < left + width; x++) {
          const value = bytes[start + x]!;
          if (value === reached) continue;
          const px = x + 0.5 - a.x;
          let t = length2 === 0 ? 0 : (px * dx + py * dy) / length2;
          t = t < 0 ? 0 : t > 1 ? 1 : t;
          const ex = px - t * dx;
          const ey = py - t * dy;
          const distance2 = ex * ex + ey * ey;
          const r = radius + t * radiusChange;
          // Over one pixel at least the edge falls off, half of it outside the radius: that is its anti-aliasing.
          const outer = r + 0.5;
          if (distance2 >= outer * outer) continue;
          const inner = Math.min(r * hardness, r - 0.5);
          let painted = 255;
          if (distance2 > inner * inner) {
            const u = (outer - Math.sqrt(distance2)) / (outer - inner);
            painted = (255 * u * u * (3 - 2 * u) + 0.5) | 0;
          }
          if (mode === 'add') {
            if (painted > value) bytes[start + x] = painted;
          } else if (255 - painted < value) bytes[start + x] = 255 - painted;
        }
      }
    }
  }
}

function boundsAround(a: Point, b: Point, reach: number): Bounds {
  const left = Math.floor(Math.min(a.x, b.x) - reach);
  const top = Math.floor(Math.min(a.y, b.y) - reach);
  return {
    left,
    top,
    width: Math.ceil(Math.max(a.x, b.x) + reach) - left,
    height: Math.ceil(Math.max(a.y, b.y) + reach) - top,
  };
}
