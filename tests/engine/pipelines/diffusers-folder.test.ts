/** Folders of diffusers whose configuration matters, against its own pipelines (`tests/golden/folder` and `tests/golden/sdxl-folder`). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import type { GenerateTask } from '../../../engine/api.ts';
import { decode } from '../../../engine/image/codec.ts';
import { fewStepModel } from '../../../engine/models/few-step.ts';
import { encodeSafetensors } from '../../../models/convert/safetensors-writer.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { halves, hashed, type Listed } from '../hashed-checkpoint.ts';
import { type GoldenCase, generateSettingsOf, worstDifference } from './diffusion-goldens.ts';
import { pictureOf, startTestEngine } from './engine-fixture.ts';

type Config = Readonly<Record<string, unknown>>;
type Network = Readonly<Record<string, Listed>>;

const goldens = path.join(import.meta.dirname, '../../golden');
const readGolden = (name: string): unknown => JSON.parse(readFileSync(path.join(goldens, name), 'utf8'));
const golden = readGolden('folder/folder.json') as {
  readonly case: GoldenCase;
  readonly configs: Readonly<Record<string, Config>>;
  readonly tensors: Network;
};
interface XlCase extends GoldenCase {
  readonly unet: string;
  readonly scheduler?: string;
  /** What a model of few steps is published as, whose settings are those of its card. */
  readonly published?: string;
  readonly timesteps?: readonly number[];
}
interface XlNetworks extends Readonly<Record<string, Network>> {
  readonly vae: Network;
}
const weightNames = {
  unet: 'diffusion_pytorch_model.safetensors',
  vae: 'diffusion_pytorch_model.safetensors',
  text_encoder: 'model.safetensors',
  text_encoder_2: 'model.safetensors',
} as const;

const models = await temporaryFolder({ after });
const engine = await startTestEngine({ after }, { modelFolder: models });
const folder = path.join(models, 'consistent');
await writeConfigs(folder, golden.configs);
for (const part of ['unet', 'vae', 'text_encoder'] as const) {
  const own = Object.entries(golden.tensors).filter(([key]) => key.startsWith(`${part}.`));
  const network = Object.fromEntries(own.map(([key, listed]) => [key.slice(part.length + 1), listed]));
  await writeNetwork(path.join(folder, part, weightNames[part]), { part, network });
}

async function writeConfigs(root: string, configs: Readonly<Record<string, Config>>): Promise<void> {
  for (const [name, config] of Object.entries(configs)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), JSON.stringify(config));
  }
}

interface NetworkFile {
  /** Before its keys, where values are made of them. */
  readonly part: string;
  readonly network: Network;
  readonly dtype?: 'F32' | 'F16';
}

async function writeNetwork(file: string, { part, network, dtype = 'F32' }: NetworkFile): Promise<void> {
  const tensors = Object.entries(network).map(([name, listed]) => {
    const values = hashed(`${part}.${name}`, listed);
    const data = new Uint8Array((dtype === 'F16' ? halves(values) : values).buffer);
    return { name, dtype, shape: listed[0], data } as const;
  });
  await writeFile(file, encodeSafetensors(tensors));
}

function writeConfig(name: string, config: unknown): Promise<void> {
  return writeFile(path.join(folder, name), JSON.stringify(config));
}

interface Drawing extends Pick<GenerateTask, 'model' | 'diffusion'> {
  readonly case: Pick<GoldenCase, 'seed' | 'width' | 'height'>;
}

async function drawOne({ model, diffusion, case: { seed, width, height } }: Drawing) {
  const output = { format: 'rgb8', quality: 90 } as const;
  const { results } = await engine.run({
    operation: 'generate',
    ...{ model, diffusion, seed, width, height, count: 1, output },
  });
  return pictureOf(results[0]!);
}

function draw(settings: Partial<GenerateTask['diffusion']> = {}) {
  const diffusion = { ...generateSettingsOf(golden.case), scheduler: 'lcm', ...settings };
  return drawOne({ model: { name: 'consistent' }, diffusion, case: golden.case });
}

async function expectedPicture(name: string) {
  const bytes = new Uint8Array(readFileSync(path.join(goldens, name)));
  return decode({ format: 'png', bytes });
}

test("a model that is told its guidance, with heads of its own, draws diffusers' picture within 2 of 255", async () => {
  const worst = worstDifference(await draw(), await expectedPicture('folder/generate.png'));
  assert.ok(worst <= 2, `${worst} apart`);
});

test('it hears how strong the guidance is, and no negative prompt', async () => {
  const plain = (await draw()).data;
  assert.deepEqual((await draw({ negativePrompt: 'a blue sea' })).data, plain);
  assert.notDeepEqual((await draw({ guidanceScale: 2 })).data, plain);
});

test('a change of its configuration is seen by the next job', async () => {
  const before = (await draw()).data;
  const name = 'unet/config.json';
  await writeConfig(name, { ...golden.configs[name], attention_head_dim: [16, 2] });
  assert.notDeepEqual((await draw()).data, before);
  await writeConfig(name, golden.configs[name]);
  assert.deepEqual((await draw()).data, before);
});

describe('SDXL', async () => {
  const { configs, cases } = readGolden('sdxl-folder/cases.json') as {
    readonly configs: Readonly<Record<string, Config>>;
    readonly cases: readonly XlCase[];
  };
  const networks = readGolden('sdxl-folder/networks.json') as XlNetworks;
  const xlFolder = path.join(models, 'xl');
  const vaeFile = path.join(xlFolder, 'vae', 'diffusion_pytorch_model.fp16.safetensors');

  const common = Object.entries(configs).filter(([name]) => !name.startsWith('unet/'));
  await writeConfigs(xlFolder, Object.fromEntries(common));
  for (const part of ['text_encoder', 'text_encoder_2'] as const) {
    await writeNetwork(path.join(xlFolder, part, weightNames[part]), { part, network: networks[part]! });
  }
  await writeNetwork(vaeFile, { part: 'vae', network: networks.vae, dtype: 'F16' });

  let present: string | undefined;
  /** One folder for all: the others' networks stay as they are. */
  async function putUNet(name: string): Promise<void> {
    if (present === name) return;
    present = name;
    const part = `unet.${name}`;
    await rm(path.join(xlFolder, 'unet'), { recursive: true, force: true });
    await writeConfigs(xlFolder, { 'unet/config.json': configs[`unet/config.${name}.json`]! });
    await writeNetwork(path.join(xlFolder, 'unet', weightNames.unet), { part, network: networks[part]! });
  }

  /** What is proposed for the name that it is published under, or what the case says. */
  function settingsFor(xl: XlCase): GenerateTask['diffusion'] {
    const said = generateSettingsOf(xl);
    if (xl.published === undefined) return { ...said, scheduler: xl.scheduler! };
    const isToldGuidance = xl.unet === 'ssd';
    const { defaults, predictionType } = fewStepModel({ texts: [xl.published], isToldGuidance })!;
    // diffusers' 0 is no guidance, as 1 is.
    assert.equal(Math.max(1, said.guidanceScale), defaults.guidanceScale);
    assert.deepEqual(defaults.timesteps, xl.timesteps);
    // Turbo is for one step to four.
    const { numInferenceSteps } = said;
    assert.ok(numInferenceSteps === defaults.numInferenceSteps || xl.name === 'turbo');
    return {
      ...said,
      ...defaults,
      numInferenceSteps,
      ...(predictionType !== undefined && { predictionType }),
    };
  }

  for (const xl of cases) {
    test(`${xl.name}: diffusers' picture within 2 of 255`, async () => {
      await putUNet(xl.unet);
      const drawn = await drawOne({ model: { name: 'xl' }, diffusion: settingsFor(xl), case: xl });
      const worst = worstDifference(drawn, await expectedPicture(`sdxl-folder/${xl.name}.png`));
      assert.ok(worst <= 2, `${worst} apart`);
    });
  }

  test('an autoencoder in a file of its own, in half precision, takes the place of the one in the folder', async () => {
    const [base] = cases as readonly [XlCase];
    await putUNet(base.unet);
    await copyFile(vaeFile, path.join(models, 'sdxl-vae-fp16-fix.safetensors'));
    await writeNetwork(vaeFile, { part: 'other', network: networks.vae, dtype: 'F16' });
    const expected = await expectedPicture('sdxl-folder/base.png');
    const drawn = (settings: Partial<GenerateTask['diffusion']>) =>
      drawOne({ model: { name: 'xl' }, diffusion: { ...settingsFor(base), ...settings }, case: base });
    assert.ok(worstDifference(await drawn({}), expected) > 20);
    const worst = worstDifference(await drawn({ vae: { name: 'sdxl-vae-fp16-fix' } }), expected);
    assert.ok(worst <= 2, `${worst} apart`);
  });
});
