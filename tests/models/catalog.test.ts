import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { detectUpscaler } from '../../engine/graphs/upscaler.ts';
import { openSafetensors } from '../../engine/weights/safetensors.ts';

interface CatalogModel {
  readonly name: string;
  readonly file: string;
  readonly kind: string;
  readonly architecture: string;
  readonly scale: number;
  readonly sha256: string;
  readonly licence: string;
  readonly source: string;
  readonly description: string;
}

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
    assert.equal(model.kind, 'upscaler');
    const { architecture, scale, inputChannels } = detectUpscaler(await openSafetensors(file));
    assert.deepEqual([architecture, scale, inputChannels], [model.architecture, model.scale, 3]);
  });
}

test('every shipped weights file is listed, has a licence and is named in NOTICE', async () => {
  const shipped = (await readdir(modelsFolder)).filter((file) => file.endsWith('.safetensors'));
  assert.deepEqual(shipped.toSorted(), catalog.models.map(({ file }) => file).toSorted());
  const notice = await readFile(path.join(root, 'NOTICE'), 'utf8');
  for (const { file, licence, source, description } of catalog.models) {
    assert.ok(notice.includes(`models/${file}`), `${file} is not in NOTICE`);
    assert.equal(licence, 'BSD-3-Clause');
    assert.ok(source.length > 0 && description.length > 0);
  }
  assert.match(notice, /Copyright \(c\) 2021, Xintao Wang/);
});
