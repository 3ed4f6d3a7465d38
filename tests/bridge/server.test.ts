import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { BridgeError } from '../../bridge/errors.ts';
import { findRunningServer, openHome } from '../../bridge/home.ts';
import { openLog } from '../../bridge/log.ts';
import { closeCodes } from '../../bridge/protocol/close-codes.ts';
import { startServer } from '../../bridge/server.ts';
import { exchange, startBridge, submitWhole, temporaryFolder } from './bridge-fixture.ts';
import { Gate, ScriptedEngine } from './scripted-engine.ts';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';

function upgrade(lines: readonly string[]): string {
  const handshake = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
  ];
  return ['GET /v1 HTTP/1.1', ...lines, ...handshake, '', ''].join('\r\n');
}

function get(path: string, lines: readonly string[]): string {
  return [`GET ${path} HTTP/1.1`, ...lines, 'Connection: close', '', ''].join('\r\n');
}

function statusOf(answer: string): number {
  return Number(answer.split(' ')[1]);
}

const hasIPv6 = Object.values(os.networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
);

test('[S1] it listens on 127.0.0.1 and ::1 with one port, and on nothing else', async (context) => {
  const { server } = await startBridge(context);
  const host = `Host: localhost:${server.port}`;
  assert.equal(statusOf(await exchange(server.port, get('/health', [host]))), 200);
  if (hasIPv6) assert.equal(statusOf(await exchange(server.port, get('/health', [host]), '::1')), 200);
  const outward = Object.values(os.networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4');
  if (outward === undefined) return context.diagnostic('this machine has no address but loopback');
  const socket = net.connect(server.port, outward.address);
  const [error] = await once(socket, 'error');
  assert.equal((error as NodeJS.ErrnoException).code, 'ECONNREFUSED');
});

const badHosts: readonly [string, (port: number) => readonly string[], number][] = [
  ['of an attacker', () => ['Host: evil.com'], 403],
  ['of an attacker with this port', (port) => [`Host: evil.com:${port}`], 403],
  ['without a port', () => ['Host: localhost'], 403],
  ['with another port', (port) => [`Host: localhost:${port + 1}`], 403],
  ['in upper case', (port) => [`Host: LOCALHOST:${port}`], 403],
  ['with a trailing dot', (port) => [`Host: localhost.:${port}`], 403],
  ['that only starts right', (port) => [`Host: localhost:${port}.evil.com`], 403],
  ['that only ends right', (port) => [`Host: evil.localhost:${port}`], 403],
  ['of all interfaces', (port) => [`Host: 0.0.0.0:${port}`], 403],
  ['sent twice', (port) => [`Host: localhost:${port}`, `Host: evil.com`], 403],
];
for (const [what, lines, status] of badHosts) {
  test(`[S2] a Host ${what} is refused, for a page and for a socket`, async (context) => {
    const { server } = await startBridge(context);
    assert.equal(statusOf(await exchange(server.port, get('/health', lines(server.port)))), status);
    const answer = await exchange(server.port, upgrade(lines(server.port)));
    assert.equal(statusOf(answer), status);
    assert.doesNotMatch(answer, /101/);
  });
}

test('[S2] a missing Host is refused, for a page and for a socket', async (context) => {
  const { server } = await startBridge(context);
  // Node refuses the first itself, as HTTP/1.1 has it.
  assert.equal(statusOf(await exchange(server.port, get('/health', []))), 400);
  assert.equal(statusOf(await exchange(server.port, upgrade([]))), 403);
  const old = get('/health', []).replace('HTTP/1.1', 'HTTP/1.0');
  assert.equal(statusOf(await exchange(server.port, old)), 403);
});

for (const name of ['localhost', '127.0.0.1', '[::1]']) {
  test(`[S2] the Host ${name} with the port is this server`, async (context) => {
    const { server } = await startBridge(context);
    const host = `Host: ${name}:${server.port}`;
    assert.equal(statusOf(await exchange(server.port, get('/health', [host]))), 200);
    assert.equal(statusOf(await exchange(server.port, upgrade([host]))), 101);
    assert.equal(
      statusOf(await exchange(server.port, upgrade([host, `Origin: http://${name}:${server.port}`]))),
      101,
    );
  });
}

const badOrigins: readonly [string, (port: number) => string][] = [
  ['a web page', () => 'https://evil.com'],
  ['a host that starts like this one', () => 'http://localhost.evil.com'],
  ['a host that starts like this one with its port', (port) => `http://localhost:${port}.evil`],
  ['this one in upper case', (port) => `http://LOCALHOST:${port}`],
  ['this one with a trailing dot', (port) => `http://localhost.:${port}`],
  ['this one with a trailing slash', (port) => `http://localhost:${port}/`],
  ['another port', (port) => `http://localhost:${port + 1}`],
  ['no port', () => 'http://localhost'],
  ['another scheme', (port) => `https://localhost:${port}`],
  ['null in upper case', () => 'NULL'],
  ['two in one', () => 'null null'],
  ['an empty one', () => ''],
];
for (const [what, origin] of badOrigins) {
  test(`[S3] the Origin of ${what} is refused before the upgrade`, async (context) => {
    const { server } = await startBridge(context);
    const lines = [`Host: localhost:${server.port}`, `Origin: ${origin(server.port)}`];
    assert.equal(statusOf(await exchange(server.port, upgrade(lines))), 403);
    assert.equal(statusOf(await exchange(server.port, get('/', lines))), 403);
  });
}

test('[S3] the Origin `null` is let in, but without a token it has no effect', async (context) => {
  const { server } = await startBridge(context);
  const lines = [`Host: localhost:${server.port}`, 'Origin: null'];
  assert.equal(statusOf(await exchange(server.port, upgrade(lines))), 101);
  const health = await exchange(server.port, get('/health', lines));
  assert.match(health, /Access-Control-Allow-Origin: null/);
  assert.doesNotMatch(health, /Allow-Credentials/i);
  assert.doesNotMatch(await exchange(server.port, get('/', lines)), /Access-Control/);
});

test('[S3] an upgrade to another path is not found', async (context) => {
  const { server } = await startBridge(context);
  for (const path of ['/', '/v2', '/v1/', '/v1?token=x']) {
    const request = upgrade([`Host: localhost:${server.port}`]).replace('/v1', path);
    assert.equal(statusOf(await exchange(server.port, request)), 404);
  }
});

/** A folder with a small page in it, beside a file that is none of the page's. */
async function builtPage(context: TestContext): Promise<string> {
  const folder = await temporaryFolder(context);
  const pageFolder = path.join(folder, 'web');
  await mkdir(path.join(pageFolder, 'parts'), { recursive: true });
  await Promise.all([
    writeFile(path.join(pageFolder, 'index.html'), '<!doctype html><title>Inlay</title>'),
    writeFile(path.join(pageFolder, 'main.js'), 'export {};'),
    writeFile(path.join(pageFolder, 'main.css'), 'p { margin: 0 }'),
    writeFile(path.join(pageFolder, '.hidden'), 'hidden'),
    writeFile(path.join(folder, 'outside.js'), 'outside'),
  ]);
  return pageFolder;
}

test('[S4] the page comes with its types, strict headers, and is asked for anew each time', async (context) => {
  const { server } = await startBridge(context, { pageFolder: await builtPage(context) });
  const root = `http://localhost:${server.port}`;
  for (const [file, type] of [
    ['/', 'text/html; charset=utf-8'],
    ['/main.js', 'text/javascript; charset=utf-8'],
    ['/main.css', 'text/css; charset=utf-8'],
  ] as const) {
    const { status, headers } = await fetch(`${root}${file}`);
    assert.equal(status, 200, file);
    assert.equal(headers.get('content-type'), type);
    assert.equal(headers.get('cache-control'), 'no-cache');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin');
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin');
    assert.equal(headers.get('access-control-allow-origin'), null);
    assert.equal(headers.get('x-powered-by'), null);
    const etag = headers.get('etag');
    assert.ok(etag);
    const lines = [`Host: localhost:${server.port}`, `If-None-Match: ${etag}`];
    assert.equal(statusOf(await exchange(server.port, get(file, lines))), 304);
    const policy = headers.get('content-security-policy') ?? '';
    assert.deepEqual(policy.split('; '), [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' blob: data:",
      "worker-src 'self'",
      `connect-src 'self' ws://localhost:${server.port}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
  }
});

test('[S4] of the folder of the page nothing is listed, nothing hidden is served, and nothing beside it', async (context) => {
  const { server } = await startBridge(context, { pageFolder: await builtPage(context) });
  const host = `Host: localhost:${server.port}`;
  for (const target of [
    '/.hidden',
    '/parts',
    '/parts/',
    '/main.js/',
    '/../outside.js',
    '/..%2foutside.js',
    '/%2e%2e/outside.js',
    '/parts/../../outside.js',
    '/..\\outside.js',
    '//outside.js',
    '/main.js%00.css',
  ]) {
    const answer = await exchange(server.port, get(target, [host]));
    assert.ok(statusOf(answer) === 404 || statusOf(answer) === 400, `${target}: ${answer.slice(0, 40)}`);
    assert.doesNotMatch(answer, /outside$|hidden$|export/);
  }
});

test('[S4] a page that was not built says so in a sentence', async (context) => {
  const pageFolder = path.join(await temporaryFolder(context), 'nothing');
  for (const options of [{}, { pageFolder }]) {
    const { server } = await startBridge(context, options);
    const answer = await fetch(`http://localhost:${server.port}/`);
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.match(await answer.text(), /page has not been built: run `npm run build`/);
  }
});

test('[S4] the page and /health say who is there, without secrets', async (context) => {
  const bridge = await startBridge(context, { pageFolder: await builtPage(context) });
  const { port, instance } = bridge.server;
  const { code } = bridge.server.openPairing();
  const html = await (await fetch(`http://localhost:${port}/`)).text();
  const health = await (await fetch(`http://localhost:${port}/health`)).text();
  assert.deepEqual(JSON.parse(health), {
    name: 'inlay',
    version: '1.2.3',
    protocol: 1,
    instance,
    device: 'cpu',
  });
  const { controlToken } = (await findRunningServer(bridge.home))!;
  for (const secret of [code, controlToken, bridge.token]) {
    assert.ok(!html.includes(secret));
    assert.ok(!health.includes(secret));
  }
});

test('[S4] everything else is 404, and whatever is not GET is 405, both as JSON', async (context) => {
  const { server } = await startBridge(context);
  const root = `http://localhost:${server.port}`;
  for (const path of ['/v1', '/tokens.json', '/..%2f..%2fetc/passwd', '/health/', '/Health']) {
    const response = await fetch(`${root}${path}`);
    if (path.toLowerCase().startsWith('/health')) continue;
    assert.equal(response.status, 404, path);
    assert.equal(((await response.json()) as { error: { code: string } }).error.code, 'not-found');
  }
  assert.equal(statusOf(await exchange(server.port, get('/%', [`Host: localhost:${server.port}`]))), 404);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    const response = await fetch(`${root}/health`, { method });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), 'GET, HEAD');
    assert.equal(response.headers.get('access-control-allow-origin'), null);
  }
});

test('[S5] a request that dribbles in is cut off', async (context) => {
  const { server } = await startBridge(context, { limits: { headersTimeoutMs: 150, requestTimeoutMs: 150 } });
  const socket = net.connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  let answer = '';
  socket.on('data', (data) => {
    answer += data;
  });
  socket.write(`GET /v1 HTTP/1.1\r\nHost: localhost:${server.port}\r\n`);
  const drip = setInterval(() => socket.write('X-Slow: 1\r\n'), 40);
  await once(socket, 'close');
  clearInterval(drip);
  assert.match(answer, /^HTTP\/1\.1 408/);
});

test('[S5] sockets without a token are few; one that closes makes room', async (context) => {
  const { server, open, welcomed } = await startBridge(context, { limits: { maxUnauthenticatedSockets: 2 } });
  await welcomed();
  const first = await open();
  await open();
  const request = upgrade([`Host: localhost:${server.port}`]);
  assert.equal(statusOf(await exchange(server.port, request)), 503);
  first.socket.close();
  await first.closed;
  await welcomed();
});

test('[S6] a client that gives no sign of life is cut off; one that answers stays', async (context) => {
  const bridge = await startBridge(context, { limits: { heartbeatMs: 30, maxMissedHeartbeats: 3 } });
  const alive = await bridge.welcomed();
  const dead = await bridge.welcomed();
  dead.socket.pause();
  // Its end is not heard while it is paused; the other one hears how often both were asked.
  for (let asked = 0; asked < 6; asked++) await once(alive.socket, 'ping');
  dead.socket.resume();
  assert.equal((await dead.closed).code, 1006);
  alive.send({ type: 'capabilities' });
  await alive.next('capabilities');
});

test('[S7] a second server on the same home is refused with the address of the first', async (context) => {
  const bridge = await startBridge(context);
  const second = startServer({ home: bridge.home, engine: new ScriptedEngine(), version: '1', ports: [0] });
  await assert.rejects(second, (error: unknown) => {
    assert.ok(error instanceof BridgeError);
    assert.equal(error.code, 'already-running');
    assert.ok(error.message.includes(`http://localhost:${bridge.server.port}`));
    return true;
  });
  assert.equal((await findRunningServer(bridge.home))?.port, bridge.server.port);
});

test('[S8] a port that is taken is a clear error, and the next of a list is used instead', async (context) => {
  const first = await startBridge(context);
  const { port } = first.server;
  const home = await openHome(await temporaryFolder(context));
  const engine = new ScriptedEngine();
  await assert.rejects(
    startServer({ home, engine, version: '1', ports: [port] }),
    (error) =>
      error instanceof BridgeError && error.code === 'port-taken' && error.message.includes(String(port)),
  );
  assert.equal(await findRunningServer(home), undefined);
  const second = await startServer({ home, engine, version: '1', ports: [port, 0] });
  context.after(() => second.close());
  assert.notEqual(second.port, port);
});

test('[S9] closing cancels the running job, closes sockets with 1001, and gives home and port back', async (context) => {
  const bridge = await startBridge(context, { script: (_task, _events, signal) => new Gate().pass(signal) });
  const raw = await bridge.welcomed();
  await submitWhole(raw, 'job');
  await raw.next('started');
  await Promise.all([bridge.server.close(), bridge.server.close()]);
  assert.equal((await raw.next('cancelled')).jobId, 'job');
  assert.equal((await raw.closed).code, closeCodes.goingAway);
  assert.equal(await findRunningServer(bridge.home), undefined);
  await startBridge(context, { home: bridge.home, ports: [bridge.server.port] });
});

test('[S10] the log tells what was refused and why, and never a code, a token or a key', async (context) => {
  const home = await openHome(await temporaryFolder(context));
  const bridge = await startBridge(context, { home, log: openLog(home.logFile) });
  const { port } = bridge.server;
  await exchange(port, upgrade([`Host: localhost:${port}`, 'Origin: https://evil.com']));
  const { code } = bridge.server.openPairing();
  const raw = await bridge.open();
  raw.send({ type: 'hello', protocol: 1, client: 'c', editor: 'other' });
  await raw.next('unpaired');
  raw.send({ type: 'pair', code, name: 'Figma' });
  const { token } = await raw.next('paired');
  raw.send({ type: 'cancel', jobId: 'nobody' });
  await raw.next('error');
  const log = await readFile(home.logFile, 'utf8');
  assert.match(log, /"origin":"https:\/\/evil\.com".*socket refused/);
  assert.match(log, /unknown-job/);
  assert.match(log, /client paired/);
  const { controlToken } = (await findRunningServer(home))!;
  for (const secret of [code, token, bridge.token, controlToken]) assert.ok(!log.includes(`"${secret}`));
});
