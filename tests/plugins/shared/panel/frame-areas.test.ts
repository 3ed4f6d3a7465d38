import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskOutline } from '../../../../plugins/shared/panel/editor-host.ts';
import { frameAreas } from '../../../../plugins/shared/panel/frame-areas.ts';

const source = { role: 'source', format: 'rgba8', left: 10, top: 5, width: 60, height: 40 } as const;
const maskBounds = { left: 30, top: 20, width: 8, height: 6 };
const fill: TaskOutline = {
  request: { operation: 'fill' },
  images: [source, { ...source, role: 'mask', format: 'gray8', maskBounds }],
  canvas: { width: 100, height: 80 },
};
const canvas = { left: 0, top: 0, width: 100, height: 80 };
const sent = { left: 10, top: 5, width: 60, height: 40 };

test('of a selection: the canvas, what is painted, and what the model sees; until that is known, what is sent', () => {
  assert.deepEqual(frameAreas(fill, {}), { canvas, selected: maskBounds, seen: sent });
  const seen = { left: 20, top: 10, width: 30, height: 30 };
  assert.deepEqual(frameAreas(fill, { seen }), { canvas, selected: maskBounds, seen });
  const { canvas: _, ...unplaced } = fill;
  assert.deepEqual(frameAreas(unplaced, {})?.canvas, sent);
});

test('of an expansion: the canvas within what it becomes', () => {
  const margins = { left: 10, top: 0, right: 5, bottom: 1 };
  const outline: TaskOutline = { ...fill, request: { operation: 'expand' }, images: [source] };
  assert.deepEqual(frameAreas(outline, { margins }), {
    canvas,
    selected: { left: -10, top: 0, width: 115, height: 81 },
  });
});

test('where all of it is worked on there is nothing to tell apart', () => {
  assert.equal(frameAreas({ ...fill, images: [source] }, {}), undefined);
  assert.equal(frameAreas({ request: { operation: 'generate', prompt: '' }, images: [] }, {}), undefined);
});
