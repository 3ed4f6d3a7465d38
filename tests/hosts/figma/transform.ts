/** Affine transforms in Figma's form, [[a, c, e], [b, d, f]]: x' = a·x + c·y + e, y' = b·x + d·y + f. */
import type { Rect, Transform } from '@figma/plugin-typings/plugin-api-standalone.d.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const identity: Transform = [
  [1, 0, 0],
  [0, 1, 0],
];

export function translation(x: number, y: number): Transform {
  return [
    [1, 0, x],
    [0, 1, y],
  ];
}

/** First `inner`, then `outer`. */
export function compose(outer: Transform, inner: Transform): Transform {
  const row = ([a, c, e]: readonly [number, number, number]): [number, number, number] => [
    a * inner[0][0] + c * inner[1][0],
    a * inner[0][1] + c * inner[1][1],
    a * inner[0][2] + c * inner[1][2] + e,
  ];
  return [row(outer[0]), row(outer[1])];
}

export function invert([[a, c, e], [b, d, f]]: Transform): Transform {
  const determinant = a * d - b * c;
  if (determinant === 0) throw new Error('Expected a transform that can be inverted.');
  return [
    [d / determinant, -c / determinant, (c * f - d * e) / determinant],
    [-b / determinant, a / determinant, (b * e - a * f) / determinant],
  ];
}

export function apply([[a, c, e], [b, d, f]]: Transform, { x, y }: Point): Point {
  return { x: a * x + c * y + e, y: b * x + d * y + f };
}

/** Counter-clockwise about the top left corner, as Figma's `rotation` is. */
export function rotated([[, , x], [, , y]]: Transform, degrees: number): Transform {
  const angle = (degrees * Math.PI) / 180;
  // Right angles come out exact, so that they stay on the pixel grid.
  const cos = degrees % 180 === 90 || degrees % 180 === -90 ? 0 : Math.cos(angle);
  const sin = degrees % 180 === 0 ? 0 : Math.sin(angle);
  return [
    [cos, sin, x],
    [-sin, cos, y],
  ];
}

export function degreesOf([[a], [b]]: Transform): number {
  const degrees = (Math.atan2(-b, a) * 180) / Math.PI;
  return Object.is(degrees, -0) ? 0 : degrees;
}

/** The smallest upright rectangle around a transformed one of this size. */
export function boundingBox(transform: Transform, width: number, height: number): Rect {
  const corners = [
    { x: 0, y: 0 },
    { x: width, y: 0 },
    { x: 0, y: height },
    { x: width, y: height },
  ].map((corner) => apply(transform, corner));
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

export function unionOf(rectangles: readonly Rect[]): Rect | undefined {
  if (rectangles.length === 0) return undefined;
  const x = Math.min(...rectangles.map((rectangle) => rectangle.x));
  const y = Math.min(...rectangles.map((rectangle) => rectangle.y));
  const right = Math.max(...rectangles.map((rectangle) => rectangle.x + rectangle.width));
  const bottom = Math.max(...rectangles.map((rectangle) => rectangle.y + rectangle.height));
  return { x, y, width: right - x, height: bottom - y };
}

export function intersectionOf(a: Rect, b: Rect): Rect | undefined {
  const [x, y] = [Math.max(a.x, b.x), Math.max(a.y, b.y)];
  const width = Math.min(a.x + a.width, b.x + b.width) - x;
  const height = Math.min(a.y + a.height, b.y + b.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}
