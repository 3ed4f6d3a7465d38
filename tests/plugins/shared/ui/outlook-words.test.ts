import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Estimate } from '../../../../plugins/shared/client/client.ts';
import { describeBytes, describeEstimate } from '../../../../plugins/shared/ui/outlook-words.ts';

const estimate: Estimate = {
  outputWidth: 900,
  outputHeight: 600,
  contextBounds: { left: 3, top: 0, width: 384, height: 320 },
  workingSize: { width: 512, height: 424 },
  steps: 60,
  durationMs: 42_000,
  memoryBytes: 1.25 * 2 ** 30,
  availableBytes: 2 ** 33,
  outcome: 'fits',
  savings: [],
};

const fill = { request: { operation: 'fill' } } as const;
const vary = { request: { operation: 'vary', prompt: 'a house' } } as const;

test('it says what is seen, at what size it is drawn, how long that takes and what it needs', () => {
  assert.equal(
    describeEstimate([fill], estimate),
    'Sees 384 × 320 px, drawn at 512 × 424 · about 40 s · 1.3 GiB of memory',
  );
  assert.equal(describeEstimate([vary, vary], estimate), '2 places · about 40 s · 1.3 GiB of memory');
  const upscale = { request: { operation: 'upscale', scale: 2 } } as const;
  assert.match(describeEstimate([upscale], estimate), /^Becomes 900 × 600 px · about 40 s/);
  const { workingSize: _, ...undrawn } = estimate;
  assert.equal(describeEstimate([vary], undrawn), '384 × 320 px · about 40 s · 1.3 GiB of memory');
  const same = { ...estimate, workingSize: { width: 384, height: 320 } };
  assert.match(describeEstimate([fill], same), /^Sees 384 × 320 px ·/);
  const saving = { ...estimate, outcome: 'fits-with-savings', savings: ['tiled-vae'] } as const;
  assert.match(describeEstimate([fill], saving), / · slower, to fit into the memory$/);
});

test('memory is said in the unit that fits', () => {
  assert.deepEqual([1, 300 * 2 ** 20, 2 ** 30, 12.34 * 2 ** 30].map(describeBytes), [
    '1 MiB',
    '300 MiB',
    '1.0 GiB',
    '12.3 GiB',
  ]);
});
