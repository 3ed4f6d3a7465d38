/** Hypernetworks of A1111's kind, against torch and diffusers (`tests/golden/hypernetworks/dump.py`). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import type { GenerateTask } from '../../../engine/api.ts';
import { Hypernetworks, hypernetworkInputs } from '../../../engine/graphs/hypernetwork.ts';
import { decode } from '../../../engine/image/codec.ts';
import { GraphBuilder } from '../../../engine/onnx/graph-builder.ts';
import { cutIntoStages } from '../../../engine/onnx/graph-stage.ts';
import { openDiffusionModel } from '../../../engine/pipelines/open-diffusion-model.ts';
import {
  hypernetworkActivations,
  maxHypernetworkLayers,
} from '../../../engine/weights/hypernetwork-modules.ts';
import { openSafetensors } from '../../../engine/weights/safetensors.ts';
import { readFloat32 } from '../../../engine/weights/tensor-values.ts';
import { encodeSafetensors } from '../../../models/convert/safetensors-writer.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { runStages } from '../graphs/run-stages.ts';
import { writeHashedCheckpoint } from '../hashed-checkpoint.ts';
import { writeHashedLora } from '../hashed-lora.ts';
import { call, dict, global, pickle, text } from '../weights/pickle-writer.ts';
import { zip } from '../weights/zip-writer.ts';
import { controlPayload, writeGoldenControlNet } from './control-goldens.ts';
import { worstDifference } from './diffusion-goldens.ts';
import { pictureOf, startTestEngine } from './engine-fixture.ts';

type Uses = readonly (readonly [name: string, strength: number])[];

interface HypernetworkCase {
  readonly name: string;
  /** Of a picture; without it the UNet alone is compared. */
  readonly seed?: number;
  readonly hypernetworks: Uses;
  readonly loras?: Uses;
  /** Channels of what is added as ControlNets add it. */
  readonly residuals?: readonly number[];
}

const goldens = path.join(import.meta.dirname, '../../golden/hypernetworks');
const golden = (name: string) => path.join(goldens, name);
const cases = JSON.parse(readFileSync(golden('cases.json'), 'utf8')) as readonly HypernetworkCase[];

const folder = await temporaryFolder({ after });
const inFolder = (name: string) => path.join(folder, name);
const engine = await startTestEngine({ after }, { modelFolder: folder });
await Promise.all([
  writeHashedCheckpoint(inFolder('base.safetensors'), 'base'),
  writeHashedLora(inFolder('kohya.safetensors'), 'kohya'),
  writeGoldenControlNet(inFolder('cldm.safetensors'), 'cldm'),
  ...['first.pt', 'deep.pt', 'swish.pt'].map((name) => copyFile(golden(name), inFolder(name))),
]);

const prompt = 'a red house in a green meadow';
const { signal } = new AbortController();

function settingsOf(uses: Uses) {
  return uses.map(([name, strength]) => ({ model: { name }, strength }));
}

function taskOf({ seed = 0, hypernetworks, loras = [] }: Omit<HypernetworkCase, 'name'>): GenerateTask {
  return {
    operation: 'generate',
    model: { name: 'base' },
    seed,
    width: 64,
    height: 64,
    count: 1,
    output: { format: 'rgb8', quality: 90 },
    diffusion: {
      prompt,
      negativePrompt: '',
      scheduler: 'ddim',
      numInferenceSteps: 6,
      guidanceScale: 7.5,
      guidanceRescale: 0,
      rng: 'cpu',
      clipSkip: 1,
      predictionType: 'epsilon',
      highResolution: 'off',
      highResolutionStrength: 0.5,
      loras: settingsOf(loras),
      hypernetworks: settingsOf(hypernetworks),
    },
  };
}

for (const each of cases) {
  test(`${each.name}: the UNet's numbers are those of torch within 5e-5`, async () => {
    const file = await openSafetensors(golden(`${each.name}.golden.safetensors`));
    const expected = (name: string) => readFloat32(file, name);
    const model = await openDiffusionModel(taskOf(each), engine);
    const sample = { shape: [1, 4, 8, 8], data: await expected('sample') };
    const conditioning = { tokens: 77, states: await expected('context') };
    const residuals = await Promise.all(
      (each.residuals ?? []).map(async (channels, index) => ({
        shape: [1, channels, 1, 1],
        data: await expected(`residual_${index}`),
      })),
    );
    const noise = await model.useUNet({ size: { width: 64, height: 64 }, batch: 1 }, (unet) =>
      unet.predict([{ sample, conditioning }], {
        timestep: 500,
        signal,
        ...(residuals.length > 0 && { residuals }),
      }),
    );
    assertClose(noise, await expected('noise'), 5e-5);
  });

  if (each.seed === undefined) continue;
  test(`${each.name}: diffusers' picture within 2 of 255`, async () => {
    const { results } = await engine.run(taskOf(each));
    const bytes = new Uint8Array(readFileSync(golden(`${each.name}.png`)));
    assert.ok(worstDifference(await pictureOf(results[0]!), await decode({ format: 'png', bytes })) <= 2);
  });
}

test('each activation is the function that torch has by its name', async () => {
  const file = await openSafetensors(golden('activations.golden.safetensors'));
  const given = await readFloat32(file, 'given');
  const names = hypernetworkInputs(0);
  const [weight, bias, slope] = ['weight', 'bias', 'slope'].map((key) => ({ key, shape: [1] }));
  for (const activation of hypernetworkActivations) {
    const builder = new GraphBuilder('Activation');
    const layer = { weight: { ...weight!, shape: [1, 1] }, bias: bias!, activation };
    const layers = [activation === 'prelu' ? { ...layer, slope: slope! } : layer];
    const networks = new Hypernetworks(builder, [[{ width: 1, key: layers, value: layers }]]);
    const rows = builder.input({ name: 'given', dtype: 'float32', shape: ['rows', 1] });
    const { key } = networks.contexts(rows);
    builder.output(key);
    const number = (value: number, shape = [1]) => ({ shape, data: Float32Array.of(value) });
    const results = await runStages(
      cutIntoStages(builder.finish()),
      {
        given: { shape: [given.length, 1], data: given },
        [names.strength]: number(1),
        [names.tensor(weight!)]: number(1, [1, 1]),
        [names.tensor(bias!)]: number(0),
        [names.tensor(slope!)]: number(0.25),
      },
      { weightsFile: folder },
    );
    const added = results[key.name]!.data.map((value, index) => value - given[index]!);
    assertClose(added, await readFloat32(file, activation), 2e-6, activation);
  }
});

function assertClose(
  actual: Float32Array,
  expected: Float32Array,
  tolerance: number,
  what = 'numbers',
): void {
  assert.equal(actual.length, expected.length);
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i]!)), 0);
  assert.ok(worst <= tolerance, `Expected ${what} within ${tolerance}, received one ${worst} away`);
}

const quick = taskOf({ hypernetworks: [] });

function drawn(settings: Partial<GenerateTask['diffusion']>) {
  return engine.run({ ...quick, diffusion: { ...quick.diffusion, numInferenceSteps: 1, ...settings } });
}

async function pixels(settings: Partial<GenerateTask['diffusion']>) {
  const { results } = await drawn(settings);
  return (await pictureOf(results[0]!)).data;
}

test('they are listed with their kind', async () => {
  const listed = (await engine.models.list()).filter(({ kind }) => kind === 'hypernetwork');
  assert.deepEqual(
    listed.map(({ name, architecture, family }) => [name, architecture, family]),
    [
      ['deep', 'Hypernetwork', undefined],
      ['first', 'Hypernetwork', undefined],
      ['swish', 'Hypernetwork', undefined],
    ],
  );
});

test('a tag in the prompt does what the setting does, behind the settings', async () => {
  assert.deepEqual(
    await pixels({
      prompt: `${prompt}<hypernet:deep:0.7>`,
      hypernetworks: settingsOf([['first', 0.5]]),
    }),
    await pixels({
      hypernetworks: settingsOf([
        ['first', 0.5],
        ['deep', 0.7],
      ]),
    }),
  );
});

test('another strength, and another file of the same structure, load nothing; 0 is the plain picture', async () => {
  await copyFile(golden('first.pt'), inFolder('twin.pt'));
  const strong = await pixels({ hypernetworks: settingsOf([['first', 1]]) });
  const before = engine.loaded.size;
  const weak = await pixels({ hypernetworks: settingsOf([['first', 0.3]]) });
  assert.notDeepEqual(weak, strong);
  assert.deepEqual(await pixels({ hypernetworks: settingsOf([['twin', 1]]) }), strong);
  const off = await drawn({ hypernetworks: settingsOf([['first', 0]]) });
  assert.equal(engine.loaded.size, before);
  const plain = await drawn({});
  const [a, b] = [await pictureOf(plain.results[0]!), await pictureOf(off.results[0]!)];
  assert.ok(worstDifference(a, b) <= 1);
});

test('with a ControlNet and a LoRA each of them counts', async () => {
  const all = {
    hypernetworks: settingsOf([['deep', 1]]),
    loras: settingsOf([['kohya', 1]]),
    controls: [
      {
        model: { name: 'cldm' },
        image: controlPayload('sketch-0-64'),
        strength: 1,
        start: 0,
        end: 1,
        mode: 'balanced',
      },
    ],
  } as const;
  const together = await pixels(all);
  for (const without of ['hypernetworks', 'loras', 'controls'] as const) {
    assert.notDeepEqual(await pixels({ ...all, [without]: [] }), together, without);
  }
});

test('contexts that the checkpoint has not are told, and a file for none of its own is refused', async () => {
  const { warnings } = await drawn({ hypernetworks: settingsOf([['swish', 1]]) });
  assert.deepEqual(warnings, [
    'The hypernetwork `swish.pt` has parts for contexts 16 wide, which base.safetensors has not; they are left out.',
  ]);
  await writeHypernetwork('narrow', { width: 8 });
  await refused('narrow', {
    code: 'invalid-option',
    message: /contexts 32, 64 wide, which base.safetensors has, received `narrow.safetensors`.* for 8\./,
  });
  await writeHypernetwork('sd2', { width: 1024, value: 0 });
  await refused('sd2', {
    code: 'invalid-option',
    message: /Expected a hypernetwork for Stable Diffusion 1\.x, .* received `sd2`, .* Stable Diffusion 2\.x/,
  });
});

test('what is wrong with a file is told', async () => {
  const many = [1, ...Array.from({ length: maxHypernetworkLayers }, () => 0.125), 1];
  const structure = (multipliers: readonly number[]) => JSON.stringify(multipliers);
  await writeHypernetwork('most', { width: 32, multipliers: [1, ...many.slice(2)] });
  await drawn({ hypernetworks: settingsOf([['most', 1]]) });
  for (const [name, options, message] of [
    ['infinite', { value: Number.POSITIVE_INFINITY }, /finite numbers in `32\.0\.linear\.0\.weight`/],
    ['too-deep', { multipliers: many }, /at most 32 layers in .*, received one of 33/],
    [
      'strange',
      { metadata: { activation_func: 'softmax' } },
      /activation of numbers by .* received "softmax"/,
    ],
    [
      'told-otherwise',
      { metadata: { layer_structure: structure([1, 3, 1]) } },
      /`32\.0\.linear\.0\.weight` \[96, 32\] in .*, received \[64, 32\]/,
    ],
    ['wider', { metadata: { layer_structure: '[1, 2]' } }, /begins and ends with 1/],
    ['no-list', { metadata: { layer_structure: '{}' } }, /a list of two numbers or more/],
    [
      'unnormed',
      { metadata: { is_layer_norm: 'True' } },
      /`32\.0\.linear\.1\.weight` \[64\].*, received \[32, 64\]/,
    ],
    ['half', { parts: 1 }, /`32\.1\.linear\.0\.weight` \[64, 32\] in .*, received none/],
    [
      'longer',
      { metadata: { layer_structure: '[1, 1]' }, multipliers: [1, 1, 1] },
      /`32\.0\.linear\.1\.weight` besides/,
    ],
  ] as const) {
    await writeHypernetwork(name, { width: 32, ...options });
    await refused(name, { message });
  }
  const hostile = pickle(dict(text('name'), call(global('os', 'system'), text('touch owned'))));
  await writeFile(inFolder('hostile.pt'), zip([{ name: 'archive/data.pkl', data: hostile }]));
  await refused('hostile', { code: 'invalid-weights', message: /received .*`os\.system`/ });
  await refused('nowhere', {
    code: 'model-not-found',
    message: /no hypernetwork named `nowhere`. Installed are: .*`first`/,
  });
  await refused('kohya', {
    code: 'invalid-option',
    message: /a model that is a hypernetwork, received `kohya`/,
  });
  await assert.rejects(drawn({ hypernetworks: settingsOf([['first', -10.5]]) }), {
    code: 'invalid-option',
    message: /from -10 to 10 of the hypernetwork `first`, received -10.5/,
  });
});

function refused(name: string, error: object): Promise<void> {
  return assert.rejects(drawn({ prompt: `<hypernet:${name}:1>` }), error);
}

interface FileToWrite {
  readonly width: number;
  readonly multipliers?: readonly number[];
  readonly metadata?: Readonly<Record<string, string>>;
  /** What the first number is. */
  readonly value?: number;
  /** 2 of a whole file. */
  readonly parts?: number;
}

/** The format's names as safetensors have them, of what is there for the case. */
async function writeHypernetwork(
  name: string,
  { width, multipliers = [1, 2, 1], metadata = {}, value = 0, parts = 2 }: FileToWrite,
): Promise<void> {
  const tensors = Array.from({ length: parts }, (_, part) =>
    multipliers.slice(1).flatMap((multiplier, index) => {
      const shape = [width * multiplier, width * multipliers[index]!];
      const weight = new Float32Array(shape[0]! * shape[1]!).fill(value, 0, 1);
      return [
        { name: `${width}.${part}.linear.${index}.weight`, shape, values: weight },
        {
          name: `${width}.${part}.linear.${index}.bias`,
          shape: [shape[0]!],
          values: new Float32Array(shape[0]!),
        },
      ];
    }),
  ).flat();
  const bytes = encodeSafetensors(
    tensors.map(({ name: key, shape, values }) => ({
      name: key,
      dtype: 'F32',
      shape,
      data: new Uint8Array(values.buffer),
    })),
    { layer_structure: JSON.stringify(multipliers), ...metadata },
  );
  await writeFile(inFolder(`${name}.safetensors`), bytes);
}
