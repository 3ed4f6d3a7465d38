/** A build as it is installed: the program, with models and styles where it looks for them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, symlink } from 'node:fs/promises';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** The environment variable with the folder of the build that all test files of a run share. */
export const sharedBuildVariable = 'INLAY_TEST_BUILD';

/** Builds to a new folder inside the checkout, where the npm packages are found; the caller removes it. */
export async function buildInlay(): Promise<string> {
  const out = path.join(root, 'tests', 'out');
  await mkdir(out, { recursive: true });
  const build = await mkdtemp(path.join(out, 'build-'));
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'build.ts', path.join(build, 'dist')],
    { cwd: root, encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  await copyFile(path.join(root, 'package.json'), path.join(build, 'package.json'));
  for (const folder of ['models', 'styles']) {
    await symlink(path.join(root, folder), path.join(build, folder), 'junction');
  }
  return build;
}
