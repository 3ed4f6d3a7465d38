import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { poolsResiduals } from '../../../engine/models/residual-pooling.ts';
import { maxConfigBytes, readSidecarConfig } from '../../../engine/models/sidecar-config.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

test('the configuration beside a checkpoint says what it predicts', async (context) => {
  const folder = await temporaryFolder(context);
  const weights = path.join(folder, 'v2.1.ckpt');
  const said = async (yaml: string) => {
    await writeFile(path.join(folder, 'v2.1.yaml'), yaml);
    return (await readSidecarConfig(weights)).predictionType;
  };
  assert.deepEqual(await readSidecarConfig(weights), {});
  assert.equal(await said('model:\n  params:\n    parameterization: "v"\n'), 'v_prediction');
  assert.equal(await said("    parameterization: 'eps' # noise\r\n"), 'epsilon');
  assert.equal(await said('parameterization: x0'), 'sample');
  for (const yaml of [
    '',
    '# parameterization: "v"',
    'parameterization: vv',
    'parameterization: [v]',
    '\0\xff',
  ]) {
    assert.equal(await said(yaml), undefined, yaml);
  }
});

test('and how many heads its UNet has, or how wide they are', async (context) => {
  const folder = await temporaryFolder(context);
  const said = async (...lines: readonly string[]) => {
    await writeFile(path.join(folder, 'a.yaml'), lines.map((line) => `        ${line}\n`).join(''));
    return (await readSidecarConfig(path.join(folder, 'a.safetensors'))).attention;
  };
  assert.deepEqual(await said('num_heads: 8', 'context_dim: 768'), { unetHeads: [8] });
  assert.deepEqual(await said('num_head_channels: 64 # need to fix', 'num_heads: 8'), { unetHeadWidth: 64 });
  assert.deepEqual(await said('num_heads: -1', 'num_head_channels: 32'), { unetHeadWidth: 32 });
  for (const line of ['num_heads: 0', 'num_heads: eight', 'num_heads: 99999', '# num_heads: 8']) {
    assert.equal(await said(line), undefined, line);
  }
});

test('it is read up to the limit, and no further', async (context) => {
  const folder = await temporaryFolder(context);
  const line = '\nparameterization: eps';
  const file = path.join(folder, 'model.yaml');
  const weights = path.join(folder, 'model.safetensors');
  await writeFile(file, line.padStart(maxConfigBytes, '#'));
  assert.deepEqual(await readSidecarConfig(weights), { predictionType: 'epsilon' });
  await writeFile(file, line.padStart(maxConfigBytes + 1, '#'));
  assert.deepEqual(await readSidecarConfig(weights), {});
});

test('a folder of that name says nothing', async (context) => {
  const folder = await temporaryFolder(context);
  await mkdir(path.join(folder, 'model.yaml'));
  assert.deepEqual(await readSidecarConfig(path.join(folder, 'model.ckpt')), {});
});

test('what pools the residuals of a ControlNet is its folder, the configuration beside it, or its name, in this order', async (context) => {
  const folder = await temporaryFolder(context);
  const file = (name: string) => path.join(folder, name);
  assert.equal(await poolsResiduals(file('control_v11e_sd15_Shuffle.pth')), true);
  assert.equal(await poolsResiduals(file('control_v11p_sd15_canny.pth')), false);
  await writeFile(file('own.yaml'), '        global_average_pooling: True\n');
  assert.equal(await poolsResiduals(file('own.pth')), true);
  await writeFile(file('shuffle.yaml'), 'global_average_pooling: false # no\n');
  assert.equal(await poolsResiduals(file('shuffle.pth')), false);

  // Beside files of other names it is another's.
  await writeFile(file('config.json'), '{"global_pool_conditions": true}');
  assert.equal(await poolsResiduals(file('canny.safetensors')), false);
  assert.equal(await poolsResiduals(file('diffusion_pytorch_model.fp16.safetensors')), true);
  await writeFile(file('config.json'), '{"_class_name": "ControlNetModel"}');
  assert.equal(await poolsResiduals(file('diffusion_pytorch_model.safetensors')), false);
  await writeFile(file('config.json'), '{');
  await assert.rejects(poolsResiduals(file('diffusion_pytorch_model.safetensors')), /config\.json.*JSON/);
});
