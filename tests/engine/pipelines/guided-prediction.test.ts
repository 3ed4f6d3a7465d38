import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import { LoadedModels } from '../../../engine/models/loaded-models.ts';
import { StableDiffusionLoader } from '../../../engine/models/stable-diffusion.ts';
import {
  type GuidanceMode,
  type GuidanceSettings,
  predictGuided,
} from '../../../engine/pipelines/guided-prediction.ts';
import { TorchCpuGenerator } from '../../../engine/random/torch-cpu-generator.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { writeHashedCheckpoint } from '../hashed-checkpoint.ts';

const file = path.join(await temporaryFolder({ after }), 'pix2pix.safetensors');
await writeHashedCheckpoint(file, 'pix2pix');
const loaded = new LoadedModels();
const loader = new StableDiffusionLoader(() => 'cpu', loaded);
after(() => loaded.unloadAll());
const model = await loader.open(
  { checkpoint: file },
  { family: 'sd1', variant: 'pix2pix', predictionType: 'epsilon', hasZeroTerminalSnr: false },
);

const { signal } = new AbortController();
const noise = new TorchCpuGenerator(1);
const size = { width: 64, height: 64 };
const shape = [1, 4, 8, 8] as const;
const tokens = 77;
const random = (length: number) => noise.normal(length);
const guidance = {
  negative: { tokens, states: random(tokens * 64) },
  positive: { tokens, states: random(tokens * 64) },
};
const shown = { shape, data: random(256) };
const sample = { shape, data: random(256) };

function predict(settings: Partial<GuidanceSettings>): Promise<Float32Array> {
  return model.useUNet({ size, batch: 3 }, (unet) =>
    predictGuided(sample, {
      guidanceMode: 'batched',
      guidanceScale: 7.5,
      guidanceRescale: 0,
      ...settings,
      unet,
      timestep: 500,
      guidance,
      shown,
      signal,
    }),
  );
}

function worstOf(a: Float32Array, b: Float32Array): number {
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
}

for (const [name, settings] of Object.entries({
  'two predictions': {},
  'three predictions': { imageGuidanceScale: 1.5 },
})) {
  test(`${name} at once or one after the other are the same, but for rounding`, async () => {
    const [batched, sequential] = await Promise.all(
      (['batched', 'sequential'] satisfies GuidanceMode[]).map((guidanceMode) =>
        predict({ ...settings, guidanceMode }),
      ),
    );
    const worst = worstOf(batched!, sequential!);
    assert.ok(worst < 1e-4, `they differ by up to ${worst}`);
  });
}

test('guided by 0 it is what is predicted without prompt and picture; with a picture at 1 the prompt alone guides', async () => {
  const byPrompt = await predict({});
  const withoutPicture = await predict({ imageGuidanceScale: 0, guidanceScale: 0 });
  const empty = { ...shown, data: new Float32Array(shown.data.length) };
  const none = await model.useUNet({ size, batch: 1 }, (unet) =>
    predictGuided(sample, {
      unet,
      timestep: 500,
      guidance: { positive: guidance.negative },
      shown: empty,
      signal,
      guidanceMode: 'batched',
      guidanceScale: 1,
      guidanceRescale: 0,
    }),
  );
  assert.ok(worstOf(withoutPicture, none) < 1e-4);
  assert.ok(worstOf(await predict({ imageGuidanceScale: 1 }), byPrompt) < 1e-4);
});

test('a full rescale has the spread of the prediction for the prompt, and is the guided one otherwise', async () => {
  const spread = (values: Float32Array) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
  };
  const guided = await predict({});
  const towards = await predict({ guidanceScale: 1 });
  const rescaled = await predict({ guidanceRescale: 1 });
  assert.ok(spread(guided) > 1.2 * spread(towards));
  assert.ok(Math.abs(spread(rescaled) / spread(towards) - 1) < 1e-5);
  const factor = spread(towards) / spread(guided);
  assert.ok(
    worstOf(
      rescaled,
      guided.map((value) => value * factor),
    ) < 1e-5,
  );
});
