import type { Bounds, Size } from '../image/bounds.ts';
import type { Picture } from '../image/picture.ts';
import type { FillMemory } from './fill-memory.ts';
import { FEATURES, type FieldLayout, type LevelLayout, viewField } from './level.ts';

/** The longer side of a preview at most, in pixels: enough to see how a fill is going, made while its threads wait. */
export const MAX_PREVIEW_SIDE = 512;

/**
 * A level's estimate, bilinear: the hole's bounds as 8-bit RGB, or grey for a grey picture, at the picture's own size or,
 * where that is larger than `MAX_PREVIEW_SIDE`, smaller. What is known is drawn from the level too; transparency is shown
 * as mid grey.
 */
export function previewLevel(
  memory: FillMemory,
  options: {
    readonly level: LevelLayout;
    readonly field: FieldLayout;
    readonly index: number;
    readonly bounds: Bounds;
  },
): Picture {
  const { level, field, index, bounds } = options;
  const { pixels } = viewField(memory.shared.buffer, level, field);
  const channels = memory.canvas.channels >= 3 ? 3 : 1;
  const size = previewSize(bounds);
  const data = new Uint8Array(size.width * size.height * channels);
  const scale = 1 / (1 << index);
  const place = (position: number, limit: number) => {
    const at = Math.min(Math.max(position * scale - 0.5, 0), limit - 1);
    const first = Math.floor(at);
    return { first, second: Math.min(first + 1, limit - 1), share: at - first };
  };
  const stepX = bounds.width / size.width;
  const stepY = bounds.height / size.height;
  const columns = Array.from({ length: size.width }, (_, x) =>
    place(bounds.left + (x + 0.5) * stepX, level.width),
  );
  let to = 0;
  for (let y = 0; y < size.height; y++) {
    const row = place(bounds.top + (y + 0.5) * stepY, level.height);
    const above = row.first * level.width;
    const below = row.second * level.width;
    for (const { first, second, share } of columns) {
      for (let c = 0; c < channels; c++) {
        const a = pixels[(above + first) * FEATURES + c]!;
        const b = pixels[(above + second) * FEATURES + c]!;
        const d = pixels[(below + first) * FEATURES + c]!;
        const e = pixels[(below + second) * FEATURES + c]!;
        const top = a + (b - a) * share;
        data[to++] = Math.floor(top + (d + (e - d) * share - top) * row.share + 0.5);
      }
    }
  }
  return { ...size, channels, data };
}

function previewSize({ width, height }: Size): Size {
  const shrink = Math.min(MAX_PREVIEW_SIDE / Math.max(width, height), 1);
  const side = (length: number) => Math.max(Math.round(length * shrink), 1);
  return { width: side(width), height: side(height) };
}
