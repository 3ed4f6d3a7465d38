import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import type {
  EngineTask,
  ExpandTask,
  FillDiffusion,
  FillTask,
  GenerateTask,
  ImagePayload,
  TaskEstimate,
} from '../../../engine/api.ts';
import { estimateTask } from '../../../engine/pipelines/estimate.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { writeHashedCheckpoint } from '../hashed-checkpoint.ts';
import { startTestEngine } from './engine-fixture.ts';

/** Told by a test; as much as there is by default. */
let budget = Number.POSITIVE_INFINITY;
const engine = await startTestEngine({ after }, { budgetBytes: () => budget });
const file = path.join(await temporaryFolder({ after }), 'base.safetensors');
await writeHashedCheckpoint(file, 'base');

const outline = (width: number, height: number): ImagePayload => ({
  format: 'rgb8',
  width,
  height,
  bytes: new Uint8Array(),
});
const diffusion: FillDiffusion = {
  prompt: 'a red house',
  negativePrompt: '',
  scheduler: 'euler',
  numInferenceSteps: 10,
  guidanceScale: 7.5,
  guidanceRescale: 0,
  rng: 'cpu',
  clipSkip: 1,
  strength: 1,
  workingSize: 'auto',
  context: 'auto',
};
const common = { model: { file }, seed: 0, count: 2, output: { format: 'png', quality: 90 } } as const;
const fill = (more: Partial<FillDiffusion> = {}): FillTask => ({
  ...common,
  operation: 'fill',
  source: outline(3000, 2000),
  mask: outline(3000, 2000),
  resultArea: 'mask',
  diffusion: { ...diffusion, ...more },
});
const generate = (width: number, height = width): GenerateTask => ({
  ...common,
  operation: 'generate',
  diffusion: { ...diffusion, highResolution: 'off', highResolutionStrength: 0.5 },
  width,
  height,
  count: 1,
});
const maskBounds = { left: 1000, top: 500, width: 400, height: 300 };

async function estimate(task: EngineTask, bounds?: TaskEstimate['contextBounds']): Promise<TaskEstimate> {
  return estimateTask(task, { engine, ...(bounds && { maskBounds: bounds }) });
}

test('a fill from a prompt: the part around the mask, the size it is drawn at, and a call for each step', async () => {
  const told = await estimate(fill(), maskBounds);
  assert.deepEqual([told.outputWidth, told.outputHeight, told.steps], [3000, 2000, 20]);
  const { left, top, width, height } = told.contextBounds;
  assert.ok(left < 1000 && top < 500 && left + width > 1400 && top + height > 800, JSON.stringify(told));
  assert.ok(width < 1500 && height < 1500);
  const { workingSize } = told;
  assert.ok(workingSize!.width * workingSize!.height <= 512 * 512 && workingSize!.width % 8 === 0);
  assert.equal(told.outcome, 'fits');
  assert.deepEqual(told.savings, []);
});

test('without its bounds the mask counts as white throughout', async () => {
  const { contextBounds } = await estimate(fill());
  assert.deepEqual(contextBounds, { left: 0, top: 0, width: 3000, height: 2000 });
});

test('what is drawn is what was told: strength leaves out steps, Heun calls twice, native is the size of the context', async () => {
  const partly = await estimate(fill({ strength: 0.5 }), maskBounds);
  assert.equal(partly.steps, 10);
  const twice = await estimate(fill({ scheduler: 'heun' }), maskBounds);
  assert.equal(twice.steps, 38);
  const native = await estimate(fill({ workingSize: 'native', context: 'tight' }), maskBounds);
  const { width, height } = native.contextBounds;
  assert.deepEqual(native.workingSize, { width, height });
});

test('an expansion: the grown size, and a context that reaches beyond the source', async () => {
  const task: ExpandTask = {
    ...common,
    operation: 'expand',
    source: outline(400, 300),
    left: 100,
    right: 0,
    top: 20,
    bottom: 0,
    diffusion,
  };
  const told = await estimate(task);
  assert.deepEqual([told.outputWidth, told.outputHeight], [500, 320]);
  assert.deepEqual(told.contextBounds, { left: -100, top: -20, width: 500, height: 320 });
});

test('a variation: the whole picture', async () => {
  const { strength, workingSize, ...settings } = diffusion;
  const told = await estimate({
    ...common,
    operation: 'vary',
    source: outline(1200, 800),
    diffusion: { ...settings, strength: 0.5, workingSize },
  });
  assert.deepEqual(told.contextBounds, { left: 0, top: 0, width: 1200, height: 800 });
  assert.ok(told.workingSize!.width > told.workingSize!.height);
  assert.equal(told.steps, 10);
});

test('memory and time grow with the size and, the time, with the number of pictures', async () => {
  const [small, large] = await Promise.all([estimate(generate(256)), estimate(generate(1024))]);
  assert.ok(large.memoryBytes > 2 * small.memoryBytes && large.durationMs > 10 * small.durationMs);
  const one = await estimate({ ...fill(), count: 1 }, maskBounds);
  const two = await estimate(fill(), maskBounds);
  assert.ok(two.durationMs > 1.5 * one.durationMs);
  assert.equal(two.memoryBytes, one.memoryBytes);
});

test('a picture in two passes takes the steps and the time of both, and the memory of the larger', async () => {
  const once = generate(1024);
  const twice: GenerateTask = { ...once, diffusion: { ...once.diffusion, highResolution: 'auto' } };
  const [small, inOne, inTwo] = await Promise.all([generate(512), once, twice].map((task) => estimate(task)));
  assert.deepEqual([small!.steps, inOne!.steps, inTwo!.steps], [10, 10, 15]);
  assert.ok(inTwo!.memoryBytes >= inOne!.memoryBytes);
  assert.ok(inTwo!.durationMs > small!.durationMs && inTwo!.durationMs < inOne!.durationMs);
  assert.deepEqual(inTwo!.workingSize, { width: 1024, height: 1024 });
});

test('with less and less memory it saves more and more, and is refused in the end, at the limit and one byte past it', async () => {
  const told: string[] = [];
  let least = (await estimate(generate(512))).memoryBytes;
  for (budget = least; ; budget = least - 1) {
    const { savings, outcome, memoryBytes, availableBytes, refusal } = await estimate(generate(512));
    assert.equal(availableBytes, budget);
    if (outcome === 'refused') {
      assert.ok(memoryBytes > budget);
      assert.match(refusal!.message, /of memory for drawing 512 x 512 px with base\.safetensors, found/);
      assert.match(refusal!.hint, /^Draw at \d+ x \d+ px at most|^Close other programs/);
      break;
    }
    assert.ok(memoryBytes <= budget);
    assert.equal(outcome, savings.length === 0 ? 'fits' : 'fits-with-savings');
    told.push(savings.join(', '));
    least = memoryBytes;
  }
  budget = Number.POSITIVE_INFINITY;
  assert.equal(told[0], '');
  assert.equal(new Set(told).size, told.length, told.join('; '));
  assert.ok(told.length >= 2, told.join('; '));
});

test('above a size the autoencoder goes by tiles, whatever the memory', async () => {
  assert.deepEqual((await estimate(generate(1024))).savings, []);
  assert.deepEqual((await estimate(generate(1024, 1032))).savings, ['tiled-vae']);
});
