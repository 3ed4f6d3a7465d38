import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { miniModelName } from '../../bridge/protocol/mini-model.ts';
import { detectUpscaler } from '../../engine/graphs/upscaler.ts';
import { recogniseFile } from '../../engine/models/file-family.ts';
import { readModelSpec } from '../../engine/models/model-spec.ts';
import { openSafetensors } from '../../engine/weights/safetensors.ts';

interface CatalogModel {
  readonly name: string;
  readonly file: string;
  readonly kind: string;
  readonly architecture: string;
  /** Of upscalers. */
  readonly scale?: number;
  readonly sha256: string;
  readonly licence: string;
  readonly source: string;
  readonly description: string;
}

const maxMiniBytes = 32 * 10 ** 6;
const root = path.join(import.meta.dirname, '../..');
const modelsFolder = path.join(root, 'models');
const catalog = JSON.parse(await readFile(path.join(modelsFolder, 'catalog.json'), 'utf8')) as {
  readonly models: readonly CatalogModel[];
};

for (const model of catalog.models) {
  test(`${model.name} is the listed bytes, and detects as what it is listed as`, async () => {
    const file = path.join(modelsFolder, model.file);
    const sha256 = createHash('sha256').update(await readFile(file));
    assert.equal(sha256.digest('hex'), model.sha256);
    assert.equal(model.file, `${model.name}.safetensors`);
    const checkpoint = await openSafetensors(file);
    const recognised = recogniseFile(checkpoint);
    if (recognised !== undefined) {
      assert.deepEqual([recognised.kind, recognised.architecture], [model.kind, model.architecture]);
      return;
    }
    assert.equal(model.kind, 'upscaler');
    const { architecture, scale, inputChannels } = detectUpscaler(checkpoint);
    assert.deepEqual([architecture, scale, inputChannels], [model.architecture, model.scale, 3]);
  });
}

test('every shipped weights file is listed and has a licence; those by others are named in NOTICE', async () => {
  const shipped = (await readdir(modelsFolder)).filter((file) => file.endsWith('.safetensors'));
  assert.deepEqual(shipped.toSorted(), catalog.models.map(({ file }) => file).toSorted());
  const notice = await readFile(path.join(root, 'NOTICE'), 'utf8');
  for (const { file, licence, source, description } of catalog.models) {
    assert.ok(source.length > 0 && description.length > 0);
    if (licence === 'CC0-1.0') continue;
    assert.equal(licence, 'BSD-3-Clause');
    assert.ok(notice.includes(`models/${file}`), `${file} is not in NOTICE`);
  }
  assert.match(notice, /Copyright \(c\) 2021, Xintao Wang/);
});

test('the checkpoint that draws when there is no other is small enough to travel, and says what it is', async () => {
  const file = path.join(modelsFolder, `${miniModelName}.safetensors`);
  assert.ok((await stat(file)).size <= maxMiniBytes);
  const { title, resolution, predictionType, licence } = readModelSpec(await openSafetensors(file));
  assert.deepEqual(
    { title, resolution, predictionType, licence },
    {
      title: 'Inlay mini',
      resolution: { width: 128, height: 128 },
      predictionType: 'v_prediction',
      licence: 'CC0-1.0',
    },
  );
});
