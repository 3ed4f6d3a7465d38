/** A folder of diffusers whose configuration matters, against its own pipeline (`tests/golden/folder/dump.py`). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import type { GenerateTask } from '../../../engine/api.ts';
import { decode } from '../../../engine/image/codec.ts';
import { encodeSafetensors } from '../../../models/convert/safetensors-writer.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { hashed, type Listed } from '../hashed-checkpoint.ts';
import { type GoldenCase, generateSettingsOf, worstDifference } from './diffusion-goldens.ts';
import { pictureOf, startTestEngine } from './engine-fixture.ts';

const goldenFolder = path.join(import.meta.dirname, '../../golden/folder');
const golden = JSON.parse(readFileSync(path.join(goldenFolder, 'folder.json'), 'utf8')) as {
  readonly case: GoldenCase;
  readonly configs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly tensors: Readonly<Record<string, Listed>>;
};
const weightNames = {
  unet: 'diffusion_pytorch_model.safetensors',
  vae: 'diffusion_pytorch_model.safetensors',
  text_encoder: 'model.safetensors',
} as const;

const folder = path.join(await temporaryFolder({ after }), 'consistent');
await writeFolder();
const engine = await startTestEngine({ after }, { modelFolder: path.dirname(folder) });

async function writeFolder(): Promise<void> {
  for (const [name, config] of Object.entries(golden.configs)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeConfig(name, config);
  }
  for (const [part, name] of Object.entries(weightNames)) {
    const tensors = Object.entries(golden.tensors).flatMap(([key, listed]) => {
      if (!key.startsWith(`${part}.`)) return [];
      const data = new Uint8Array(hashed(key, listed).buffer);
      return [{ name: key.slice(part.length + 1), dtype: 'F32', shape: listed[0], data } as const];
    });
    await writeFile(path.join(folder, part, name), encodeSafetensors(tensors));
  }
}

function writeConfig(name: string, config: unknown): Promise<void> {
  return writeFile(path.join(folder, name), JSON.stringify(config));
}

async function draw(settings: Partial<GenerateTask['diffusion']> = {}) {
  const { seed, width, height } = golden.case;
  const task: GenerateTask = {
    operation: 'generate',
    model: { name: 'consistent' },
    diffusion: { ...generateSettingsOf(golden.case), scheduler: 'lcm', ...settings },
    seed,
    width,
    height,
    count: 1,
    output: { format: 'rgb8', quality: 90 },
  };
  const { results } = await engine.run(task);
  return pictureOf(results[0]!);
}

test("a model that is told its guidance, with heads of its own, draws diffusers' picture within 2 of 255", async () => {
  const bytes = new Uint8Array(readFileSync(path.join(goldenFolder, 'generate.png')));
  const expected = await decode({ format: 'png', bytes });
  const worst = worstDifference(await draw(), expected);
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
