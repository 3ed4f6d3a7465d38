/** Rectangles as Photoshop writes them: integer pixels of the document, half-open: `right` and `bottom` are outside. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Offset {
  readonly x: number;
  readonly y: number;
}

export function rectangleOf(left: number, top: number, width: number, height: number): Rectangle {
  return { left, top, right: left + width, bottom: top + height };
}

export function widthOf({ left, right }: Rectangle): number {
  return right - left;
}

export function heightOf({ top, bottom }: Rectangle): number {
  return bottom - top;
}

/** Nothing where the two do not meet. */
export function intersection(a: Rectangle, b: Rectangle): Rectangle | undefined {
  const left = Math.max(a.left, b.left);
  const top = Math.max(a.top, b.top);
  const right = Math.min(a.right, b.right);
  const bottom = Math.min(a.bottom, b.bottom);
  return left < right && top < bottom ? { left, top, right, bottom } : undefined;
}

/** The smallest that holds both; nothing adds nothing. */
export function union(a: Rectangle | undefined, b: Rectangle | undefined): Rectangle | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

export function translated({ left, top, right, bottom }: Rectangle, { x, y }: Offset): Rectangle {
  return { left: left + x, top: top + y, right: right + x, bottom: bottom + y };
}

/** As Photoshop answers where there is nothing: four zeros. */
export const nowhere: Rectangle = { left: 0, top: 0, right: 0, bottom: 0 };
