import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proposedDefaults } from '../../../bridge/jobs/proposed-defaults.ts';
import type { ModelInfo } from '../../../engine/api.ts';

const shared = { architecture: 'SDXL', family: 'sdxl', origin: 'user' } as const;
const model: ModelInfo = { ...shared, name: 'base', kind: 'checkpoint', defaults: { guidanceScale: 5 } };
const fourSteps = { scheduler: 'lcm', numInferenceSteps: 4, guidanceScale: 1 };
const models: readonly ModelInfo[] = [
  model,
  { ...shared, name: 'lcm-lora', kind: 'lora', defaults: fourSteps },
  { ...shared, name: 'ink', kind: 'lora' },
];
const propose = (prompt: string, ...loras: readonly string[]) =>
  proposedDefaults({ prompt, loras: loras.map((lora) => ({ model: lora })) }, { model, models });

test('a request for a checkpoint alone gets what suits that', () => {
  assert.deepEqual(propose('a house'), { guidanceScale: 5 });
  assert.deepEqual(propose('a house', 'ink'), { guidanceScale: 5 });
  assert.deepEqual(propose('a house <lora:none:1> <lora:base:1>'), { guidanceScale: 5 });
});

test('a LoRA of few steps counts for more, as a field and in the prompt', () => {
  assert.deepEqual(propose('a house', 'ink', 'lcm-lora'), fourSteps);
  assert.deepEqual(propose('a house <lora:ink:0.5> <lora: lcm-lora :0.9:1>'), fourSteps);
  assert.deepEqual(propose('a house <LoRA:lcm-lora>'), fourSteps);
  assert.deepEqual(propose('a house <lora:lcm-lora:{0.5|1}>'), fourSteps);
});

test('timesteps go with the steps that they are for', () => {
  const distilled: ModelInfo = { ...model, defaults: { ...fourSteps, timesteps: [999, 749, 499, 249] } };
  const proposed = (...loras: readonly string[]) =>
    proposedDefaults(
      { prompt: '', loras: loras.map((lora) => ({ model: lora })) },
      { model: distilled, models },
    );
  assert.deepEqual(proposed('ink').timesteps, [999, 749, 499, 249]);
  assert.deepEqual(proposed('lcm-lora'), fourSteps);
});

test('a tag that a backslash makes text does not', () => {
  assert.deepEqual(propose('a house \\<lora:lcm-lora:1>'), { guidanceScale: 5 });
});
