import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { examinePlugins, isOlder } from '../../../bridge/cli/examination.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

test('versions are compared number by number, as far as both go', () => {
  for (const version of ['20.14.9', '20.9.0', '18.20.0', '9.99.99'])
    assert.ok(isOlder(version, '20.15'), version);
  for (const version of ['20.15.0', '20.15.1', '20.100.0', '22.1.0', '100.0.0']) {
    assert.equal(isOlder(version, '20.15'), false, version);
  }
});

test('says where the plugins of the editors are, or how they are built', async (context) => {
  const folder = await temporaryFolder(context);
  const [photoshop, figma] = [
    path.join(folder, 'inlay-photoshop.ccx'),
    path.join(folder, 'figma/manifest.json'),
  ];
  await writeFile(photoshop, '');
  const missing = examinePlugins(folder);
  assert.equal(missing.state, 'note');
  assert.match(missing.hint ?? '', /npm run build:plugins/);
  await mkdir(path.dirname(figma));
  await writeFile(figma, '');
  const { state, message } = examinePlugins(folder);
  assert.equal(state, 'ok');
  for (const file of [photoshop, figma]) assert.ok(message.includes(file), file);
});
