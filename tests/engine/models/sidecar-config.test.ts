import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { maxConfigBytes, readSidecarPredictionType } from '../../../engine/models/sidecar-config.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

test('the configuration beside a checkpoint says what it predicts', async (context) => {
  const folder = await temporaryFolder(context);
  const weights = path.join(folder, 'v2.1.ckpt');
  const said = async (yaml: string) => {
    await writeFile(path.join(folder, 'v2.1.yaml'), yaml);
    return readSidecarPredictionType(weights);
  };
  assert.equal(await readSidecarPredictionType(weights), undefined);
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

test('it is read up to the limit, and no further', async (context) => {
  const folder = await temporaryFolder(context);
  const line = '\nparameterization: eps';
  const file = path.join(folder, 'model.yaml');
  const weights = path.join(folder, 'model.safetensors');
  await writeFile(file, line.padStart(maxConfigBytes, '#'));
  assert.equal(await readSidecarPredictionType(weights), 'epsilon');
  await writeFile(file, line.padStart(maxConfigBytes + 1, '#'));
  assert.equal(await readSidecarPredictionType(weights), undefined);
});

test('a folder of that name says nothing', async (context) => {
  const folder = await temporaryFolder(context);
  await mkdir(path.join(folder, 'model.yaml'));
  assert.equal(await readSidecarPredictionType(path.join(folder, 'model.ckpt')), undefined);
});
