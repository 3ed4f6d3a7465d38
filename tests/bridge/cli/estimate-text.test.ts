import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimateText, savingsLine } from '../../../bridge/cli/estimate-text.ts';
import type { TaskEstimate } from '../../../engine/api.ts';

const gibibyte = 2 ** 30;
const fitting: TaskEstimate = {
  outputWidth: 3000,
  outputHeight: 2000,
  contextBounds: { left: 800, top: 300, width: 800, height: 700 },
  workingSize: { width: 544, height: 480 },
  steps: 20,
  durationMs: 61_000,
  memoryBytes: 6 * gibibyte,
  availableBytes: 8 * gibibyte,
  outcome: 'fits',
  savings: [],
};
const saving: TaskEstimate = {
  ...fitting,
  outcome: 'fits-with-savings',
  savings: ['sequential-loading', 'tiled-vae'],
};
const refused: TaskEstimate = {
  ...fitting,
  outcome: 'refused',
  refusal: { message: 'Expected 6.0 GiB.', hint: 'Close other programs.' },
};

test('before a run only savings are worth a line, which says what they are and the figures', () => {
  assert.equal(savingsLine(fitting), undefined);
  assert.equal(savingsLine(refused), undefined);
  assert.equal(
    savingsLine(saving),
    'To fit into memory: one network at a time, the picture encoded and decoded in tiles (about 6.0 GiB of 8.0 GiB).',
  );
});

test('an estimate says what is shown, at what size and in how many steps it is drawn, time and memory', () => {
  assert.deepEqual(estimateText(fitting).split('\n'), [
    'Result   3000 × 2000',
    'Shown    800 × 700 at 800, 300, drawn at 544 × 480 in 20 steps',
    'Time     about 61 s',
    'Memory   about 6.0 GiB of 8.0 GiB',
  ]);
  assert.match(estimateText(saving), /\nTo fit into memory: one network at a time/);
  assert.match(estimateText(refused), /\nRefused: Expected 6\.0 GiB\.\nClose other programs\.$/);
});

test('of a job without a model that draws there is no size to draw at', () => {
  const { workingSize: _, ...upscale } = fitting;
  assert.match(estimateText(upscale), /Shown {4}800 × 700 at 800, 300\n/);
});
