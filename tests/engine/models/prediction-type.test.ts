/** What a UNet predicts whose file does not say: by networks that give one number, whatever they are shown. */
import assert from 'node:assert/strict';
import { utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { LoadedModels } from '../../../engine/models/loaded-models.ts';
import { ModelLibrary } from '../../../engine/models/model-library.ts';
import { StableDiffusionLoader } from '../../../engine/models/stable-diffusion.ts';
import { openDiffusionModel } from '../../../engine/pipelines/open-diffusion-model.ts';
import { encodeSafetensors } from '../../../models/convert/safetensors-writer.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { readLayout } from '../graphs/synthetic-checkpoint.ts';

const folder = await temporaryFolder({ after });
const networks = path.join(import.meta.dirname, '../../golden/networks');
const layouts = {
  sd1: (await readLayout(networks, 'sd1')).tensors,
  sd2: (await readLayout(networks, 'sd2-fp16')).tensors,
};
const models = new ModelLibrary([{ folder, origin: 'user' }]);
const loaded = new LoadedModels();
const diffusion = new StableDiffusionLoader(() => 'cpu', loaded);
after(() => loaded.unloadAll());
const { signal } = new AbortController();
const aborted = AbortSignal.abort();

interface Network {
  readonly family?: keyof typeof layouts;
  readonly predictionType?: string;
}

/** All weights are 0, so what comes out is the last layer's bias. */
async function write(
  name: string,
  value: number,
  { family = 'sd2', predictionType }: Network = {},
): Promise<void> {
  const tensors = Object.entries(layouts[family]).map(([key, shape]) => {
    const elements = shape.reduce((product, size) => product * size, 1);
    const values = new Float32Array(elements).fill(key === 'model.diffusion_model.out.2.bias' ? value : 0);
    return { name: key, dtype: 'F32', shape, data: new Uint8Array(values.buffer) } as const;
  });
  const metadata = predictionType === undefined ? {} : { 'modelspec.prediction_type': predictionType };
  await writeFile(path.join(folder, `${name}.safetensors`), encodeSafetensors(tensors, metadata));
}

function open(name: string, predictionType?: 'epsilon' | 'v_prediction' | 'sample') {
  return openDiffusionModel(
    {
      operation: 'generate',
      model: { name },
      diffusion: { prompt: '', ...(predictionType !== undefined && { predictionType }) },
    },
    { models, diffusion },
  );
}

test('one of 2.x that predicts far below what it is shown at the noisiest step predicts velocity', async () => {
  for (const [value, expected] of [
    [0.5, 'epsilon'],
    [0, 'epsilon'],
    [-0.49, 'epsilon'],
    [-0.51, 'v_prediction'],
    [-2, 'v_prediction'],
    [Number.NaN, 'epsilon'],
  ] as const) {
    await write(`given ${value}`, value);
    assert.equal(await (await open(`given ${value}`)).predictionType(signal), expected, String(value));
  }
});

test('it is found out once for a file, and again when the file has changed', async () => {
  await write('changing', 0);
  assert.equal(await (await open('changing')).predictionType(signal), 'epsilon');
  assert.equal(await (await open('changing')).predictionType(aborted), 'epsilon');
  await write('changing', -1);
  await utimes(path.join(folder, 'changing.safetensors'), new Date(), new Date(2e12));
  await assert.rejects((await open('changing')).predictionType(aborted), { name: 'AbortError' });
  assert.equal(await (await open('changing')).predictionType(signal), 'v_prediction');
});

test('what the file, the one beside it, or the task says is believed, and no network is asked', async () => {
  await write('saying', 0, { predictionType: 'v' });
  assert.equal(await (await open('saying')).predictionType(aborted), 'v_prediction');
  assert.equal(await (await open('saying', 'epsilon')).predictionType(aborted), 'epsilon');
  await write('beside', 0);
  await writeFile(path.join(folder, 'beside.yaml'), 'parameterization: "v"');
  assert.equal(await (await open('beside')).predictionType(aborted), 'v_prediction');
});

test('Stable Diffusion 1.x predicts noise where nobody says anything', async () => {
  await write('first', -2, { family: 'sd1' });
  assert.equal(await (await open('first')).predictionType(aborted), 'epsilon');
});
