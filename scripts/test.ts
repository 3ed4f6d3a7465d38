/** Runs every test file below `tests/`, or those whose path contains one of the words given: `npm run test:only -- image`. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';

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
// The spec reporter repeats the failures at the end, where a log that was cut still has them.
const { status } = spawnSync(
  process.execPath,
  ['--import', 'tsx', '--test', '--test-reporter=spec', ...files],
  { stdio: 'inherit' },
);
process.exit(status ?? 1);
