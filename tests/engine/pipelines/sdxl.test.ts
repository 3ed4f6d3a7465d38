/** SDXL, its refiner and its inpainting in one file each, against diffusers (`tests/golden/sdxl/dump.py`). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import type { EngineTask, RepaintSettings } from '../../../engine/api.ts';
import { decode } from '../../../engine/image/codec.ts';
import { estimateTask } from '../../../engine/pipelines/estimate.ts';
import { encodeSafetensors } from '../../../models/convert/safetensors-writer.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { hashed, writeHashedCheckpoint, xlGoldens } from '../hashed-checkpoint.ts';
import {
  type GoldenCase,
  generateSettingsOf,
  goldenPayload,
  settingsOf,
  worstDifference,
} from './diffusion-goldens.ts';
import { pictureOf, startTestEngine } from './engine-fixture.ts';

interface XlCase extends Omit<GoldenCase, 'checkpoint'> {
  readonly checkpoint: 'base' | 'inpainting' | 'refiner';
  readonly zero_snr?: boolean;
  readonly trailing?: boolean;
  readonly refiner_ratio?: number;
}

const { embedding, cases } = JSON.parse(readFileSync(path.join(xlGoldens, 'cases.json'), 'utf8')) as {
  readonly embedding: { readonly name: string; readonly vectors: number };
  readonly cases: readonly XlCase[];
};

const models = await temporaryFolder({ after });
/** Told by a test; as much as there is by default. */
let budget = Number.POSITIVE_INFINITY;
const engine = await startTestEngine({ after }, { modelFolder: models, budgetBytes: () => budget });
const fileOf = (name: string) => path.join(models, `${name}.safetensors`);
await writeHashedCheckpoint(fileOf('base'), 'sdxl');
await writeHashedCheckpoint(fileOf('inpainting'), 'sdxl-inpainting');
await writeHashedCheckpoint(fileOf('refiner'), 'sdxl-refiner');
await writeHashedCheckpoint(fileOf('zero-snr'), 'sdxl', { metadata: { ss_zero_terminal_snr: 'true' } });
await writeEmbedding();

/** In the form that A1111 and ComfyUI take. */
async function writeEmbedding(): Promise<void> {
  const tensors = [
    { name: 'clip_l', width: 64 },
    { name: 'clip_g', width: 128 },
  ].map(({ name, width }) => {
    const shape = [embedding.vectors, width];
    const values = hashed(`${embedding.name}.${name}`, [shape, 1, 0]);
    return { name, dtype: 'F32', shape, data: new Uint8Array(values.buffer) } as const;
  });
  await writeFile(fileOf(embedding.name), encodeSafetensors(tensors, {}));
}

for (const golden of cases) {
  test(`${golden.name}: diffusers' picture within 2 of 255`, async () => {
    const { results } = await engine.run(taskOf(golden));
    const bytes = new Uint8Array(readFileSync(path.join(xlGoldens, `${golden.name}.png`)));
    const expected = await decode({ format: 'png', bytes });
    const worst = worstDifference(await pictureOf(results[0]!), expected, await comparedIn(golden));
    assert.ok(worst <= 2, `${worst} apart`);
  });
}

/** Of a fill the rest is the source's own. */
async function comparedIn({ name }: XlCase): Promise<(pixel: number) => boolean> {
  if (!name.startsWith('fill')) return () => true;
  const mask = await decode(goldenPayload('mask'));
  return (pixel) => mask.data[pixel * mask.channels]! > 127;
}

function taskOf(golden: XlCase): EngineTask {
  const { name, seed, width, height, checkpoint, trailing, zero_snr: isZeroSnr } = golden;
  const { refiner_ratio: ratio } = golden;
  const task = {
    model: { file: fileOf(isZeroSnr === true ? 'zero-snr' : checkpoint) },
    seed,
    count: 1,
    output: { format: 'rgb8', quality: 90 },
  } as const;
  const own = {
    ...(trailing === true && { scheduler: 'ddim-trailing' }),
    ...(ratio !== undefined && { refiner: { model: { file: fileOf('refiner') }, ratio } }),
  };
  const plain = { ...golden, checkpoint: 'base' } as const;
  const [operation] = name.split('-');
  if (operation === 'generate') {
    const diffusion = { ...generateSettingsOf(plain), ...own };
    return { ...task, operation, diffusion, width, height };
  }
  const settings: RepaintSettings = {
    ...settingsOf(plain),
    ...own,
    strength: golden.strength!,
    workingSize: 'native',
  };
  const source = goldenPayload('source');
  if (operation === 'vary') return { ...task, operation, source, diffusion: settings };
  return {
    ...task,
    operation: 'fill',
    source,
    mask: goldenPayload('mask'),
    resultArea: 'picture',
    diffusion: { ...settings, context: 'whole' },
  };
}

test('numbers of an autoencoder that are beyond float16 make a picture all the same', async () => {
  const large = /(?:post_quant_conv|decoder\.conv_in)\.weight$/;
  await writeHashedCheckpoint(fileOf('large'), 'sdxl', {
    // What runs through the decoder is 2^20 times as large; its norms bring it back.
    change: (key, values) => (large.test(key) ? values.map((value) => value * 2 ** 10) : values),
  });
  const task = taskOf(cases.find(({ name }) => name === 'generate')!);
  const { results } = await engine.run({ ...task, model: { file: fileOf('large') } } as EngineTask);
  const { data } = await pictureOf(results[0]!);
  assert.ok(new Set(data).size > 50, `${new Set(data).size} values`);
});

test('progress of a batch that is refined never goes back, whether its networks are there together or in turn', async () => {
  const refined = taskOf(cases.find(({ name }) => name === 'generate-refined')!);
  const task = { ...refined, count: 2 } as EngineTask;
  const denoisingOf = async () => {
    const { progress } = await engine.run(task);
    return progress.filter(({ phase }) => phase === 'denoising').map(({ step, steps }) => `${step}/${steps}`);
  };
  try {
    const together = await denoisingOf();
    assert.deepEqual(
      together,
      Array.from({ length: 10 }, (_, index) => `${index + 1}/10`),
    );
    await engine.loaded.unloadAll();
    for (;;) {
      const estimate = await estimateTask(task, { engine });
      assert.ok(estimate.outcome !== 'refused');
      budget = estimate.memoryBytes;
      if (estimate.savings.includes('sequential-loading')) break;
      budget -= 1;
    }
    assert.deepEqual(await denoisingOf(), together);
  } finally {
    budget = Number.POSITIVE_INFINITY;
  }
});

test('what does not go with SDXL is refused in a sentence, before anything is drawn', async () => {
  const task = taskOf(cases.find(({ name }) => name === 'generate')!);
  assert.ok(task.operation === 'generate');
  await writeHashedCheckpoint(fileOf('plain'), 'base');
  await writeHashedCheckpoint(fileOf('half'), 'sdxl', {
    change: (key, values) => (key.startsWith('conditioner.embedders.0.') ? undefined : values),
  });
  const { diffusion } = task;
  const other = { file: fileOf('plain') };
  const refiner = { model: { file: fileOf('refiner') }, ratio: 0.8 };
  for (const [changed, message] of [
    [
      { ...task, model: { file: fileOf('half') } },
      /text encoders of SDXL in .*192 wide together, received one 128 wide/,
    ],
    [
      { ...task, diffusion: { ...diffusion, vae: other } },
      /a VAE of SDXL for `base`, received `plain`, which is of Stable Diffusion 1\.x/,
    ],
    [
      { ...task, model: other, diffusion: { ...diffusion, vae: { file: fileOf('base') } } },
      /a VAE of Stable Diffusion 1\.x or 2\.x for `plain`/,
    ],
    [
      { ...task, diffusion: { ...diffusion, refiner: { ...refiner, model: other } } },
      /SDXL's refiner, or another SDXL base checkpoint, as the refiner, received plain/,
    ],
    [
      { ...task, model: other, diffusion: { ...diffusion, refiner } },
      /an SDXL checkpoint to draw what a refiner goes on with, received plain/,
    ],
    [
      { ...task, model: other, diffusion: { ...diffusion, prompt: `a house, ${embedding.name}` } },
      /embedding `xl-style` in the prompt to be 64 wide .*, received one of 64 and 128/,
    ],
  ] as const) {
    await assert.rejects(engine.run(changed as EngineTask), message);
  }
});
