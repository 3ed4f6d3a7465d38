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
  readonly seed: number;
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
    seed: golden.seed,
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
