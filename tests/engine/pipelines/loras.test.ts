/** Adaptations in every published form, against diffusers and LyCORIS (`tests/golden/loras/dump.py`). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import type { GenerateTask, LoraSettings } from '../../../engine/api.ts';
import { decode } from '../../../engine/image/codec.ts';
import { openDiffusionModel } from '../../../engine/pipelines/open-diffusion-model.ts';
import { ClipTokenizer } from '../../../engine/text/clip-tokenizer.ts';
import { promptWindows } from '../../../engine/text/prompt.ts';
import { openSafetensors } from '../../../engine/weights/safetensors.ts';
import { readFloat32 } from '../../../engine/weights/tensor-values.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { writeHashedCheckpoint } from '../hashed-checkpoint.ts';
import { loraGoldens, writeHashedLora } from '../hashed-lora.ts';
import { worstDifference } from './diffusion-goldens.ts';
import { pictureOf, startTestEngine } from './engine-fixture.ts';

interface LoraCase {
  readonly name: string;
  readonly checkpoint: 'base' | 'sd2';
  /** Of a picture; without it the networks alone are compared. */
  readonly seed?: number;
  /** Name, strength, and that of the text encoder. */
  readonly loras: readonly (readonly [name: string, strength: number, textEncoderStrength: number])[];
}

const cases = JSON.parse(readFileSync(path.join(loraGoldens, 'cases.json'), 'utf8')) as readonly LoraCase[];
const folder = await temporaryFolder({ after });
const engine = await startTestEngine({ after }, { modelFolder: folder });
for (const name of new Set(cases.map(({ checkpoint }) => checkpoint))) {
  await writeHashedCheckpoint(path.join(folder, `${name}.safetensors`), name);
}
for (const name of new Set(cases.flatMap(({ loras }) => loras.map(([lora]) => lora)))) {
  await writeHashedLora(path.join(folder, `${name}.safetensors`), name);
}

const prompt = 'a red house in a green meadow';

function settingsOf({ loras }: LoraCase): readonly LoraSettings[] {
  return loras.map(([name, strength, textEncoderStrength]) => ({
    model: { name },
    strength,
    textEncoderStrength,
  }));
}

function taskOf(golden: LoraCase): GenerateTask {
  return {
    operation: 'generate',
    model: { name: golden.checkpoint },
    seed: golden.seed ?? 0,
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
      loras: settingsOf(golden),
    },
  };
}

const { signal } = new AbortController();

for (const golden of cases) {
  test(`${golden.name}: both networks' numbers are diffusers'`, async () => {
    const file = await openSafetensors(path.join(loraGoldens, `${golden.name}.golden.safetensors`));
    const expected = (name: string) => readFloat32(file, name);
    const model = await openDiffusionModel(taskOf(golden), engine);
    const tokenizer = new ClipTokenizer();
    const [window] = promptWindows(prompt, {
      tokenizer,
      embeddingNames: new Map(),
      padTokenId: 0,
    });
    const { states } = await model.encodeText([window!], { encoder: 0, clipSkip: 1, signal });
    assertClose(states, await expected('states'));
    const sample = { shape: [1, 4, 8, 8], data: await expected('sample') };
    const conditioning = { tokens: 77, states: await expected('context') };
    const noise = await model.useUNet({ size: { width: 64, height: 64 }, batch: 1 }, (unet) =>
      unet.predict([{ sample, conditioning }], { timestep: 500, signal }),
    );
    assertClose(noise, await expected('noise'));
  });

  if (golden.seed === undefined) continue;
  test(`${golden.name}: diffusers' picture within 2 of 255`, async () => {
    const { results, warnings } = await engine.run(taskOf(golden));
    const bytes = new Uint8Array(readFileSync(path.join(loraGoldens, `${golden.name}.png`)));
    const picture = await pictureOf(results[0]!);
    assert.ok(worstDifference(picture, await decode({ format: 'png', bytes })) <= 2);
    assert.deepEqual(warnings, []);
  });
}

function assertClose(actual: Float32Array, expected: Float32Array): void {
  assert.equal(actual.length, expected.length);
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i]!)), 0);
  assert.ok(worst <= 5e-5, `Expected numbers within 5e-5, received one ${worst} away`);
}

const quick = taskOf({ ...cases[0]!, loras: [] });

function drawn(settings: Partial<GenerateTask['diffusion']>) {
  return engine.run({ ...quick, diffusion: { ...quick.diffusion, numInferenceSteps: 1, ...settings } });
}

async function pixels(settings: Partial<GenerateTask['diffusion']>) {
  const { results } = await drawn(settings);
  return (await pictureOf(results[0]!)).data;
}

test('a tag in the prompt does what the setting does, and none is left in the text', async () => {
  const loras = [{ model: { name: 'kohya' }, strength: 0.7, textEncoderStrength: 0.3 }];
  assert.deepEqual(
    await pixels({ prompt: `${prompt}<lora:kohya:0.3:0.7>`, loras: [] }),
    await pixels({ loras }),
  );
  // In the negative prompt it counts for nothing.
  assert.deepEqual(
    await pixels({ negativePrompt: 'blur<lora:kohya:1>' }),
    await pixels({ negativePrompt: 'blur' }),
  );
});

test('another strength, and another LoRA, load nothing', async () => {
  const settings = (name: string, strength: number) => ({ loras: [{ model: { name }, strength }] });
  await drawn(settings('kohya', 1));
  const before = engine.loaded.size;
  await drawn(settings('kohya', 0.5));
  await drawn(settings('peft', -2));
  assert.equal(engine.loaded.size, before);
});

test('a strength of 0 is the plain picture', async () => {
  const plain = await drawn({});
  const off = await drawn({ loras: [{ model: { name: 'kohya' }, strength: 0 }] });
  const [a, b] = [await pictureOf(plain.results[0]!), await pictureOf(off.results[0]!)];
  assert.ok(worstDifference(a, b) <= 1);
});

test("PEFT's own names, LDM's and those without a prefix change the same weights", async () => {
  const strength = 0.9;
  const expected = await pixels({ loras: [{ model: { name: 'peft' }, strength, textEncoderStrength: 0 }] });
  for (const [name, rename] of [
    ['peft-raw', (key: string) => key.replace('unet.', 'base_model.model.')],
    ['peft-default', (key: string) => key.replace('.weight', '.default.weight')],
    ['bare', (key: string) => key.replace('unet.', '')],
    [
      'ldm',
      (key: string) =>
        key
          .replace('unet.', 'diffusion_model.')
          .replace('down_blocks.0.attentions.0', 'input_blocks.1.1')
          .replace('mid_block.attentions.0', 'middle_block.1')
          .replace('up_blocks.1.attentions.0', 'output_blocks.2.1')
          .replace('up_blocks.1.attentions.1', 'output_blocks.3.1'),
    ],
  ] as const) {
    await writeHashedLora(path.join(folder, `${name}.safetensors`), 'peft', {
      rename: (key) => (key.startsWith('unet.') ? rename(key) : undefined),
    });
    assert.deepEqual(await pixels({ loras: [{ model: { name }, strength }] }), expected, name);
  }
});

test('what does not fit is told: a part is left out, a file of which nothing fits is refused', async () => {
  await writeHashedLora(path.join(folder, 'partly.safetensors'), 'peft', {
    rename: (key) => key.replace('mid_block', 'mid_blocks'),
  });
  const { warnings } = await drawn({ loras: [{ model: { name: 'partly' }, strength: 1 }] });
  assert.match(
    warnings.join(),
    /^12 of the \d+ parts of the LoRA `partly.safetensors` fit nothing in base.safetensors/,
  );
  await writeHashedLora(path.join(folder, 'strange.safetensors'), 'peft', {
    rename: (key) => key.replace(/^(unet|text_encoder)\./, '$1.x.'),
  });
  await assert.rejects(drawn({ loras: [{ model: { name: 'strange' }, strength: 1 }] }), {
    code: 'invalid-option',
    message: /none of the \d+ parts does: `unet x_down_blocks_0.*`, .* and \d+ more/,
  });
  await assert.rejects(drawn({ loras: [{ model: { name: 'sd2-kohya' }, strength: 1 }] }), {
    code: 'invalid-option',
    message: /none of the \d+ parts does/,
  });
});

test('a LoRA for another family, with half of a pair, or with numbers that are none is refused', async () => {
  const write = (name: string, options: Parameters<typeof writeHashedLora>[2]) =>
    writeHashedLora(path.join(folder, `${name}.safetensors`), 'kohya', options);
  await write('xl', { metadata: { ss_base_model_version: 'sdxl_base_v1-0' } });
  await write('half', { rename: (key) => (key.endsWith('lora_up.weight') ? undefined : key) });
  for (const [name, code, message] of [
    ['xl', 'invalid-option', /for Stable Diffusion 1\.x, which `base` is, received `xl`, which is for SDXL/],
    ['half', 'invalid-weights', /a tensor `up` beside `lora_unet_/],
    ['koya', 'model-not-found', /no LoRA named `koya`. Installed are: `kohya`/],
  ] as const) {
    await assert.rejects(drawn({ loras: [{ model: { name }, strength: 1 }] }), { code, message });
  }
  await assert.rejects(drawn({ loras: [{ model: { name: 'kohya' }, strength: 10.5 }] }), {
    code: 'invalid-option',
    message: /from -10 to 10 of the LoRA `kohya`, received 10.5/,
  });
  await assert.rejects(drawn({ prompt: '<hypernet:x:1>' }), {
    message: /Hypernetworks are not supported yet/,
  });
});
