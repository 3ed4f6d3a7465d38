import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { openSpool } from '../../../bridge/cli/spool-folder.ts';

test('a process has a part of the spool for itself, and clears what a dead one left', async (context) => {
  const spool = await mkdtemp(path.join(os.tmpdir(), 'inlay-spool-'));
  context.after(() => rm(spool, { recursive: true, force: true }));
  const { pid: deadPid } = spawnSync(process.execPath, ['--version']);
  const leftover = path.join(spool, `${deadPid}-abcdef`);
  await mkdir(leftover);
  await writeFile(path.join(leftover, 'result.png'), 'x');
  const alive = path.join(spool, `${process.ppid}-abcdef`);
  await mkdir(alive);

  const first = await openSpool(spool);
  const second = await openSpool(spool);
  assert.notEqual(first.folder, second.folder);
  assert.equal(existsSync(leftover), false);
  assert.ok(existsSync(alive));
  await writeFile(path.join(first.folder, 'result.png'), 'x');
  await first.remove();
  await second.remove();
  assert.deepEqual(await readdir(spool), [path.basename(alive)]);
});
