import assert from 'node:assert/strict';
import path from 'node:path';
import { after, afterEach, test } from 'node:test';
import type { GenerateTask, TaskEstimate } from '../../../engine/api.ts';
import { toEngineError } from '../../../engine/errors.ts';
import type { Picture } from '../../../engine/image/picture.ts';
import { estimateTask } from '../../../engine/pipelines/estimate.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { writeHashedCheckpoint } from '../hashed-checkpoint.ts';
import { worstDifference } from './diffusion-goldens.ts';
import { pictureOf, type Report, startTestEngine } from './engine-fixture.ts';

/** Told by a test; as much as there is by default. */
let budget = Number.POSITIVE_INFINITY;
const engine = await startTestEngine({ after }, { budgetBytes: () => budget });
const file = path.join(await temporaryFolder({ after }), 'base.safetensors');
await writeHashedCheckpoint(file, 'base');
afterEach(async () => {
  budget = Number.POSITIVE_INFINITY;
  await engine.loaded.unloadAll();
});

const task: GenerateTask = {
  operation: 'generate',
  model: { file },
  diffusion: {
    prompt: 'a red house',
    negativePrompt: 'sea',
    scheduler: 'euler-ancestral',
    numInferenceSteps: 2,
    guidanceScale: 7.5,
    guidanceRescale: 0,
    rng: 'cpu',
    clipSkip: 1,
    highResolution: 'off',
    highResolutionStrength: 0.6,
  },
  // So wide that the work of so small a model counts beside its weights.
  width: 384,
  height: 64,
  seed: 5,
  count: 2,
  output: { format: 'rgb8', quality: 90 },
};
const picturesOf = ({ results }: Report): Promise<Picture[]> => Promise.all(results.map(pictureOf));
/** What each way of saving memory needs, from most to least. */
async function ways(): Promise<readonly TaskEstimate[]> {
  const found: TaskEstimate[] = [];
  budget = Number.POSITIVE_INFINITY;
  for (;;) {
    const estimate = await estimateTask(task, { engine });
    if (estimate.outcome === 'refused') return found;
    found.push(estimate);
    budget = estimate.memoryBytes - 1;
  }
}

test('one network at a time makes the same pictures: all of a batch is drawn before the first is decoded', async () => {
  const phasesOf = ({ progress }: Report) =>
    progress
      .map(({ phase }) => phase)
      .filter((phase, index, all) => phase !== 'loading' && phase !== all[index - 1]);
  const together = await engine.run(task);
  assert.deepEqual(phasesOf(together), ['denoising', 'encoding', 'denoising', 'encoding']);
  assert.equal(engine.loaded.size, 3);
  await engine.loaded.unloadAll();
  const inTurn = (await ways()).find(({ savings }) => savings.includes('sequential-loading'))!;
  budget = inTurn.memoryBytes;
  const saving = await engine.run(task);
  assert.deepEqual(phasesOf(saving), ['denoising', 'encoding']);
  assert.ok(engine.loaded.size < 3);
  const [expected, received] = await Promise.all([picturesOf(together), picturesOf(saving)]);
  for (const [index, picture] of received.entries())
    assert.equal(worstDifference(picture, expected[index]!), 0);
});

test('it runs at the least that any way needs; one byte less is refused before anything is loaded, and the next job works', async () => {
  const least = (await ways()).at(-1)!.memoryBytes;
  budget = least - 1;
  await assert.rejects(engine.run(task), (error) => {
    const { code, message, hint } = toEngineError(error);
    assert.equal(code, 'out-of-memory');
    assert.match(
      message,
      /^Expected [\d.]+ GiB of memory for drawing 384 x 64 px with base\.safetensors, found/,
    );
    return /close other programs/i.test(hint);
  });
  assert.equal(engine.loaded.size, 0);
  budget = least;
  assert.equal((await engine.run(task)).results.length, 2);
});

test('memory that is gone when a network is loaded fails the job with the figures, and what was drawn before stays', async () => {
  const run = engine.run(task, {
    onProgress: (phase, step, steps) => {
      if (phase === 'denoising' && step === steps / 2 + 1) budget = 0;
    },
  });
  await assert.rejects(run, (error) => {
    const { code, message } = toEngineError(error);
    return code === 'out-of-memory' && /^Expected .* free for the VAE decoder of base/.test(message);
  });
  budget = Number.POSITIVE_INFINITY;
  assert.equal((await engine.run(task)).results.length, 2);
});
