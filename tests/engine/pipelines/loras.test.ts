/** Adaptations in every published form, against diffusers and LyCORIS (`tests/golden/loras/dump.py`). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import type { GenerateTask, LoraSettings } from '../../../engine/api.ts';
import { decode } from '../../../engine/image/codec.ts';
import { openDiffusionModel } from '../../../engine/pipelines/open-diffusion-model.ts';
import { ClipTokenizer } from '../../../engine/text/clip-tokenizer.ts';
import { promptWindows } from '../../../engine/text/prompt.ts';
import { denseOf, maxLoraRank, withFirstRanks } from '../../../engine/weights/lora-change.ts';
import { openSafetensors } from '../../../engine/weights/safetensors.ts';
import { readFloat32 } from '../../../engine/weights/tensor-values.ts';
import { encodeSafetensors } from '../../../models/convert/safetensors-writer.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { writeHashedCheckpoint } from '../hashed-checkpoint.ts';
import { loraGoldens, writeHashedLora } from '../hashed-lora.ts';
import { controlPayload, writeGoldenControlNet } from './control-goldens.ts';
import { worstDifference } from './diffusion-goldens.ts';
import { pictureOf, startTestEngine } from './engine-fixture.ts';

interface LoraCase {
  readonly name: string;
  readonly checkpoint: 'base' | 'inpainting' | 'sd2' | 'sdxl';
  /** Of a picture; without it the networks alone are compared. */
  readonly seed?: number;
  /** A ControlNet steers; of such, and of SDXL, the picture alone is compared. */
  readonly control?: boolean;
  readonly refiner_ratio?: number;
  /** Name, strength, and that of the text encoder. */
  readonly loras: readonly (readonly [name: string, strength: number, textEncoderStrength: number])[];
}

const cases = JSON.parse(readFileSync(path.join(loraGoldens, 'cases.json'), 'utf8')) as readonly LoraCase[];
const folder = await temporaryFolder({ after });
const engine = await startTestEngine({ after }, { modelFolder: folder });
for (const name of new Set(cases.map(({ checkpoint }) => checkpoint))) {
  await writeHashedCheckpoint(path.join(folder, `${name}.safetensors`), name);
}
await writeHashedCheckpoint(path.join(folder, 'refiner.safetensors'), 'sdxl-refiner');
await writeGoldenControlNet(path.join(folder, 'canny.safetensors'), 'cldm');
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

/** What is used beside the LoRAs. */
function besides({ control, refiner_ratio: ratio }: LoraCase): Partial<GenerateTask['diffusion']> {
  const steered = {
    model: { name: 'canny' },
    image: controlPayload('sketch-0-64'),
    strength: 1,
    start: 0,
    end: 1,
    mode: 'balanced',
  } as const;
  return {
    ...(control === true && { controls: [steered] }),
    ...(ratio !== undefined && { refiner: { model: { name: 'refiner' }, ratio } }),
  };
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
      ...besides(golden),
    },
  };
}

const { signal } = new AbortController();

for (const golden of cases) {
  if (golden.control !== true && golden.checkpoint !== 'sdxl') compareNetworks(golden);
  if (golden.seed === undefined) continue;
  test(`${golden.name}: diffusers' picture within 2 of 255`, async () => {
    const { results, warnings } = await engine.run(taskOf(golden));
    const bytes = new Uint8Array(readFileSync(path.join(loraGoldens, `${golden.name}.png`)));
    const worst = worstDifference(await pictureOf(results[0]!), await decode({ format: 'png', bytes }));
    assert.ok(worst <= 2, `${worst} apart`);
    assert.deepEqual(warnings, []);
  });
}

function compareNetworks(golden: LoraCase): void {
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
    const data = await expected('sample');
    const sample = { shape: [1, data.length / 64, 8, 8], data };
    const conditioning = { tokens: 77, states: await expected('context') };
    const noise = await model.useUNet({ size: { width: 64, height: 64 }, batch: 1 }, (unet) =>
      unet.predict([{ sample, conditioning }], { timestep: 500, signal }),
    );
    assertClose(noise, await expected('noise'));
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

test('a checkpoint that goes on as the refiner is changed too, and one after a LoRA of its own draws the same', async () => {
  const task = taskOf(cases.find(({ name }) => name === 'xl-kohya')!);
  const withRefiner = { ...task.diffusion, refiner: { model: { name: 'sdxl' }, ratio: 0.5 } };
  const [alone, both] = await Promise.all([
    engine.run(task),
    engine.run({ ...task, diffusion: withRefiner }),
  ]);
  assert.deepEqual(await pictureOf(both.results[0]!), await pictureOf(alone.results[0]!));
});

test('a tag tells how many ranks are used, the first ones', async () => {
  const up = { rows: 2, columns: 2, data: Float32Array.of(1, 2, 3, 4) };
  const down = { rows: 2, columns: 2, data: Float32Array.of(5, 6, 7, 8) };
  const change = { added: { up, down }, kernelPixels: 1, isLowRank: true } as const;
  assert.deepEqual([...denseOf(withFirstRanks(change, 1).added).data], [5, 6, 15, 18]);
  assert.equal(withFirstRanks(change, 2), change);
  const { isLowRank: _, ...ofOtherForm } = change;
  assert.equal(withFirstRanks(ofOtherForm, 1), ofOtherForm);
  const whole = await pixels({ prompt: `${prompt}<lora:kohya:1>` });
  assert.deepEqual(await pixels({ prompt: `${prompt}<lora:kohya:1:dyn=4>` }), whole);
  assert.notDeepEqual(await pixels({ prompt: `${prompt}<lora:kohya:1:1:2>` }), whole);
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
  await write('not-finite', {
    change: (key, values) => (key.endsWith('.alpha') ? values.fill(Number.NaN) : values),
  });
  await write('infinite', {
    change: (key, values) =>
      key.includes('proj_out.lora_up') ? values.fill(Number.POSITIVE_INFINITY) : values,
  });
  for (const [name, code, message] of [
    ['xl', 'invalid-option', /for Stable Diffusion 1\.x, which `base` is, received `xl`, which is for SDXL/],
    ['half', 'invalid-weights', /a tensor `up` beside `lora_unet_/],
    ['not-finite', 'invalid-weights', /finite numbers in `lora_unet_.*\.alpha`/],
    ['infinite', 'invalid-weights', /finite numbers in `lora_unet_.*proj_out\.lora_up\.weight`/],
    ['koya', 'model-not-found', /no LoRA named `koya`. Installed are: `kohya`/],
  ] as const) {
    await assert.rejects(drawn({ loras: [{ model: { name }, strength: 1 }] }), { code, message });
  }
  await assert.rejects(drawn({ loras: [{ model: { name: 'kohya' }, strength: 10.5 }] }), {
    code: 'invalid-option',
    message: /from -10 to 10 of the LoRA `kohya`, received 10.5/,
  });
});

test(`a rank of ${maxLoraRank} is used, one more is refused`, async () => {
  const key = 'lora_unet_down_blocks_0_attentions_0_proj_in';
  for (const rank of [maxLoraRank, maxLoraRank + 1]) {
    const tensor = (role: string, shape: readonly number[]) => {
      const data = new Uint8Array(4 * 32 * rank);
      return { name: `${key}.lora_${role}.weight`, dtype: 'F32', shape, data } as const;
    };
    const tensors = [tensor('down', [rank, 32, 1, 1]), tensor('up', [32, rank, 1, 1])];
    await writeFile(path.join(folder, `rank-${rank}.safetensors`), encodeSafetensors(tensors, {}));
  }
  const settings = (rank: number) => ({ loras: [{ model: { name: `rank-${rank}` }, strength: 1 }] });
  await drawn(settings(maxLoraRank));
  await assert.rejects(drawn(settings(maxLoraRank + 1)), {
    code: 'invalid-weights',
    message: /a rank from 1 to 1024 of `down_blocks_0_attentions_0_proj_in` in .*, received 1025/,
  });
});

test('an empty file and half of one are refused, by a setting and by a tag', async () => {
  const whole = await readFile(path.join(folder, 'kohya.safetensors'));
  await writeFile(path.join(folder, 'empty.safetensors'), '');
  await writeFile(path.join(folder, 'truncated.safetensors'), whole.subarray(0, whole.length / 2));
  await writeFile(path.join(folder, 'no-tensors.safetensors'), encodeSafetensors([], {}));
  for (const name of ['empty', 'truncated', 'no-tensors']) {
    const told = { message: new RegExp(name) };
    await assert.rejects(drawn({ loras: [{ model: { name }, strength: 1 }] }), told);
    await assert.rejects(drawn({ prompt: `<lora:${name}>` }), told);
  }
});
