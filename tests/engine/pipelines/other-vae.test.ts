import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import type { GenerateTask } from '../../../engine/api.ts';
import { EngineError } from '../../../engine/errors.ts';
import { encodeSafetensors } from '../../../models/convert/safetensors-writer.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { writeHashedCheckpoint } from '../hashed-checkpoint.ts';
import { generateSettingsOf, goldenCases } from './diffusion-goldens.ts';
import { pictureOf, startTestEngine } from './engine-fixture.ts';

const engine = await startTestEngine({ after });
const folder = await temporaryFolder({ after });
const file = (name: string) => path.join(folder, `${name}.safetensors`);
const darker = (key: string, values: Float32Array) =>
  key === 'first_stage_model.decoder.conv_out.bias' ? values.map((value) => value - 0.5) : values;
await writeHashedCheckpoint(file('own'), 'base');
await writeHashedCheckpoint(file('whole'), 'base', { change: darker });
await writeHashedCheckpoint(file('alone'), 'base', {
  change: (key, values) => (key.startsWith('first_stage_model.') ? darker(key, values) : undefined),
});
await writeFile(
  file('taesd'),
  encodeSafetensors([{ name: 'taesd_decoder.1.weight', dtype: 'F32', shape: [1], data: new Uint8Array(4) }]),
);

await writeHashedCheckpoint(file('without'), 'base', {
  change: (key, values) => (key.startsWith('first_stage_model.') ? undefined : values),
});

const [golden] = goldenCases;
const settings = { ...generateSettingsOf(golden!), numInferenceSteps: 1, guidanceScale: 1 };

async function draw(model: string, vae?: string): Promise<Uint8Array> {
  const task: GenerateTask = {
    operation: 'generate',
    model: { file: file(model) },
    diffusion: { ...settings, ...(vae !== undefined && { vae: { file: file(vae) } }) },
    seed: 1,
    width: 64,
    height: 64,
    count: 1,
    output: { format: 'rgb8', quality: 90 },
  };
  const { results } = await engine.run(task);
  return Uint8Array.from((await pictureOf(results[0]!)).data);
}

test('another autoencoder is a file of its own, or that of a whole checkpoint', async () => {
  const expected = await draw('whole');
  assert.notDeepEqual(await draw('own'), expected);
  assert.deepEqual(await draw('own', 'alone'), expected);
  assert.deepEqual(await draw('own', 'whole'), expected);
});

test('a checkpoint without an autoencoder draws with another one, and says so before it draws with none', async () => {
  assert.deepEqual(await draw('without', 'alone'), await draw('whole'));
  for (const vae of [undefined, 'without']) {
    await assert.rejects(draw('without', vae), (error) => {
      assert.ok(error instanceof EngineError);
      assert.match(
        error.message,
        /an autoencoder in .*without\.safetensors, received a checkpoint without one/,
      );
      assert.match(error.hint, /`--vae`/);
      return true;
    });
  }
});

test('a TAESD and a file of another kind are refused for what they are', async () => {
  const refused = (message: RegExp) => (error: unknown) => {
    assert.ok(error instanceof EngineError);
    assert.match(error.message, message);
    return true;
  };
  await assert.rejects(
    draw('own', 'taesd'),
    refused(/a whole autoencoder as VAE, received `taesd`, which is a TAESD/),
  );
  const shape = [1, 768];
  const data = new Uint8Array(4 * 768);
  await writeFile(file('style'), encodeSafetensors([{ name: 'emb_params', dtype: 'F32', shape, data }]));
  await assert.rejects(
    draw('own', 'style'),
    refused(/that is a VAE, received `style`, .* the kind "embedding"/),
  );
});
