/** `inlay serve`: its life from the first line to the last process, with the real engine. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, type TestContext, test } from 'node:test';
import { ClientWebSocket } from '../../bridge/websocket.ts';
import { InlayClient } from '../../plugins/shared/client/client.ts';
import type { JobPicture } from '../../plugins/shared/client/client-job.ts';
import { Stopwatch } from '../stopwatch.ts';
import {
  assertFailure,
  childrenOf,
  freePort,
  Inlay,
  isRunning,
  type RunningProcess,
  readOutcome,
  timeToEnd,
  until,
} from './inlay.ts';
import { load, rectangleMask, save, waves } from './sample-pictures.ts';

const onWindows = process.platform === 'win32' ? 'Windows has no such signals' : false;
const slowUpscaler = 'realesrgan-x4plus';

let inlay: Inlay;
const size = { width: 96, height: 80 };

before(async () => {
  inlay = await Inlay.build();
  await save(waves(96, 80), inlay.file('source.png'));
  await save(rectangleMask(size, { left: 30, top: 24, width: 22, height: 17 }), inlay.file('mask.png'));
});
after(() => inlay.remove());

interface RunningServer {
  readonly process: RunningProcess;
  readonly url: string;
  readonly port: number;
  readonly code: string;
  /** What makes the other commands use the same home. */
  readonly env: Readonly<Record<string, string>>;
}

/** A server on a free port and a home of its own, ended with the test. */
async function serve(context: TestContext, home: string): Promise<RunningServer> {
  const env = { INLAY_HOME: inlay.file(home) };
  const port = await freePort();
  const stopwatch = new Stopwatch();
  const running = inlay.start(['serve', '--port', String(port)], { env });
  context.after(() => running.kill('SIGKILL'));
  const [, code = ''] = await running.says(/Pairing code: (\d{6}) /);
  const { passedMs, waitedMs } = stopwatch.read([running.pid, ...childrenOf(running.pid)]);
  assert.ok(passedMs - waitedMs < 5_000, `ready after ${passedMs} ms, ${waitedMs} ms in wait for a core`);
  return { process: running, url: `http://localhost:${port}`, port, code, env };
}

/** An editor that is paired with the code shown. */
async function pairedEditor(context: TestContext, { port, code }: RunningServer): Promise<InlayClient> {
  const editor = new InlayClient({
    WebSocket: ClientWebSocket,
    client: 'tests',
    editor: 'other',
    ports: [port],
  });
  context.after(() => editor.close());
  await editor.pair({ code, name: 'Some editor' });
  return editor;
}

interface RunningJob {
  readonly finished: Promise<readonly JobPicture[]>;
  readonly enginePid: number;
}

/** A job of several seconds, once the engine is at it. */
async function startJob(
  editor: InlayClient,
  { process: { pid } }: RunningServer,
  { side, model }: { readonly side: number; readonly model: string },
): Promise<RunningJob> {
  const { width, height, data } = waves(side, side);
  let finished: Promise<readonly JobPicture[]> | undefined;
  await new Promise<void>((resolve, reject) => {
    finished = editor.run(
      { operation: 'upscale', scale: 4, model },
      [{ role: 'source', format: 'rgb8', width, height, bytes: data }],
      { onProgress: ({ phase }) => (phase === 'upscaling' ? resolve() : undefined) },
    );
    finished.catch(reject);
  });
  const [enginePid, ...others] = childrenOf(pid);
  assert.deepEqual(others, [], 'a server has one child process, its engine');
  return { finished: finished as Promise<readonly JobPicture[]>, enginePid: enginePid as number };
}

async function assertGone(pid: number): Promise<void> {
  await until(`the end of process ${pid}`, () => (isRunning(pid) ? undefined : true));
}

describe('a running server', { concurrency: 2 }, () => {
  test('says where it listens, on what it computes, its code, and who was paired', async (context) => {
    const server = await serve(context, 'home-first');
    const { stdout } = server.process;
    const [, key = ''] = await server.process.says(
      new RegExp(`^Inlay \\d+\\.\\d+\\.\\d+ is ready\\.\n {2}Address {2}${server.url}/#([\\w-]{43})\n`),
    );
    assert.match(stdout, / {2}Device {3}cpu: The CPU was asked for\.\n/);
    assert.match(
      stdout,
      /Pairing code: \d{6} {3}\(works once, for 2 minutes\)\nRun `inlay pair` for a new code\.\n/,
    );
    await pairedEditor(context, server);
    await server.process.says(/Paired with Some editor\./);
    const { clients } = readOutcome<{ clients: readonly { name: string }[] }>(
      await inlay.run(['tokens', 'list', '--json'], { env: server.env }),
    );
    assert.deepEqual(
      clients.map(({ name }) => name),
      ['Some editor'],
    );
    const page = await pairedEditor(context, { ...server, code: key });
    assert.equal(page.status.state, 'ready');
    assert.match(await (await fetch(server.url)).text(), /<script type="module" src="\/main\.js">/);
  });

  test('gives the command line a new code, which replaces the one before', async (context) => {
    const server = await serve(context, 'home-pair');
    const shown = readOutcome<{ code: string; expiresInMs: number }>(
      await inlay.run(['pair', '--json'], { env: server.env }),
    );
    assert.match(shown.code, /^\d{6}$/);
    assert.equal(shown.expiresInMs, 120_000);
    if (shown.code !== server.code)
      await assert.rejects(pairedEditor(context, server), { code: 'pairing-failed' });
    await pairedEditor(context, { ...server, code: shown.code });
  });

  test('runs jobs of the command line, with a token or on its own home, just as it runs them itself', async (context) => {
    const server = await serve(context, 'home-jobs');
    const args = ['fill', 'source.png', '--mask', 'mask.png', '--seed', '3'];
    const local = await inlay.run([...args, '-o', 'local.png']);
    assert.equal(local.code, 0, local.stderr);
    const { token } = readOutcome<{ token: string }>(
      await inlay.run(['tokens', 'add', 'nightly', '--json'], { env: server.env }),
    );
    const withToken = { INLAY_TOKEN: token, INLAY_HOME: inlay.file('home-other') };
    const remote = await inlay.run([...args, '-o', 'remote.png', '--server', server.url], { env: withToken });
    assert.equal(remote.code, 0, remote.stderr);
    assert.equal(remote.stdout.split('\n')[0], local.stdout.split('\n')[0]?.replace('local', 'remote'));
    assert.deepEqual(await readFile(inlay.file('remote.png')), await readFile(inlay.file('local.png')));
    const address = `localhost:${server.port}`;
    const own = await inlay.run([...args, '-o', 'own.jpg', '--server', address], { env: server.env });
    assert.equal(own.code, 0, own.stderr);
    assert.equal((await load(inlay.file('own.jpg'))).width, 96);

    const { url } = server;
    const home = server.env.INLAY_HOME ?? '';
    const elsewhere = inlay.file('home-other');
    const refusals = [
      [home, [url, '--token', 'made-up'], 6, 'unauthenticated', /token that the server .* knows/],
      [elsewhere, [url], 6, 'unauthenticated', /Expected a token .* received none/],
      [home, [url, '--model', 'mask.png'], 2, 'invalid-option', /name of a model together with --server/],
      [home, [url, '--model', 'nonesuch'], 3, 'model-not-found', /"nonesuch"/],
      [home, ['ftp://localhost'], 2, 'invalid-option', /received "ftp:\/\/localhost"/],
      [
        home,
        [`localhost:${await freePort()}`, '--token', token],
        6,
        'unreachable',
        /Expected Inlay to answer/,
      ],
    ] as const;
    const outcomes = refusals.map(async ([folder, more, exitCode, code, message]) => {
      const outcome = await inlay.run([...args, '-o', 'no.png', '--json', '--server', ...more], {
        env: { INLAY_HOME: folder },
      });
      assertFailure(outcome, { exitCode, code, message });
    });
    await Promise.all(outcomes);
    assert.equal(existsSync(inlay.file('no.png')), false);
  });

  test('is the only one on its home; a second one is told its address', async (context) => {
    const server = await serve(context, 'home-twice');
    for (const port of [server.port, await freePort()]) {
      const outcome = await inlay.run(['serve', '--port', String(port)], { env: server.env });
      assert.equal(outcome.code, 6);
      assert.ok(
        outcome.stderr.includes(`already runs on this home folder at ${server.url} `),
        outcome.stderr,
      );
    }
    const health = await fetch(`${server.url}/health`);
    assert.equal(health.status, 200);
  });

  test('does not start on a port that is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const outcome = await inlay.run(['serve', '--port', String(port)], {
      env: { INLAY_HOME: inlay.file('home-taken') },
    });
    other.close();
    assert.equal(outcome.code, 6);
    assert.match(outcome.stderr, new RegExp(`port ${port} is used by another program\\.\n.*--port`));
    assert.equal(outcome.stdout, '');
  });

  for (const [flag, value, message] of [
    ['--port', '0', /Expected --port \(or INLAY_PORT\) to be a whole number from 1 to 65535, received "0"/],
    ['--threads', 'many', /Expected --threads .* received "many"/],
    ['--idle-unload', '-1', /--idle-unload .* above 0/],
    ['--log-level', 'loud', /Expected --log-level/],
    ['--home', 'source.png', /Cannot use the home folder .*source\.png/],
  ] as const) {
    test(`does not start with ${flag} ${value}`, async () => {
      const outcome = await inlay.run(['serve', flag, value]);
      assert.equal(outcome.code, 2);
      assert.match(outcome.stderr, message);
    });
  }
});

describe('the end of a server', { skip: onWindows, concurrency: 2 }, () => {
  test('SIGTERM during a job: over within two seconds, its client told, no process and no file left', async (context) => {
    const server = await serve(context, 'home-term');
    const editor = await pairedEditor(context, server);
    const { finished, enginePid } = await startJob(editor, server, { side: 200, model: slowUpscaler });
    const ended = timeToEnd(server.process, [enginePid]);
    server.process.kill('SIGTERM');
    await assert.rejects(finished, { code: 'cancelled' });
    const tookMs = await ended;
    const { code, stdout, stderr } = await server.process.finished;
    assert.ok(tookMs < 2_000, `took ${tookMs} ms`);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Inlay has stopped\.\n$/);
    assert.equal(stderr, '');
    await assertGone(enginePid);
    assert.equal(existsSync(inlay.file('home-term/server.json')), false);
    assert.deepEqual(inlay.spooled('home-term'), []);
  });

  test('ends when the npm that started it is gone', { skip: onWindows }, async () => {
    const env = { INLAY_HOME: inlay.file('npm'), npm_lifecycle_event: 'start' };
    const port = await freePort();
    // The shell stays, as npm's does: it has something to do after the server.
    const command = `"${process.execPath}" "${inlay.program}" serve --port ${port}; true`;
    const shell = inlay.spawn('sh', ['-c', command], { env });
    await shell.says(/Pairing code/);
    const [server] = childrenOf(shell.pid);
    shell.kill('SIGKILL');
    await until('the end of the server', () => (isRunning(server as number) ? undefined : true));
    assert.deepEqual(inlay.spooled('npm'), []);
  });

  test('an engine that is killed is replaced, and its job done after all', async (context) => {
    const server = await serve(context, 'home-crash');
    const editor = await pairedEditor(context, server);
    const { finished, enginePid } = await startJob(editor, server, { side: 64, model: slowUpscaler });
    process.kill(enginePid, 'SIGKILL');
    const [picture, ...others] = await finished;
    assert.deepEqual([picture?.width, picture?.height, others.length], [256, 256, 0]);
    assert.deepEqual(childrenOf(server.process.pid).includes(enginePid), false);
    assert.equal((await fetch(`${server.url}/health`)).status, 200);
  });

  test('an engine does not outlive a server that was killed, and the home is free again', async (context) => {
    const server = await serve(context, 'home-kill');
    const editor = await pairedEditor(context, server);
    const { finished, enginePid } = await startJob(editor, server, { side: 200, model: slowUpscaler });
    finished.catch(() => {});
    server.process.kill('SIGKILL');
    editor.close();
    await assertGone(enginePid);
    const again = await serve(context, 'home-kill');
    assert.equal(inlay.spooled('home-kill').length, 1);
    again.process.kill('SIGINT');
    assert.equal((await again.process.finished).code, 0);
  });
});
