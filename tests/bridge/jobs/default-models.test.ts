import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultModel, promptModel } from '../../../bridge/jobs/default-models.ts';
import type { ModelInfo } from '../../../engine/api.ts';

const upscaler = (name: string, problem?: string): ModelInfo => ({
  name,
  kind: 'upscaler',
  architecture: 'RRDBNet',
  origin: 'user',
  ...(problem !== undefined && { problem }),
});

test('photographs are enlarged with the general network, whatever else is installed', () => {
  const models = [upscaler('a-first'), upscaler('realesr-general-x4v3'), upscaler('z-last')];
  assert.equal(defaultModel('upscale', models)?.name, 'realesr-general-x4v3');
});

test('without it the first usable model of the right kind is taken, and none where there is none', () => {
  const models = [
    upscaler('realesr-general-x4v3', 'damaged'),
    upscaler('broken', 'damaged'),
    upscaler('good'),
  ];
  assert.equal(defaultModel('upscale', models)?.name, 'good');
  assert.equal(defaultModel('fill', models), undefined);
});

const checkpoint = (name: string, variant: ModelInfo['variant'], problem?: string): ModelInfo => ({
  name,
  kind: 'checkpoint',
  architecture: 'Stable Diffusion 1.x',
  origin: 'user',
  ...(variant !== undefined && { variant }),
  ...(problem !== undefined && { problem }),
});
const mini = checkpoint('inlay-mini', 'inpainting');

test('a prompt is drawn by the checkpoint that comes with Inlay when no other is usable', () => {
  const damaged = checkpoint('damaged', 'inpainting', 'half a file');
  for (const operation of ['fill', 'expand', 'generate', 'vary'] as const) {
    assert.equal(promptModel(operation, [damaged, mini])?.name, 'inlay-mini');
  }
});

test('any other checkpoint goes before it, whatever it was made for', () => {
  const [base, inpainting] = [checkpoint('z-base', 'base'), checkpoint('y-inpainting', 'inpainting')];
  assert.equal(promptModel('fill', [mini, base])?.name, 'z-base');
  assert.equal(promptModel('fill', [mini, base, inpainting])?.name, 'y-inpainting');
  assert.equal(promptModel('generate', [mini, inpainting])?.name, 'y-inpainting');
  assert.equal(promptModel('generate', [mini, inpainting, base])?.name, 'z-base');
});
