import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

const root = path.resolve(import.meta.dirname, '../../../..');
const maxBytes = 32_768;

test('the committed core is what its sources compile to, and small', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'inlay-wasm-'));
  try {
    const file = path.join(folder, 'fill-core.wasm');
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', path.join(root, 'scripts/build-wasm.ts'), file],
      { cwd: root, encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
    const committed = await readFile(path.join(root, 'engine/fill/wasm/fill-core.wasm'));
    assert.ok(committed.equals(await readFile(file)), 'Run `npm run build:wasm` and commit what it writes.');
    assert.ok(committed.length < maxBytes, `${committed.length} bytes`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
