import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { preprocess } from '../../../engine/control/preprocess.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { atLeisure, constantImage } from './arbitraries.ts';
import { writeTinyDepthModel } from './tiny-depth-model.ts';

const depth = { name: 'depth' } as const;

test('depth is what the model of that folder sees, from black to white, as large as the picture', async (context) => {
  const models = await temporaryFolder(context);
  await writeTinyDepthModel(models);
  // The model takes a picture's red for near.
  const image = constantImage({ width: 90, height: 61 }, 200);
  for (let i = 0; i < 90 * 61; i++) image.data[3 * i] = 40 + (i % 90);
  const services = { ...atLeisure, modelFolders: [path.join(models, 'none'), models] };
  const map = await preprocess(image, depth, services);
  assert.deepEqual([map.width, map.height, map.data.length], [90, 61, 90 * 61 * 3]);
  for (const [x, expected] of [
    [0, 0],
    [45, 128],
    [89, 255],
  ] as const) {
    const value = map.data[(30 * 90 + x) * 3]!;
    assert.ok(Math.abs(value - expected) <= 10, `column ${x}: ${value}`);
    assert.deepEqual([...map.data.slice((30 * 90 + x) * 3, (30 * 90 + x) * 3 + 3)], [value, value, value]);
  }
});

test('where everything is as near, it is black', async (context) => {
  const models = await temporaryFolder(context);
  await writeTinyDepthModel(models);
  const map = await preprocess(constantImage({ width: 30, height: 20 }, 9), depth, {
    ...atLeisure,
    modelFolders: [models],
  });
  assert.ok(map.data.every((value) => value === 0));
});

test('a model that is not there, or is damaged, is told with what to do', async (context) => {
  const models = await temporaryFolder(context);
  const image = constantImage({ width: 8, height: 8 }, 0);
  const services = { ...atLeisure, modelFolders: [models] };
  await assert.rejects(preprocess(image, depth, services), {
    code: 'model-not-found',
    hint: 'Get it with `inlay models get depth-anything-v2-small`.',
  });
  const folder = await writeTinyDepthModel(models);
  await writeFile(path.join(folder, 'onnx', 'model.onnx'), 'damaged');
  await assert.rejects(preprocess(image, depth, services), {
    code: 'invalid-weights',
    hint: /Delete that folder/,
  });
});
