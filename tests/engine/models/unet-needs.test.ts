import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { LoadedModels } from '../../../engine/models/loaded-models.ts';
import { StableDiffusionLoader } from '../../../engine/models/stable-diffusion.ts';
import { readLayout, withCheckpoint } from '../graphs/synthetic-checkpoint.ts';

const description = {
  family: 'sd1',
  variant: 'base',
  predictionType: 'epsilon',
  hasZeroTerminalSnr: false,
} as const;

const layout = (name: string) => readLayout(path.join(import.meta.dirname, '../../golden/networks'), name);

for (const name of ['sd1', 'wide']) {
  test(`what a UNet takes is known before it runs, and grows with the picture and the batch (${name})`, async () => {
    const [own, ofVae] = [await layout(name), await layout('vae-ldm')];
    await withCheckpoint(ofVae, ({ file: vae }) =>
      withCheckpoint(own, async ({ file: checkpoint }) => {
        const loader = new StableDiffusionLoader(() => 'cpu', new LoadedModels());
        const model = await loader.open({ checkpoint, vae }, description);
        const needs = (side: number, batch: number) =>
          model.unetNeeds({ size: { width: side, height: side }, batch });
        const [small, large, batched] = [needs(128, 1), needs(256, 1), needs(128, 2)];
        for (const { weightBytes, loadBytes, workBytes, runMs } of [small, large, batched]) {
          assert.ok(weightBytes > 0 && loadBytes > weightBytes && workBytes > 0 && runMs > 0);
        }
        for (const larger of [large, batched]) {
          assert.ok(larger.workBytes > small.workBytes && larger.runMs > small.runMs);
        }
      }),
    );
  });
}
