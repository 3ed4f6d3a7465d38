import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refinerSettings, resolveRefiner } from '../../../bridge/jobs/resolve-refiner.ts';
import type { ModelInfo } from '../../../engine/api.ts';

const checkpoint = { kind: 'checkpoint', architecture: 'Stable Diffusion', origin: 'user' } as const;
const base: ModelInfo = { ...checkpoint, name: 'base', family: 'sdxl' };
const refiner: ModelInfo = { ...checkpoint, name: 'refiner', family: 'sdxl-refiner' };
const old: ModelInfo = { ...checkpoint, name: 'old', family: 'sd1' };
const models = [base, refiner, old, { ...checkpoint, kind: 'vae', name: 'colours' } as const];
const resolve = (name: string, ratio?: number, model = base) =>
  resolveRefiner({ model: name, ...(ratio !== undefined && { ratio }) }, { models, model });

test("[J25] SDXL's refiner, or another SDXL checkpoint, draws the last of the noise", () => {
  assert.deepEqual(resolve('refiner'), { model: 'refiner', ratio: 0.8 });
  assert.deepEqual(resolve('base', 0.5), { model: 'base', ratio: 0.5 });
  assert.deepEqual(refinerSettings(resolve('refiner')), { model: { name: 'refiner' }, ratio: 0.8 });
});

test('a refiner is of SDXL, and so is what it refines', () => {
  assert.throws(
    () => resolve('old'),
    /the refiner to be for SDXL, received "old", which is for Stable Diffusion 1\.x/,
  );
  assert.throws(() => resolve('refiner', 0.8, old), /checkpoint of a refiner to be for SDXL, received "old"/);
  assert.throws(() => resolve('refiner', 0.8, refiner), /received "refiner", which is for the SDXL refiner/);
  assert.throws(() => resolve('colours'), /kind checkpoint/);
});

test('its ratio holds just within its limits and at them', () => {
  for (const ratio of [0.001, 0.999]) resolve('refiner', ratio);
  for (const ratio of [0, 1, -0.1, 1.1, Number.NaN])
    assert.throws(() => resolve('refiner', ratio), /above 0 and below 1/);
});
