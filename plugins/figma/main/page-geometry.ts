/** Figma's rectangles and matrices, in units of the page: floats, and no half-open pixels. */
import type { Rect, Transform } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { Bounds, Margins, Point, Size } from '../../shared/picture/geometry.ts';

/** Whether two rectangles have an area in common. */
export function meet(a: Rect, b: Rect): boolean {
  return (
    Math.min(a.x + a.width, b.x + b.width) > Math.max(a.x, b.x) &&
    Math.min(a.y + a.height, b.y + b.height) > Math.max(a.y, b.y)
  );
}

/** One after the other: first `inner`, then `outer`. */
export function product(outer: Transform, inner: Transform): Transform {
  const row = ([a, b, c]: Transform[0]): Transform[0] => [
    a * inner[0][0] + b * inner[1][0],
    a * inner[0][1] + b * inner[1][1],
    a * inner[0][2] + b * inner[1][2] + c,
  ];
  return [row(outer[0]), row(outer[1])];
}

/** What undoes a transform. Throws a RangeError for one that leaves no area. */
export function inverse([[a, b, x], [c, d, y]]: Transform): Transform {
  const determinant = a * d - b * c;
  if (determinant === 0)
    throw new RangeError('Expected a transform that leaves an area, received a flat one');
  return [
    [d / determinant, -b / determinant, (b * y - d * x) / determinant],
    [-c / determinant, a / determinant, (c * x - a * y) / determinant],
  ];
}

/** Upright on the page with the corner at a point of it, told to a node in a container, which may be turned itself. */
export function uprightIn(container: Transform, corner: Point): Transform {
  return product(inverse(container), [
    [1, 0, corner.x],
    [0, 1, corner.y],
  ]);
}

export function isUpright([[a, b], [c, d]]: Transform): boolean {
  const epsilon = 1e-6;
  return Math.abs(b) < epsilon && Math.abs(c) < epsilon && a > 0 && d > 0;
}

/** A rectangle of the page in pixels of a picture whose corner is at `origin`; not always whole ones. */
export function pixelsOf(
  { x, y, width, height }: Rect,
  { origin, scale }: { readonly origin: Point; readonly scale: number },
): Bounds {
  return {
    left: (x - origin.x) * scale,
    top: (y - origin.y) * scale,
    width: width * scale,
    height: height * scale,
  };
}

/** Pixels of a picture whose corner is at `origin`, on the page. */
export function unitsOf(
  { left, top, width, height }: Bounds,
  { origin, scale }: { readonly origin: Point; readonly scale: number },
): Rect {
  return {
    x: origin.x + left / scale,
    y: origin.y + top / scale,
    width: width / scale,
    height: height / scale,
  };
}

/**
 * Where on the page the first pixel of an export begins. As a rule Figma exports the page's own pixels, as many as are
 * touched; where fewer have come, they begin at the corner of what is exported.
 *
 * @param box Of what was exported, in units.
 * @param options `scale`: pixels of a unit; `pixels`: the size of what came.
 */
export function exportOrigin(
  { x, y, width, height }: Rect,
  { scale, pixels }: { readonly scale: number; readonly pixels: Size },
): Point {
  return {
    x: startOf({ start: x * scale, length: width * scale, pixels: pixels.width }) / scale,
    y: startOf({ start: y * scale, length: height * scale, pixels: pixels.height }) / scale,
  };
}

/** Sums of floats may lie a hair beside a whole number. */
const epsilon = 1e-3;

function startOf({ start, length, pixels }: { start: number; length: number; pixels: number }): number {
  const first = Math.floor(start + epsilon);
  const touched = Math.ceil(start + length - epsilon) - first;
  return pixels === touched ? first : start;
}

/** Whether a part of what is drawn lies outside a box, e.g. of a stroke or a blur. */
export function reachesBeyond(drawn: Rect, box: Rect): boolean {
  const tolerance = 0.01;
  return (
    drawn.x < box.x - tolerance ||
    drawn.y < box.y - tolerance ||
    drawn.x + drawn.width > box.x + box.width + tolerance ||
    drawn.y + drawn.height > box.y + box.height + tolerance
  );
}

/** Whether an export can be one of this box, as Figma may round. */
export function isExportOf(
  { width, height }: Rect,
  { scale, pixels }: { readonly scale: number; readonly pixels: Size },
): boolean {
  return Math.abs(pixels.width - width * scale) < 2 && Math.abs(pixels.height - height * scale) < 2;
}

/** Pixels of margins in units. */
export function marginUnits({ left, top, right, bottom }: Margins, scale: number): Margins {
  return { left: left / scale, top: top / scale, right: right / scale, bottom: bottom / scale };
}

/**
 * Where a row of copies has room beside what they are copies of: to its right with a gap, and on beyond whatever would
 * be covered.
 *
 * @returns The left sides, `count` of them.
 */
export function rowBeside(
  original: Rect,
  {
    count,
    gap,
    obstacles,
  }: { readonly count: number; readonly gap: number; readonly obstacles: readonly Rect[] },
): readonly number[] {
  const width = count * (original.width + gap) - gap;
  const row = (x: number): Rect => ({ ...original, x, width });
  let left = original.x + original.width + gap;
  for (;;) {
    const inTheWay = obstacles.filter((obstacle) => meet(obstacle, row(left)));
    if (inTheWay.length === 0) break;
    left = Math.max(...inTheWay.map(({ x, width: wide }) => x + wide)) + gap;
  }
  return Array.from({ length: count }, (_, index) => left + index * (original.width + gap));
}
