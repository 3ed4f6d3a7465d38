/** Runs every test file below `tests/`, or those whose path contains one of the words given: `npm run test:only -- image`. */
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { buildInlay, sharedBuildVariable } from '../tests/e2e/build-inlay.ts';

const words = process.argv.slice(2);
const files = readdirSync('tests', { recursive: true, encoding: 'utf8' })
  .map((file) => path.join('tests', file))
  .filter((file) => file.endsWith('.test.ts'))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort();
if (files.length === 0) {
  console.error(`No test file's path contains ${words.join(' or ')}.`);
  process.exit(1);
}

/** How fast a device answers is what these are about: they run first, one by one, with nothing beside them. */
const alone = [path.join('tests', 'engine', 'runtime', 'webgpu.test.ts')];
const usesBuild = files.some((file) => file.startsWith(path.join('tests', 'e2e')));
const build = usesBuild ? await buildInlay() : undefined;
try {
  runFiles(
    files.filter((file) => alone.includes(file)),
    1,
  );
  // As many files at a time as there are cores: the runner by itself leaves one idle.
  runFiles(
    files.filter((file) => !alone.includes(file)),
    availableParallelism(),
  );
} finally {
  if (build) rmSync(build, { recursive: true, force: true, maxRetries: 5 });
}

/** The exit code is that of the failures of all. */
function runFiles(chosen: readonly string[], atOnce: number): void {
  if (chosen.length === 0) return;
  const { status } = spawnSync(
    process.execPath,
    [
      ...['--import', 'tsx', '--test', `--test-concurrency=${atOnce}`],
      // The spec reporter repeats the failures at the end, where a log that was cut still has them.
      '--test-reporter=spec',
      ...chosen,
    ],
    { stdio: 'inherit', env: { ...process.env, ...(build && { [sharedBuildVariable]: build }) } },
  );
  if (status !== 0) process.exitCode = status ?? 1;
}
