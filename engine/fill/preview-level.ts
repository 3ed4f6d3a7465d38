import type { Bounds } from '../image/bounds.ts';
import type { Picture } from '../image/picture.ts';
import type { FillMemory } from './fill-memory.ts';
import { FEATURES, type FieldLayout, type LevelLayout, viewField } from './level.ts';

/**
 * A level's estimate at the picture's own size, bilinear: the hole's bounds as 8-bit RGB, or grey for a grey picture.
 * What is known is drawn from the level too; transparency is shown as mid grey.
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
  const data = new Uint8Array(bounds.width * bounds.height * channels);
  const scale = 1 / (1 << index);
  const place = (position: number, limit: number) => {
    const at = Math.min(Math.max((position + 0.5) * scale - 0.5, 0), limit - 1);
    const first = Math.floor(at);
    return { first, second: Math.min(first + 1, limit - 1), share: at - first };
  };
  const columns = Array.from({ length: bounds.width }, (_, x) => place(bounds.left + x, level.width));
  let to = 0;
  for (let y = 0; y < bounds.height; y++) {
    const row = place(bounds.top + y, level.height);
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
  return { width: bounds.width, height: bounds.height, channels, data };
}
