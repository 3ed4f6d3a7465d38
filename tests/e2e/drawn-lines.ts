/** A few lines that a drawing is to follow, and how well it does. */

/** A house of 128 × 128 pixels: walls, a roof, a door. */
const house = [
  [30, 60, 30, 110],
  [98, 60, 98, 110],
  [30, 110, 98, 110],
  [24, 60, 104, 60],
  [24, 60, 64, 22],
  [104, 60, 64, 22],
  [56, 110, 56, 84],
  [72, 110, 72, 84],
  [56, 84, 72, 84],
] as const satisfies readonly Segment[];

/** x and y of both ends, in pixels. */
export type Segment = readonly [x0: number, y0: number, x1: number, y1: number];

export const houseSide = 128;
/** Half of a line's width, in pixels. */
const reach = 0.9;

/** Whether a line of the house goes through the pixel (x, y). */
export function isHouseLine(x: number, y: number): boolean {
  return isOnLine(house, { x, y, within: reach });
}

function isOnLine(
  lines: readonly Segment[],
  { x, y, within }: { readonly x: number; readonly y: number; readonly within: number },
): boolean {
  return lines.some(([x0, y0, x1, y1]) => {
    const [dx, dy] = [x1 - x0, y1 - y0];
    const along = ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy);
    const at = Math.min(1, Math.max(0, along));
    return Math.hypot(x - x0 - at * dx, y - y0 - at * dy) <= within;
  });
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

/** Pixels beside a line that still count as on it. */
const tolerance = 2;

/** How much steeper a picture of so many channels is along lines, the house's by default, than everywhere: 1 where it knows nothing of them. */
export function lineAgreement(
  { width, height, data }: Picture,
  channels: 3 | 4,
  segments: readonly Segment[] = house,
): number {
  const grey = (x: number, y: number) => {
    const at = (y * width + x) * channels;
    return 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
  };
  let [onLines, lines, everywhere, all] = [0, 0, 0, 0];
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const slope = Math.hypot(grey(x + 1, y) - grey(x - 1, y), grey(x, y + 1) - grey(x, y - 1));
      everywhere += slope;
      all++;
      if (!isOnLine(segments, { x, y, within: tolerance })) continue;
      onLines += slope;
      lines++;
    }
  }
  return onLines / lines / (everywhere / all);
}
