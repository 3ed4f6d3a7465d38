/** Ctrl-C while a picture is drawn from words: nothing half is left, and a server goes on. */
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import {
  cpuTimeMs,
  engineOf,
  freePort,
  Inlay,
  isRunning,
  type RunningProcess,
  timeToEnd,
  until,
} from './inlay.ts';
import { rectangleMask, save, waves } from './sample-pictures.ts';

let inlay: Inlay;
let modelFile: string;

before(async () => {
  inlay = await Inlay.build();
  modelFile = await inlay.installCheckpoint();
  const source = waves(side, side);
  await save(source, inlay.file('source.png'));
  const hole = { left: 60, top: 60, width: 70, height: 70 };
  await save(rectangleMask(source, hole), inlay.file('mask.png'));
});
after(() => inlay.remove());

const side = 192;
/** Half a minute of steps, of which the first few are waited for. */
const long = ['--prompt', 'a house', '--steps', '150', '--scheduler', 'ddim'] as const;
const generate = ['generate', '--size', `${side}x${side}`, ...long] as const;
const fill = [
  ...['fill', 'source.png', '--mask', 'mask.png'],
  ...[...long, '--context', 'whole', '--working-size', 'native'],
] as const;
/** Of the engine's own time: it has read the checkpoint by then, and drawn a few steps. */
const workBeforeMs = 1_500;
const longestEndMs = 5_000;

/** Ctrl-C once this engine has worked, for so long as it takes on a busy machine. */
async function interrupt(running: RunningProcess, engine: number): Promise<void> {
  const idleMs = cpuTimeMs(engine);
  await until('a few steps', () => (cpuTimeMs(engine) - idleMs > workBeforeMs ? true : undefined));
  running.kill('SIGINT');
  const tookMs = await timeToEnd(running, [engine]);
  const { code, stdout, stderr } = await running.finished;
  assert.equal(code, 130, stderr);
  assert.equal(stdout, '');
  assert.equal(stderr, 'Cancelled.\n');
  assert.ok(tookMs < longestEndMs, `took ${tookMs} ms`);
}

/** The file that is to be written has something in it already, which stays. */
async function assertUntouched(work: (file: string) => Promise<void>): Promise<void> {
  const file = inlay.file('picture.png');
  await writeFile(file, 'an old result');
  const before = await readdir(inlay.folder);
  await work(file);
  assert.equal(await readFile(file, 'utf8'), 'an old result');
  assert.deepEqual(await readdir(inlay.folder), before);
}

describe('Ctrl-C', { skip: process.platform === 'win32' ? 'Windows has no such signals' : false }, () => {
  for (const [what, args] of [
    ['generate', generate],
    ['a fill with a prompt', fill],
  ] as const) {
    test(`in the middle of ${what} ends it, and leaves the old file`, async () => {
      await assertUntouched(async (file) => {
        const running = inlay.start([...args, '--model', modelFile, '-o', file]);
        const engine = await engineOf(running);
        await interrupt(running, engine);
        await until('the end of the engine', () => (isRunning(engine) ? undefined : true));
        assert.deepEqual(inlay.spooled(), []);
      });
    });
  }

  test('in the middle of a job on a server ends that job, and the server takes the next one', async (context) => {
    const server = inlay.start(['serve', '--port', String(await freePort())]);
    context.after(() => server.kill('SIGKILL'));
    const [, address = ''] = await server.says(/Address {2}(http:\/\/localhost:\d+)/);
    const engine = await engineOf(server);
    const onServer = ['--model', 'tiny', '--server', address] as const;
    for (const args of [generate, fill]) {
      await assertUntouched((file) => interrupt(inlay.start([...args, ...onServer, '-o', file]), engine));
    }
    const next = [
      'generate',
      '--size',
      '64x64',
      '--prompt',
      'a',
      '--steps',
      '1',
      '-o',
      inlay.file('next.png'),
    ];
    const { code, stderr } = await inlay.run([...next, ...onServer]);
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /Waiting/);
    server.kill('SIGTERM');
    assert.equal((await server.finished).code, 0);
    assert.deepEqual(inlay.spooled(), []);
  });
});
