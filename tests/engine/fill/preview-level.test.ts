import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocateFill } from '../../../engine/fill/fill-memory.ts';
import { viewField } from '../../../engine/fill/level.ts';
import { MemoryPool } from '../../../engine/fill/memory-pool.ts';
import { MAX_PREVIEW_SIDE, previewLevel } from '../../../engine/fill/preview-level.ts';
import type { Bounds } from '../../../engine/image/bounds.ts';
import type { Picture } from '../../../engine/image/picture.ts';

/** A preview of bounds in a picture whose red rises to the right by a level every eight pixels, and green downwards. */
function previewOf(bounds: Bounds): Picture {
  const size = { width: 1200, height: 80 };
  const memory = allocateFill(
    { method: 'patches', radius: 3, trials: 1, levels: [size] },
    {
      canvas: { ...size, channels: 3, bytesPerSample: 1 },
      holeBounds: bounds,
      holePixels: 1,
      trials: 1,
      memories: new MemoryPool({ core: 'scalar', threads: 1 }),
    },
  );
  const [level] = memory.levels;
  const [field] = level!.fields;
  const { pixels } = viewField(memory.shared.buffer, level!, field!);
  for (let i = 0; i < size.width * size.height; i++) {
    pixels[4 * i] = (i % size.width) >> 3;
    pixels[4 * i + 1] = Math.floor(i / size.width);
  }
  return previewLevel(memory, { level: level!, field: field!, index: 0, bounds });
}

test('a preview up to its limit is as large as the hole, a larger one is shrunk with its shape kept', () => {
  const sizeOf = (width: number, height: number) => {
    const preview = previewOf({ left: 4, top: 2, width, height });
    return [preview.width, preview.height, preview.data.length];
  };
  assert.deepEqual(sizeOf(MAX_PREVIEW_SIDE, 60), [MAX_PREVIEW_SIDE, 60, MAX_PREVIEW_SIDE * 60 * 3]);
  assert.deepEqual(sizeOf(MAX_PREVIEW_SIDE + 1, 60), [MAX_PREVIEW_SIDE, 60, MAX_PREVIEW_SIDE * 60 * 3]);
  assert.deepEqual(sizeOf(2 * MAX_PREVIEW_SIDE, 60), [MAX_PREVIEW_SIDE, 30, MAX_PREVIEW_SIDE * 30 * 3]);
  assert.deepEqual(sizeOf(2 * MAX_PREVIEW_SIDE, 1), [MAX_PREVIEW_SIDE, 1, MAX_PREVIEW_SIDE * 3]);
});

test('a shrunk preview shows the same places', () => {
  const { width, height, data } = previewOf({ left: 80, top: 10, width: 1024, height: 64 });
  const at = (x: number, y: number) => [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 2)];
  assert.deepEqual(at(0, 0), [10, 11]);
  assert.deepEqual(at(width - 1, height - 1), [(80 + 1022) >> 3, 10 + 63]);
});
