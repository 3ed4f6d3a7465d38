/** Textual inversions named in prompts, against diffusers (`tests/golden/embeddings/dump.py`). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import type { DiffusionSettings, GenerateTask } from '../../../engine/api.ts';
import { EngineError } from '../../../engine/errors.ts';
import { decode } from '../../../engine/image/codec.ts';
import { LoadedModels } from '../../../engine/models/loaded-models.ts';
import { StableDiffusionLoader } from '../../../engine/models/stable-diffusion.ts';
import { encodePrompts } from '../../../engine/pipelines/guidance.ts';
import { openSafetensors } from '../../../engine/weights/safetensors.ts';
import { encodeSafetensors } from '../../../models/convert/safetensors-writer.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { assertTensorsClose, readFloats } from '../graphs/tensors-close.ts';
import { hashed, writeHashedCheckpoint } from '../hashed-checkpoint.ts';
import { worstDifference } from './diffusion-goldens.ts';
import { pictureOf, startTestEngine } from './engine-fixture.ts';

const goldenFolder = path.join(import.meta.dirname, '../../golden/embeddings');
const { embeddings, cases } = JSON.parse(readFileSync(path.join(goldenFolder, 'cases.json'), 'utf8')) as {
  readonly embeddings: Readonly<Record<string, number>>;
  readonly cases: readonly {
    readonly name: string;
    readonly seed: number;
    readonly written: string;
    readonly negative: string;
  }[];
};
const width = 64;

const folder = await temporaryFolder({ after });
const checkpoint = path.join(folder, 'base.safetensors');
await writeHashedCheckpoint(checkpoint, 'base');
for (const [name, vectors] of Object.entries(embeddings)) {
  await writeEmbedding(name, hashed(name, [[vectors, width], 1, 0]), [vectors, width]);
}
await writeEmbedding('for-others', new Float32Array(1024), [1, 1024]);
const engine = await startTestEngine({ after }, { modelFolder: folder });
const loaded = new LoadedModels();
const loader = new StableDiffusionLoader(() => 'cpu', loaded);
after(() => loaded.unloadAll());

async function writeEmbedding(name: string, values: Float32Array, shape: readonly number[]): Promise<void> {
  const data = new Uint8Array(values.buffer);
  const file = encodeSafetensors([{ name: 'emb_params', dtype: 'F32', shape, data }]);
  await writeFile(path.join(folder, `${name}.safetensors`), file);
}

function settingsOf(prompt: string, negativePrompt: string): DiffusionSettings {
  return {
    prompt,
    negativePrompt,
    scheduler: 'ddim',
    numInferenceSteps: 6,
    guidanceScale: 7.5,
    guidanceRescale: 0,
    rng: 'cpu',
    clipSkip: 1,
  };
}

async function encode(prompt: string, negativePrompt = '') {
  const known = {
    family: 'sd1',
    variant: 'base',
    predictionType: 'epsilon',
    hasZeroTerminalSnr: false,
  } as const;
  const model = await loader.open({ checkpoint }, known);
  const { models } = engine;
  const { signal } = new AbortController();
  const guidanceAt = await encodePrompts(model, settingsOf(prompt, negativePrompt), {
    models,
    size: { width: 64, height: 64 },
    signal,
  });
  const { positive, negative } = guidanceAt(1);
  const shape = [1, positive.tokens, width];
  return { positive: { shape, data: positive.states }, negative: { shape, data: negative!.states } };
}

for (const { name, seed, written, negative } of cases) {
  test(`${name}: the hidden states of diffusers`, async () => {
    const golden = await openSafetensors(path.join(goldenFolder, 'states.safetensors'));
    const states = await encode(written, negative);
    const atol = 2e-5;
    assertTensorsClose(states.positive, await readFloats(golden, `${name}.written`), {
      atol,
      what: 'prompt',
    });
    assertTensorsClose(states.negative, await readFloats(golden, `${name}.negative`), {
      atol,
      what: 'negative prompt',
    });
  });

  test(`${name}: diffusers' picture within 2 of 255`, async () => {
    const task: GenerateTask = {
      operation: 'generate',
      model: { file: checkpoint },
      diffusion: { ...settingsOf(written, negative), highResolution: 'off', highResolutionStrength: 0.5 },
      seed,
      width: 64,
      height: 64,
      count: 1,
      output: { format: 'rgb8', quality: 90 },
    };
    const { results } = await engine.run(task);
    const bytes = new Uint8Array(readFileSync(path.join(goldenFolder, `${name}.png`)));
    const golden = await decode({ format: 'png', bytes });
    const worst = worstDifference(await pictureOf(results[0]!), golden);
    assert.ok(worst <= 2, `${worst} apart`);
  });
}

test('an embedding stands for what it is, however it is written', async () => {
  const { positive } = await encode('a house in my-style');
  for (const written of ['embedding:my-style', '<my-style>', 'MY-STYLE']) {
    assert.deepEqual((await encode(`a house in ${written}`)).positive, positive, written);
  }
  assert.notDeepEqual((await encode('a house in my style')).positive, positive);
});

test('one of another width is refused by its name, with both widths, and only where a prompt names it', async () => {
  await encode('a house for others');
  for (const [prompt, negative] of [
    ['a (house, for-others:1.2)', ''],
    ['a house', 'for-others'],
    ['a [house:for-others:3]', ''],
  ] as const) {
    await assert.rejects(encode(prompt, negative), (error) => {
      assert.ok(error instanceof EngineError && error.code === 'invalid-option');
      assert.match(
        error.message,
        /`for-others` .* 64 wide .* received one of 1024 \(Stable Diffusion 2\.x\)/,
      );
      return true;
    });
  }
});
