import assert from 'node:assert/strict';
import path from 'node:path';
import { after, afterEach, test } from 'node:test';
import { LoadedModels } from '../../../engine/models/loaded-models.ts';
import { StableDiffusionLoader } from '../../../engine/models/stable-diffusion.ts';
import { TorchCpuGenerator } from '../../../engine/random/torch-cpu-generator.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { writeHashedCheckpoint } from '../hashed-checkpoint.ts';

const file = path.join(await temporaryFolder({ after }), 'base.safetensors');
await writeHashedCheckpoint(file, 'base');
/** Told by a test. */
let budget = Number.POSITIVE_INFINITY;
const loaded = new LoadedModels({ budgetBytes: () => budget });
after(() => loaded.unloadAll());
afterEach(() => {
  budget = Number.POSITIVE_INFINITY;
});
const model = await new StableDiffusionLoader(() => 'cpu', loaded).open(
  { checkpoint: file },
  { family: 'sd1', variant: 'base', predictionType: 'epsilon', hasZeroTerminalSnr: false },
);
const { signal } = new AbortController();
/** One latent pixel wider than a tile. */
const size = { width: 520, height: 64 };
const shape = model.latentShape(size);
const latent = { shape, data: new TorchCpuGenerator(1).normal(4 * 65 * 8) };

/** What is just too little for the whole. */
function tooLittle(half: 'decoder' | 'encoder'): number {
  const { weightBytes, loadBytes, workBytes, tiles } = model.autoencoderNeeds(half, size);
  assert.equal(tiles, 1);
  assert.ok(weightBytes + workBytes > loadBytes, 'its work is the most that it takes');
  return weightBytes + workBytes - 1;
}

test('a picture is decoded whole at the limit of memory; one byte past it in tiles, each told, near to the whole', async () => {
  budget = tooLittle('decoder') + 1;
  const steps: string[] = [];
  const onTile = (step: number, tiles: number) => steps.push(`${step} of ${tiles}`);
  const whole = await model.decode(latent, { signal, onTile });
  assert.deepEqual(steps, []);
  budget -= 1;
  const tiled = await model.decode(latent, { signal, onTile });
  assert.deepEqual(steps, ['1 of 2', '2 of 2']);
  assert.deepEqual(tiled.shape, whole.shape);
  const mean =
    tiled.data.reduce((sum, value, i) => sum + Math.abs(value - whole.data[i]!), 0) / tiled.data.length;
  assert.ok(mean > 0 && mean < 0.1, `off by ${mean} in [-1, 1]`);
});

test('so it is encoded', async () => {
  const image = {
    shape: [1, 3, size.height, size.width],
    data: new TorchCpuGenerator(2).normal(3 * 520 * 64),
  };
  budget = tooLittle('encoder') + 1;
  const whole = await model.encodeMean(image, signal);
  budget -= 1;
  assert.equal(model.autoencoderNeeds('encoder', size).tiles, 2);
  const tiled = await model.encodeMean(image, signal);
  assert.deepEqual(tiled.shape, whole.shape);
  assert.notDeepEqual(tiled.data, whole.data);
});

test('a cancel is heard between two tiles', async () => {
  budget = tooLittle('decoder');
  const controller = new AbortController();
  const steps: number[] = [];
  const run = model.decode(latent, {
    signal: controller.signal,
    onTile: (step) => {
      steps.push(step);
      controller.abort();
    },
  });
  await assert.rejects(run, { name: 'AbortError' });
  assert.deepEqual(steps, [1]);
});

test('above a size it goes by tiles, whatever the memory', () => {
  const tilesOf = (width: number, height: number) =>
    model.autoencoderNeeds('decoder', { width, height }).tiles;
  assert.equal(tilesOf(1024, 1024), 1);
  assert.ok(tilesOf(1032, 1024) > 1);
  // No size of one tile is ever cut, however little memory there is.
  budget = 0;
  assert.deepEqual([tilesOf(512, 512), tilesOf(520, 512)], [1, 2]);
});
