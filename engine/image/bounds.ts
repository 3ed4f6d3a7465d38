/**
 * Integer rectangles in document pixels, half-open: a pixel (x, y) is inside when left <= x < left + width and
 * top <= y < top + height. Every function is pure and returns a new rectangle.
 */
export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}
