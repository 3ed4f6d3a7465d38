import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultModel } from '../../../bridge/jobs/default-models.ts';
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
