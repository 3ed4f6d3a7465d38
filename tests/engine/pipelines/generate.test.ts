import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import type { GenerateTask } from '../../../engine/api.ts';
import { decode } from '../../../engine/image/codec.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { pipelineGoldens, writeHashedCheckpoint } from '../hashed-checkpoint.ts';
import { pictureOf, startTestEngine } from './engine-fixture.ts';

/** As diffusers' pipelines are called in `tests/golden/pipelines/dump.py`. */
interface Case {
  readonly name: string;
  readonly prompt: string;
  readonly negative_prompt?: string;
  readonly num_inference_steps: number;
  readonly guidance_scale: number;
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly clip_skip?: number;
  readonly prediction_type?: GenerateTask['predictionType'];
}

const engine = await startTestEngine({ after });
const folder = await temporaryFolder({ after });
const checkpoint = path.join(folder, 'base.safetensors');
await writeHashedCheckpoint(checkpoint, 'base');

const cases = JSON.parse(readFileSync(path.join(pipelineGoldens, 'cases.json'), 'utf8')) as readonly Case[];

function taskOf(golden: Case): GenerateTask {
  const { prompt, negative_prompt, num_inference_steps, guidance_scale, seed, width, height } = golden;
  const { clip_skip = 0, prediction_type } = golden;
  return {
    operation: 'generate',
    prompt,
    negativePrompt: negative_prompt ?? '',
    model: { file: checkpoint },
    scheduler: 'ddim',
    numInferenceSteps: num_inference_steps,
    guidanceScale: guidance_scale,
    seed,
    rng: 'cpu',
    // diffusers counts the layers left out.
    clipSkip: clip_skip + 1,
    ...(prediction_type !== undefined && { predictionType: prediction_type }),
    width,
    height,
    count: 1,
    output: { format: 'rgb8', quality: 90 },
  };
}

for (const golden of cases.filter(({ name }) => name.startsWith('generate'))) {
  test(`${golden.name}: every pixel is diffusers', but for 2 of 255`, async () => {
    const { results } = await engine.run(taskOf(golden));
    const bytes = await readFile(path.join(pipelineGoldens, `${golden.name}.png`));
    const expected = await decode({ format: 'png', bytes });
    const received = await pictureOf(results[0]!);
    assert.deepEqual([received.width, received.height], [expected.width, expected.height]);
    let worst = 0;
    for (const [i, value] of expected.data.entries())
      worst = Math.max(worst, Math.abs(value - received.data[i]!));
    assert.ok(worst <= 2, `${worst} apart`);
  });
}

const quick: GenerateTask = { ...taskOf(cases[0]!), numInferenceSteps: 3 };

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
  const { results } = await engine.run({ ...quick, prompt: 'house '.repeat(100), negativePrompt: 'sea' });
  assert.equal(results.length, 1);
});

test('an edited prompt draws what its first part would, until the step of its change', async () => {
  const draw = async (prompt: string) =>
    (await pictureOf((await engine.run({ ...quick, prompt })).results[0]!)).data;
  const plain = await draw('a red house');
  assert.deepEqual(await draw('a [red:blue:3] house'), plain);
  assert.notDeepEqual(await draw('a [red:blue:2] house'), plain);
});

test("philox draws another picture from the same seed than torch's CPU generator", async () => {
  const [cpu, philox] = await Promise.all([engine.run(quick), engine.run({ ...quick, rng: 'philox' })]);
  assert.notDeepEqual((await pictureOf(cpu.results[0]!)).data, (await pictureOf(philox.results[0]!)).data);
});
