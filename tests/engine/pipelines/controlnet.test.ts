/** Drawing with ControlNets, beside diffusers' own pipelines. */
import assert from 'node:assert/strict';
import { truncate } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import type {
  ControlSettings,
  EngineTask,
  ExpandTask,
  FillTask,
  GenerateSettings,
  GenerateTask,
  TaskEstimate,
  VaryTask,
} from '../../../engine/api.ts';
import { preprocess } from '../../../engine/control/preprocess.ts';
import { toEngineError } from '../../../engine/errors.ts';
import { cropPicture } from '../../../engine/image/crop.ts';
import type { Picture } from '../../../engine/image/picture.ts';
import { resamplePicture } from '../../../engine/image/resample.ts';
import { ControlNetModel } from '../../../engine/models/controlnet.ts';
import { estimateTask } from '../../../engine/pipelines/estimate.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { atLeisure } from '../control/arbitraries.ts';
import { writeTinyDepthModel } from '../control/tiny-models.ts';
import { readLayout, withCheckpoint } from '../graphs/synthetic-checkpoint.ts';
import { writeHashedCheckpoint } from '../hashed-checkpoint.ts';
import {
  type ControlCase,
  controlCases,
  controlGoldens,
  controlPayload,
  controlPicture,
  controlsOf,
  writeGoldenControlNet,
} from './control-goldens.ts';
import {
  generateSettingsOf,
  goldenPayload,
  goldenPicture,
  settingsOf,
  worstDifference,
} from './diffusion-goldens.ts';
import { drawPicture, pictureOf, rawPayload, startTestEngine } from './engine-fixture.ts';

/** Told by a test; as much as there is by default. */
let budget = Number.POSITIVE_INFINITY;
const engine = await startTestEngine({ after }, { budgetBytes: () => budget });
const folder = await temporaryFolder({ after });
const file = (name: string) => path.join(folder, `${name}.safetensors`);
const files = { base: file('base'), inpainting: file('inpainting'), pix2pix: file('pix2pix') };
const nets = {
  cldm: file('control_v11p_sd15_canny'),
  diffusers: file('controlnet-depth'),
  shuffle: file('control_v11e_sd15_shuffle'),
};
const metadata = { 'modelspec.resolution': '64x64' };
await Promise.all([
  writeHashedCheckpoint(files.base, 'base', { metadata }),
  writeHashedCheckpoint(files.inpainting, 'inpainting', { metadata }),
  writeHashedCheckpoint(files.pix2pix, 'pix2pix', { metadata }),
  writeGoldenControlNet(nets.cldm, 'cldm'),
  writeGoldenControlNet(nets.diffusers, 'diffusers'),
  writeGoldenControlNet(nets.shuffle, 'cldm'),
]);

const output = { format: 'rgb8', quality: 90 } as const;

function taskOf(golden: ControlCase): EngineTask {
  const { name, checkpoint, seed, width, height, strength = 1 } = golden;
  const base = { model: { file: files[checkpoint] }, seed, count: 1, output } as const;
  const controls = controlsOf(golden, nets);
  const drawn = { ...settingsOf(golden), strength, workingSize: 'native', controls } as const;
  if (name.startsWith('generate')) {
    return {
      ...base,
      operation: 'generate',
      width,
      height,
      diffusion: { ...generateSettingsOf(golden), controls },
    };
  }
  const source = goldenPayload('source');
  if (name.startsWith('vary')) return { ...base, operation: 'vary', source, diffusion: drawn };
  return {
    ...base,
    operation: 'fill',
    source,
    mask: goldenPayload('mask'),
    resultArea: 'picture',
    diffusion: { ...drawn, context: 'whole' },
  };
}

const run = async (task: EngineTask) => pictureOf((await engine.run(task)).results[0]!);

const mask = await goldenPicture('mask');
const isMasked = (pixel: number) => mask.data[pixel * mask.channels]! > 0;

for (const golden of controlCases) {
  test(`${golden.name}: diffusers' picture within 2 of 255`, async () => {
    const isFill = golden.name.startsWith('fill');
    const worst = worstDifference(
      await run(taskOf(golden)),
      await controlPicture(golden.name),
      isFill ? isMasked : undefined,
    );
    assert.ok(worst <= 2, `${worst} of 255 at worst`);
  });
}

const generate = taskOf(controlCases.find(({ name }) => name === 'generate')!) as GenerateTask;
const fill = taskOf(controlCases.find(({ name }) => name === 'fill-base')!) as FillTask &
  Required<Pick<FillTask, 'diffusion'>>;
const sketch: ControlSettings = {
  model: { file: nets.cldm },
  image: controlPayload('sketch-0-64'),
  strength: 1,
  start: 0,
  end: 1,
  mode: 'balanced',
};

const steered = (controls: readonly ControlSettings[]): GenerateTask => ({
  ...generate,
  diffusion: { ...generate.diffusion, controls },
});

const generated = (controls: readonly ControlSettings[], more: Partial<GenerateSettings> = {}) =>
  run({
    ...generate,
    diffusion: { ...generate.diffusion, numInferenceSteps: 2, ...more, controls },
  });

test('a control changes the picture, less in the mode "prompt", and not at all at strength 0', async () => {
  const plain = await generated([]);
  const difference = async (control: Partial<ControlSettings>) =>
    meanDifference(plain, await generated([{ ...sketch, ...control }]));
  const balanced = await difference({});
  const prompt = await difference({ mode: 'prompt' });
  assert.ok(balanced > 5 && prompt > 0 && prompt < balanced, `${balanced} and ${prompt}`);
  assert.equal(await difference({ strength: 0 }), 0);
});

test('one half of guidance after the other makes the same picture, in each mode', async () => {
  for (const mode of ['balanced', 'control'] as const) {
    const control = { ...sketch, mode };
    const together = await generated([control]);
    await engine.loaded.unloadAll();
    budget = (await leastMemory(steered([control]))).memoryBytes;
    const inTurn = await generated([control]);
    budget = Number.POSITIVE_INFINITY;
    assert.ok(worstDifference(together, inTurn) <= 1);
  }
});

test('a ControlNet counts in what an estimate tells, once for each file, and is refused with the rest', async () => {
  const memoryOf = async (controls: readonly ControlSettings[]) => {
    const { memoryBytes, durationMs } = await estimateTask(steered(controls), { engine });
    return { memoryBytes, durationMs };
  };
  const none = await memoryOf([]);
  const one = await memoryOf([sketch]);
  const twice = await memoryOf([sketch, sketch]);
  assert.ok(one.memoryBytes > none.memoryBytes && one.durationMs > none.durationMs);
  assert.equal(twice.memoryBytes, one.memoryBytes);
  assert.ok(twice.durationMs > one.durationMs);
  const { memoryBytes } = await leastMemory(steered([sketch]));
  await engine.loaded.unloadAll();
  budget = memoryBytes - 1;
  await refuses(generated([sketch]), 'out-of-memory', /memory for drawing 64 x 64 px/);
  assert.equal(engine.loaded.size, 0);
  budget = Number.POSITIVE_INFINITY;
});

test('what looks at a picture to make its map counts in the estimate, and is refused where it alone is too much', async (context) => {
  const modelFolder = await temporaryFolder(context);
  let available = Number.POSITIVE_INFINITY;
  const engine = await startTestEngine(context, { modelFolder, budgetBytes: () => available });
  const mapped: ControlSettings = { ...sketch, kind: 'depth', preprocessor: { name: 'depth' } };
  const told = (control: ControlSettings) => estimateTask(steered([control]), { engine });
  const hint = 'Get it with `inlay models get depth-anything-v2-small`.';
  await assert.rejects(told(mapped), { code: 'model-not-found', hint });
  // Weights that make it by far the largest of the networks.
  const folder = await writeTinyDepthModel(modelFolder);
  const bytes = 2 ** 27;
  await truncate(path.join(folder, 'onnx', 'model.onnx'), bytes);
  const plain = await told(sketch);
  const { memoryBytes, durationMs, outcome } = await told(mapped);
  assert.ok(plain.memoryBytes < bytes && memoryBytes > bytes, `${plain.memoryBytes}, ${memoryBytes}`);
  assert.ok(durationMs > plain.durationMs);
  assert.equal(outcome, 'fits');
  // Reading it takes its size twice.
  available = 2 * bytes - 1;
  const refused = await told(mapped);
  assert.equal(refused.outcome, 'refused');
  assert.match(refused.refusal!.message, /GiB of memory for the map of control 1 \(depth\), found/);
  assert.equal((await told(sketch)).outcome, 'fits');
  await refuses(engine.run(steered([mapped])), 'out-of-memory', /depth-anything-v2-small/);
});

/** What drawing takes that saves all that can be saved. */
async function leastMemory(task: EngineTask): Promise<TaskEstimate> {
  budget = Number.POSITIVE_INFINITY;
  let found = await estimateTask(task, { engine });
  for (;;) {
    budget = found.memoryBytes - 1;
    const next = await estimateTask(task, { engine });
    budget = Number.POSITIVE_INFINITY;
    if (next.outcome === 'refused') return found;
    found = next;
  }
}

test('each picture of a batch follows the control, as it would by itself', async () => {
  const diffusion = { ...generate.diffusion, numInferenceSteps: 2, controls: [sketch] };
  const { results } = await engine.run({ ...generate, diffusion, count: 2 });
  for (const [index, result] of results.entries()) {
    const alone = await run({ ...generate, diffusion, seed: generate.seed + index });
    assert.equal(worstDifference(await pictureOf(result), alone), 0);
  }
});

test('a pix2pix checkpoint follows a control too, in each mode and with its three questions in turn', async () => {
  const task: VaryTask = {
    operation: 'vary',
    model: { file: files.pix2pix },
    seed: 3,
    count: 1,
    output,
    source: goldenPayload('source'),
    diffusion: { ...fill.diffusion, strength: 1, numInferenceSteps: 2, imageGuidanceScale: 1.5 },
  };
  const vary = (controls: readonly ControlSettings[]) =>
    run({ ...task, diffusion: { ...task.diffusion, controls } });
  const plain = await vary([]);
  for (const mode of ['balanced', 'control'] as const) {
    const control = { ...sketch, mode };
    const together = await vary([control]);
    assert.ok(meanDifference(plain, together) > 2, mode);
    await engine.loaded.unloadAll();
    budget = (await leastMemory({ ...task, diffusion: { ...task.diffusion, controls: [control] } }))
      .memoryBytes;
    const inTurn = await vary([control]);
    budget = Number.POSITIVE_INFINITY;
    assert.ok(worstDifference(together, inTurn) <= 1);
  }
});

test('a control goes along into both passes of a large picture, at the size of each', async ({ mock }) => {
  const encode = mock.method(ControlNetModel.prototype, 'encodeImage');
  const large = {
    ...generate,
    width: 96,
    height: 96,
    diffusion: {
      ...generate.diffusion,
      numInferenceSteps: 2,
      highResolution: 'on',
      controls: [sketch],
    },
  } as const;
  const { results } = await engine.run(large);
  assert.equal(results[0]!.bounds.width, 96);
  const sides = encode.mock.calls.map(({ arguments: [image] }) => image.shape.slice(2));
  assert.deepEqual(sides, [
    [64, 64],
    [96, 96],
  ]);
});

test('a preprocessor makes the map of the picture at the size that is drawn at', async () => {
  const photo = drawPicture({ width: 128, height: 128, channels: 3, depth: 8 });
  const small = resamplePicture(photo, { width: 64, height: 64 });
  const map = await preprocess(small, { name: 'canny' }, atLeisure);
  assert.equal(
    worstDifference(
      await generated([{ ...sketch, image: rawPayload(photo), preprocessor: { name: 'canny' } }]),
      await generated([{ ...sketch, image: rawPayload(map) }]),
    ),
    0,
  );
});

test('an expansion follows controls as large as the source, and keeps the source', async () => {
  const source = drawPicture({ width: 70, height: 61, channels: 3, depth: 8 });
  const settings = { ...fill.diffusion, workingSize: 'auto', context: 'auto', numInferenceSteps: 2 } as const;
  const lines = drawPicture({ width: 70, height: 61, channels: 4, depth: 8 });
  const { image: _, ...ofSource } = sketch;
  const controls: readonly ControlSettings[] = [
    { ...sketch, image: rawPayload(lines) },
    { ...ofSource, kind: 'inpaint' },
  ];
  const task: ExpandTask = {
    operation: 'expand',
    model: fill.model,
    seed: 1,
    count: 1,
    output,
    source: rawPayload(source),
    left: 9,
    right: 0,
    top: 0,
    bottom: 3,
    diffusion: { ...settings, controls },
  };
  const expanded = await run(task);
  assert.deepEqual([expanded.width, expanded.height], [79, 64]);
  const inside = cropPicture(expanded, { left: 9, top: 0, width: 70, height: 61 });
  assert.equal(worstDifference(inside, source), 0);
});

test('what cannot be followed is told before anything is loaded', async () => {
  await engine.loaded.unloadAll();
  const other = rawPayload(drawPicture({ width: 63, height: 64, channels: 3, depth: 8 }));
  const fillWith = (control: ControlSettings) =>
    engine.run({ ...fill, diffusion: { ...fill.diffusion, controls: [control] } });
  await refuses(
    fillWith({ ...sketch, image: other }),
    'invalid-image',
    /image of control 1 \(canny\) to be 64 x 64 pixels, as the picture, received 63 x 64/,
  );
  const within = rawPayload(drawPicture({ width: 106, height: 100, channels: 3, depth: 8 }));
  const beyond = rawPayload(drawPicture({ width: 107, height: 100, channels: 3, depth: 8 }));
  await generated([{ ...sketch, image: within }]);
  await engine.loaded.unloadAll();
  await refuses(
    generated([{ ...sketch, image: beyond }]),
    'invalid-image',
    /proportions of 64 x 64 pixels, received 107 x 100/,
  );
  const { image: _, ...nothing } = sketch;
  await refuses(generated([nothing]), 'invalid-option', /Expected an image for control 1/);
  await refuses(
    generated([{ ...sketch, kind: 'inpaint' }]),
    'invalid-option',
    /Expected a mask for control 1 \(inpaint\)/,
  );
  await refuses(
    generated([{ ...sketch, model: { file: files.base } }]),
    'invalid-option',
    /Expected a model that is a ControlNet/,
  );
  assert.equal(engine.loaded.size, 0);
});

for (const [layout, expected] of [
  ['sdxl-cldm', /fits `base\.safetensors` \(Stable Diffusion 1\.x\), received `synthetic`, one for SDXL/],
  ['sd1-diffusers', /received `synthetic\.safetensors`, one for a network of other sizes/],
] as const) {
  test(`a ControlNet that does not fit the checkpoint is refused (${layout})`, async () => {
    await withCheckpoint(await readLayout(controlGoldens, layout), async (checkpoint) => {
      const model = { file: checkpoint.file };
      await refuses(generated([{ ...sketch, model }]), 'invalid-option', expected);
    });
  });
}

test('a job is cancelled between the networks of a step', async () => {
  const abort = new AbortController();
  const running = engine.run(generate, {
    signal: abort.signal,
    onProgress: (phase) => {
      if (phase === 'denoising') abort.abort();
    },
  });
  await refuses(running, 'cancelled', /cancelled/);
});

test('ControlNets are listed with their family, and what their name or they themselves say of their maps', async () => {
  const list = await engine.models.list(Object.values(nets));
  const found = Object.fromEntries(list.map((model) => [model.name, model]));
  const { kind, architecture, family, controlKinds } = found.control_v11p_sd15_canny!;
  assert.deepEqual(
    { kind, architecture, family, controlKinds },
    { kind: 'controlnet', architecture: 'ControlNet', family: 'sd1', controlKinds: ['canny'] },
  );
  assert.deepEqual(found['controlnet-depth']!.controlKinds, ['depth']);
});

async function refuses(job: Promise<unknown>, code: string, message: RegExp): Promise<void> {
  await assert.rejects(job, (error: unknown) => {
    const known = toEngineError(error);
    assert.equal(known.code, code, known.message);
    assert.match(known.message, message);
    return true;
  });
}

function meanDifference(a: Picture, b: Picture): number {
  let sum = 0;
  for (const [i, value] of a.data.entries()) sum += Math.abs(value - b.data[i]!);
  return sum / a.data.length;
}
