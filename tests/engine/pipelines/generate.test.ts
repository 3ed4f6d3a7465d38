import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import type { GenerateSettings, GenerateTask } from '../../../engine/api.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { writeHashedCheckpoint } from '../hashed-checkpoint.ts';
import {
  type GoldenCase,
  generateSettingsOf,
  goldenCases,
  goldenPicture,
  worstDifference,
} from './diffusion-goldens.ts';
import { pictureOf, startTestEngine } from './engine-fixture.ts';

const engine = await startTestEngine({ after });
const folder = await temporaryFolder({ after });
const files = {
  base: path.join(folder, 'base.safetensors'),
  inpainting: path.join(folder, 'inpainting.safetensors'),
  pix2pix: path.join(folder, 'pix2pix.safetensors'),
};
await Promise.all([
  writeHashedCheckpoint(files.base, 'base', { metadata: { 'modelspec.resolution': '64x64' } }),
  writeHashedCheckpoint(files.inpainting, 'inpainting'),
  writeHashedCheckpoint(files.pix2pix, 'pix2pix'),
]);

function taskOf(golden: GoldenCase): GenerateTask {
  const { checkpoint, seed, width, height } = golden;
  return {
    operation: 'generate',
    model: { file: files[checkpoint] },
    diffusion: generateSettingsOf(golden),
    seed,
    width,
    height,
    count: 1,
    output: { format: 'rgb8', quality: 90 },
  };
}

for (const golden of goldenCases.filter(({ name }) => name.startsWith('generate'))) {
  test(`${golden.name}: diffusers' picture within 2 of 255`, async () => {
    const { results } = await engine.run(taskOf(golden));
    assert.ok(worstDifference(await pictureOf(results[0]!), await goldenPicture(golden.name)) <= 2);
  });
}

const first = taskOf(goldenCases[0]!);
const quick: GenerateTask = { ...first, diffusion: { ...first.diffusion, numInferenceSteps: 3 } };

function quickWith(settings: Partial<GenerateSettings>): GenerateTask {
  return { ...quick, diffusion: { ...quick.diffusion, ...settings } };
}

test('it tells each step of a batch, and shows the picture as it comes', async () => {
  const { progress, previews, results } = await engine.run({ ...quick, count: 2 });
  const denoising = progress.filter(({ phase }) => phase === 'denoising');
  assert.deepEqual(
    denoising.map(({ step, steps }) => [step, steps]),
    [1, 2, 3, 4, 5, 6].map((step) => [step, 6]),
  );
  assert.deepEqual([...new Set(progress.map(({ phase }) => phase))], ['loading', 'denoising', 'encoding']);
  assert.ok(previews.length > 0);
  for (const { bounds } of previews) assert.deepEqual(bounds, { left: 0, top: 0, width: 64, height: 64 });
  assert.deepEqual(
    results.map(({ index, seed, role }) => [index, seed, role]),
    [
      [0, 7, 'picture'],
      [1, 8, 'picture'],
    ],
  );
});

test('a cancel is heard between two steps', async () => {
  const controller = new AbortController();
  const steps: number[] = [];
  const run = engine.run(quick, {
    signal: controller.signal,
    onProgress: (phase, step) => {
      if (phase !== 'denoising') return;
      steps.push(step);
      controller.abort();
    },
  });
  await assert.rejects(run, { name: 'AbortError' });
  assert.deepEqual(steps, [1]);
});

test('a prompt over a window and a negative one under it go together', async () => {
  const { results } = await engine.run(quickWith({ prompt: 'house '.repeat(100), negativePrompt: 'sea' }));
  assert.equal(results.length, 1);
});

test('an edited prompt draws what its first part would, until the step of its change', async () => {
  const draw = async (prompt: string) =>
    (await pictureOf((await engine.run(quickWith({ prompt }))).results[0]!)).data;
  const plain = await draw('a red house');
  assert.deepEqual(await draw('a [red:blue:3] house'), plain);
  assert.notDeepEqual(await draw('a [red:blue:2] house'), plain);
});

test('a checkpoint that changes pictures by instruction is refused, with what it is for', async () => {
  await assert.rejects(engine.run({ ...quick, model: { file: files.pix2pix } }), {
    code: 'unsupported-architecture',
    message: /pix2pix/,
    hint: /vary/,
  });
});

test('a picture far above what the model was trained at is drawn small first, then over that, each of a batch', async () => {
  const at = async (side: number, count = 1) => {
    const task = quickWith({ highResolution: 'auto', highResolutionStrength: 0.7 });
    const { progress, results, previews } = await engine.run({ ...task, width: side, height: side, count });
    assert.deepEqual(
      results.map(({ bounds: { width, height }, index, seed }) => [width, height, index, seed]),
      Array.from({ length: count }, (_, i) => [side, side, i, 7 + i]),
    );
    const steps = (phase: string) => progress.filter((entry) => entry.phase === phase).length;
    return { denoising: steps('denoising'), refining: steps('refining'), preview: previews[0]!.width };
  };
  assert.deepEqual(await at(96), { denoising: 3, refining: 0, preview: 12 });
  assert.deepEqual(await at(104, 2), { denoising: 6, refining: 4, preview: 8 });
});

test('an upscaler that is none is refused before anything is drawn', async () => {
  const drawn: string[] = [];
  const run = engine.run(quickWith({ upscaler: { file: files.base } }), {
    onProgress: (phase) => drawn.push(phase),
  });
  await assert.rejects(run, { code: 'invalid-option', message: /that can upscale, received `base`/ });
  assert.deepEqual(drawn, ['loading']);
});

test("philox draws another picture from the same seed than torch's CPU generator", async () => {
  const [cpu, philox] = await Promise.all([engine.run(quick), engine.run(quickWith({ rng: 'philox' }))]);
  assert.notDeepEqual((await pictureOf(cpu.results[0]!)).data, (await pictureOf(philox.results[0]!)).data);
});

test('a prompt with choices is drawn picture by picture, each as its words alone would be', async () => {
  const prompt = '{a red house|a green tree|the sea at night|snow} by day';
  const { results, progress } = await engine.run({ ...quickWith({ prompt }), count: 2 });
  assert.deepEqual(
    results.map(({ index, seed }) => [index, seed]),
    [
      [0, 7],
      [1, 8],
    ],
  );
  const denoising = progress.filter(({ phase }) => phase === 'denoising');
  assert.deepEqual(denoising.at(-1), { phase: 'denoising', step: 6, steps: 6 });
  for (const result of results) {
    const words = result.chosenWords!;
    assert.match(words.prompt, /^(a red house|a green tree|the sea at night|snow) by day$/);
    const { results: alone } = await engine.run({
      ...quickWith({ prompt: words.prompt }),
      seed: result.seed!,
    });
    assert.equal(alone[0]!.chosenWords, undefined);
    assert.deepEqual((await pictureOf(alone[0]!)).data, (await pictureOf(result)).data);
  }
});
