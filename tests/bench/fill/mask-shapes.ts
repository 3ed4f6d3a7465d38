/** Masks of the manifest's shapes. Coordinates are shares of the picture's width and height, so that one fits all sizes. */
import type { Size } from '../../../engine/image/bounds.ts';
import type { Mask } from '../../../engine/image/picture.ts';

type Point = readonly [x: number, y: number];

export type Shape =
  /** Centre and radii. */
  | { readonly ellipse: readonly [x: number, y: number, radiusX: number, radiusY: number] }
  /** Left, top, width, height. */
  | { readonly rectangle: readonly [left: number, top: number, width: number, height: number] }
  | { readonly polygon: readonly Point[] }
  /** `width` is a share of the picture's longer side. */
  | { readonly line: readonly Point[]; readonly width: number }
  /** A word of the letters below inside left, top, width, height, and the pen's width as above. */
  | { readonly text: readonly [string, number, number, number, number]; readonly width: number };

/** Strokes of letters in a unit square. */
const letters: Readonly<Record<string, readonly (readonly Point[])[]>> = {
  I: [
    [
      [0.5, 0],
      [0.5, 1],
    ],
  ],
  N: [
    [
      [0, 1],
      [0, 0],
      [1, 1],
      [1, 0],
    ],
  ],
  L: [
    [
      [0, 0],
      [0, 1],
      [1, 1],
    ],
  ],
  A: [
    [
      [0, 1],
      [0.5, 0],
      [1, 1],
    ],
    [
      [0.2, 0.65],
      [0.8, 0.65],
    ],
  ],
  Y: [
    [
      [0, 0],
      [0.5, 0.5],
      [1, 0],
    ],
    [
      [0.5, 0.5],
      [0.5, 1],
    ],
  ],
};

/** 255 where a pixel's centre lies in one of the shapes. */
export function drawMask(size: Size, shapes: readonly Shape[]): Mask {
  const { width, height } = size;
  const data = new Uint8Array(width * height);
  for (const isInside of shapes.flatMap((shape) => testsOf(shape, size))) {
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        if (isInside(x + 0.5, y + 0.5)) data[i] = 255;
      }
    }
  }
  return { width, height, data };
}

function testsOf(shape: Shape, { width, height }: Size): ((x: number, y: number) => boolean)[] {
  const scaled = (points: readonly Point[]): Point[] => points.map(([x, y]) => [x * width, y * height]);
  if ('ellipse' in shape) {
    const [x0, y0, rx, ry] = shape.ellipse;
    return [(x, y) => Math.hypot((x / width - x0) / rx, (y / height - y0) / ry) < 1];
  }
  if ('rectangle' in shape) {
    const [left, top, w, h] = shape.rectangle;
    return [
      (x, y) => x > left * width && x < (left + w) * width && y > top * height && y < (top + h) * height,
    ];
  }
  if ('polygon' in shape) {
    const points = scaled(shape.polygon);
    return [(x, y) => isInPolygon(points, x, y)];
  }
  const lines = 'line' in shape ? [shape.line] : wordLines(shape.text);
  const radius = (shape.width * Math.max(width, height)) / 2;
  return lines.map((line) => {
    const points = scaled(line);
    return (x, y) => points.some((end, i) => i > 0 && distanceToLine([x, y], points[i - 1]!, end) < radius);
  });
}

function wordLines([word, left, top, width, height]: readonly [string, number, number, number, number]) {
  const advance = width / word.length;
  return [...word].flatMap((letter, index) =>
    letters[letter]!.map((stroke) =>
      stroke.map(([x, y]): Point => [left + (index + 0.7 * x) * advance, top + y * height]),
    ),
  );
}

/** Even-odd rule. */
function isInPolygon(points: readonly Point[], x: number, y: number): boolean {
  let inside = false;
  for (const [i, [x1, y1]] of points.entries()) {
    const [x0, y0] = points.at(i - 1)!;
    if (y0 > y !== y1 > y && x < x0 + ((y - y0) * (x1 - x0)) / (y1 - y0)) inside = !inside;
  }
  return inside;
}

function distanceToLine([x, y]: Point, [x0, y0]: Point, [x1, y1]: Point): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const along = Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - x0 - along * dx, y - y0 - along * dy);
}
