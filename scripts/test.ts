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

const usesBuild = files.some((file) => file.startsWith(path.join('tests', 'e2e')));
const build = usesBuild ? await buildInlay() : undefined;
try {
  const { status } = spawnSync(
    process.execPath,
    [
      ...['--import', 'tsx', '--test'],
      // As many files at a time as there are cores: the runner by itself leaves one idle.
      `--test-concurrency=${availableParallelism()}`,
      // The spec reporter repeats the failures at the end, where a log that was cut still has them.
      '--test-reporter=spec',
      ...files,
    ],
    { stdio: 'inherit', env: { ...process.env, ...(build && { [sharedBuildVariable]: build }) } },
  );
  process.exitCode = status ?? 1;
} finally {
  if (build) rmSync(build, { recursive: true, force: true, maxRetries: 5 });
}
