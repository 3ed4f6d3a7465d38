import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveRequest } from '../../../bridge/jobs/resolve-request.ts';
import { defaultLimits } from '../../../bridge/protocol/limits.ts';
import type { GenerateRequest, StyleCapability } from '../../../bridge/protocol/messages.ts';
import type { ModelInfo } from '../../../engine/api.ts';

const user = { origin: 'user' } as const;
const checkpoint = {
  ...user,
  kind: 'checkpoint',
  architecture: 'Stable Diffusion',
  variant: 'base',
} as const;
const models: readonly ModelInfo[] = [
  { ...checkpoint, name: 'plain', family: 'sd1' },
  { ...checkpoint, name: 'painter', family: 'sd1' },
  { ...checkpoint, name: 'large', family: 'sdxl' },
  { ...user, name: 'lines', kind: 'lora', architecture: 'LoRA', family: 'sd1' },
  { ...user, name: 'film', kind: 'lora', architecture: 'LoRA', family: 'sd1' },
  { ...user, name: 'colours', kind: 'vae', architecture: 'AutoencoderKL' },
];
const styles: readonly StyleCapability[] = [
  {
    ...user,
    name: 'ink',
    title: 'Ink',
    prompt: 'ink drawing of {prompt}, black',
    negativePrompt: 'colour',
    checkpoint: 'painter',
    vae: 'colours',
    loras: [{ model: 'lines', strength: 0.5 }, { model: 'film' }],
    scheduler: 'euler',
    numInferenceSteps: 12,
    guidanceScale: 4,
    clipSkip: 2,
  },
  { ...user, name: 'wide', title: 'Wide', family: 'sdxl' },
  { ...user, name: 'quick', title: 'Quick', scheduler: 'lcm', numInferenceSteps: 2, timesteps: [999, 499] },
  { ...user, name: 'gone', title: 'Gone', checkpoint: 'nowhere' },
  { ...user, name: 'broken', title: 'broken', problem: 'broken.json: title: missing' },
];

function resolve(request: Partial<GenerateRequest>): GenerateRequest {
  const asked = { operation: 'generate', prompt: 'a house', ...request } as const;
  return resolveRequest(asked, [], { models, styles, limits: defaultLimits }) as GenerateRequest;
}

test('[J22] a style is its words around the prompt, and its settings', () => {
  const { prompt, negativePrompt, model, vae, loras, scheduler, ...rest } = resolve({ style: 'ink' });
  assert.deepEqual(
    [prompt, negativePrompt, model, vae, scheduler],
    ['ink drawing of a house, black', 'colour', 'painter', 'colours', 'euler'],
  );
  assert.deepEqual([rest.numInferenceSteps, rest.guidanceScale, rest.clipSkip], [12, 4, 2]);
  assert.deepEqual(loras, [
    { model: 'lines', strength: 0.5 },
    { model: 'film', strength: 1 },
  ]);
  assert.equal('style' in rest, false);
});

test('[J22] what a request says itself goes before its style', () => {
  const own = {
    style: 'ink',
    prompt: ' a $& cat ',
    negativePrompt: 'dog',
    model: 'plain',
    scheduler: 'ddim',
    numInferenceSteps: 3,
    guidanceScale: 0,
    clipSkip: 1,
    loras: [{ model: 'film', strength: 2 }],
  } as const;
  const resolved = resolve(own);
  assert.deepEqual(
    [resolved.prompt, resolved.negativePrompt, resolved.model, resolved.scheduler],
    ['ink drawing of a $& cat, black', 'dog, colour', 'plain', 'ddim'],
  );
  assert.deepEqual([resolved.numInferenceSteps, resolved.guidanceScale, resolved.clipSkip], [3, 0, 1]);
  assert.deepEqual(resolved.loras, [
    { model: 'lines', strength: 0.5 },
    { model: 'film', strength: 2 },
  ]);
});

test("[J22] a style's timesteps are for its own steps, and give way with them", () => {
  const stepsOf = (request: Partial<GenerateRequest>) => {
    const { scheduler, numInferenceSteps, timesteps } = resolve({ style: 'quick', ...request });
    return [scheduler, numInferenceSteps, timesteps];
  };
  assert.deepEqual(stepsOf({}), ['lcm', 2, [999, 499]]);
  assert.deepEqual(stepsOf({ timesteps: [800] }), ['lcm', 1, [800]]);
  assert.deepEqual(stepsOf({ numInferenceSteps: 8 }), ['lcm', 8, undefined]);
  assert.deepEqual(stepsOf({ scheduler: 'ddim' }), ['ddim', 2, undefined]);
});

test('[J4] a resolved request has its style in it, and is not styled again', () => {
  const resolved = resolve({ style: 'ink', seed: 3 });
  assert.deepEqual(resolve(resolved), resolved);
});

test('without words of its own a request has none of its style', () => {
  const { prompt, negativePrompt, scheduler } = resolve({ style: 'ink', prompt: ' ' });
  assert.deepEqual([prompt, negativePrompt, scheduler], [' ', '', 'euler']);
});

test('a style for a family takes a checkpoint of it, and refuses another', () => {
  assert.equal(resolve({ style: 'wide' }).model, 'large');
  assert.equal(resolve({ style: 'wide', model: 'large' }).model, 'large');
  assert.throws(
    () => resolve({ style: 'wide', model: 'plain' }),
    /checkpoint for SDXL with the style "wide", received "plain", which is for Stable Diffusion 1\.x/,
  );
});

test('a style that is not there, that is broken, and one whose checkpoint is missing are said as such', () => {
  assert.throws(() => resolve({ style: 'none' }), /Expected the name of a style, received "none"/);
  assert.throws(() => resolve({ style: 'broken' }), /cannot be used: broken\.json: title: missing/);
  assert.throws(() => resolve({ style: 'gone' }), /model "nowhere" of the style "gone" to be installed/);
  assert.equal(resolve({ style: 'gone', model: 'plain' }).model, 'plain');
});

test("what suits the checkpoint gives way to its LoRA's, that to the style's, and that to what the request says", () => {
  const turbo: ModelInfo = {
    ...checkpoint,
    name: 'turbo',
    family: 'sd1',
    defaults: { scheduler: 'euler', numInferenceSteps: 1, guidanceScale: 1 },
  };
  const quick: ModelInfo = {
    ...user,
    name: 'quick',
    kind: 'lora',
    architecture: 'LoRA',
    family: 'sd1',
    defaults: { scheduler: 'lcm', numInferenceSteps: 4 },
  };
  const slow: StyleCapability = { ...user, name: 'slow', title: 'Slow', numInferenceSteps: 30 };
  const settings = (request: Partial<GenerateRequest>) => {
    const { scheduler, numInferenceSteps, guidanceScale } = resolveRequest(
      { operation: 'generate', model: 'turbo', prompt: 'a house', ...request },
      [],
      { models: [turbo, quick], styles: [slow], limits: defaultLimits },
    ) as GenerateRequest;
    return [scheduler, numInferenceSteps, guidanceScale];
  };
  const loras = [{ model: 'quick' }];
  assert.deepEqual(settings({}), ['euler', 1, 1]);
  assert.deepEqual(settings({ loras }), ['lcm', 4, 1]);
  assert.deepEqual(settings({ loras, style: 'slow' }), ['lcm', 30, 1]);
  assert.deepEqual(settings({ loras, style: 'slow', numInferenceSteps: 7, scheduler: 'ddim' }), [
    'ddim',
    7,
    1,
  ]);
});
