import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { TokenStore } from '../../../bridge/auth/token-store.ts';
import { findRunningServer, openHome } from '../../../bridge/home.ts';
import { openLog } from '../../../bridge/log.ts';
import { closeCodes } from '../../../bridge/protocol/close-codes.ts';
import { type Bridge, type RawClient, startBridge, temporaryFolder } from '../bridge-fixture.ts';

const hello = { type: 'hello', protocol: 1, client: 'tests', editor: 'other' };

test('[H1] `hello` with a known token is answered with `welcome` and all that the server can do', async (context) => {
  const bridge = await startBridge(context);
  const raw = await bridge.open();
  raw.send({ ...hello, token: bridge.token });
  const { protocol, clientId, capabilities } = await raw.next('welcome');
  assert.equal(protocol, 1);
  assert.equal(clientId, bridge.clientId);
  assert.deepEqual(capabilities.operations, [
    { operation: 'fill', defaultModel: 'patch-match' },
    { operation: 'remove', defaultModel: 'patch-match' },
    { operation: 'expand', defaultModel: 'patch-match' },
    { operation: 'upscale', defaultModel: 'sharp-x4' },
  ]);
  assert.equal(capabilities.limits.maxFrameBytes, 512 * 1024);
  assert.equal(capabilities.device.device, 'cpu');
});

for (const [protocol, older] of [
  [2, 'Inlay'],
  [7, 'Inlay'],
] as const) {
  test(`[H2] protocol ${protocol} is refused with the side to update, and 4406`, async (context) => {
    const bridge = await startBridge(context);
    const raw = await bridge.open();
    raw.send({ ...hello, protocol, token: bridge.token });
    const { code, hint } = await raw.next('error');
    assert.equal(code, 'version-mismatch');
    assert.equal(hint, `Update ${older}.`);
    assert.equal((await raw.closed).code, closeCodes.versionMismatch);
  });
}

test('[H3] `hello` without a token, or with an unknown one, is answered with `unpaired` and nothing more', async (context) => {
  const bridge = await startBridge(context);
  const without = await bridge.open();
  without.send(hello);
  assert.deepEqual(await without.next('unpaired'), { type: 'unpaired', protocol: 1, reason: 'no-token' });
  const wrong = await bridge.open();
  wrong.send({ ...hello, token: `${bridge.token.slice(0, -1)}!` });
  assert.equal((await wrong.next('unpaired')).reason, 'unknown-token');
  assert.deepEqual(wrong.messages, []);
});

test('[H4] a socket that does not show a token in time is closed with 4408', async (context) => {
  const bridge = await startBridge(context, { limits: { handshakeTimeoutMs: 80 } });
  const silent = await bridge.open();
  const unpaired = await bridge.open();
  unpaired.send(hello);
  assert.equal((await silent.closed).code, closeCodes.handshakeTimeout);
  assert.equal((await unpaired.closed).code, closeCodes.handshakeTimeout);
});

const early: readonly [string, unknown][] = [
  ['a job', { type: 'submit', jobId: 'a', request: { operation: 'fill' }, images: [] }],
  ['a question', { type: 'capabilities' }],
  ['`pair` before `hello`', { type: 'pair', code: '123456', name: 'x' }],
  ['no message of the protocol', { type: 'steal' }],
  ['no JSON', '{'],
  ['a `hello` with a field too many', { ...hello, admin: true }],
];
for (const [what, message] of early) {
  test(`[H5] ${what} before the handshake is an error, and closes the socket with 4401`, async (context) => {
    const bridge = await startBridge(context);
    const raw = await bridge.open();
    raw.send(message);
    await raw.next('error');
    assert.equal((await raw.closed).code, closeCodes.unauthenticated);
    assert.equal(bridge.engine.tasks.length, 0);
  });
}

test('[H5] a binary frame before the handshake closes the socket with 4401', async (context) => {
  const bridge = await startBridge(context);
  const raw = await bridge.open();
  raw.chunk('a', 'a', { seq: 0, last: true, bytes: new Uint8Array(8) });
  assert.equal((await raw.closed).code, closeCodes.unauthenticated);
});

test('[H5] a job sent along with `hello`, before its answer, is not taken', async (context) => {
  const bridge = await startBridge(context);
  const raw = await bridge.open();
  raw.send({ ...hello, token: bridge.token });
  raw.send({ type: 'capabilities' });
  assert.equal((await raw.closed).code, closeCodes.unauthenticated);
});

test('[H6] a second `hello` is an error that leaves the socket open', async (context) => {
  const bridge = await startBridge(context);
  const raw = await bridge.welcomed();
  raw.send({ ...hello, token: bridge.token });
  assert.equal((await raw.next('error')).code, 'invalid-message');
  raw.send({ type: 'capabilities' });
  await raw.next('capabilities');
});

test('[P3] the sixth code is refused even when it is the right one', async (context) => {
  const bridge = await startBridge(context);
  const { code } = bridge.server.openPairing();
  const wrong = code === '000000' ? '000001' : '000000';
  const tries = [wrong, wrong, wrong, wrong, wrong, code];
  for (const tried of tries) {
    const raw = await bridge.open();
    raw.send(hello);
    await raw.next('unpaired');
    raw.send({ type: 'pair', code: tried, name: 'guesser' });
    assert.equal((await raw.next('error')).code, 'pairing-failed');
    assert.equal((await raw.closed).code, closeCodes.unauthenticated);
  }
  const store = await TokenStore.open(bridge.home.tokensFile);
  assert.deepEqual(
    (await store.list()).map(({ name }) => name),
    ['test'],
  );
});

test('[P4] a code that has expired is refused', async (context) => {
  let now = 0;
  const bridge = await startBridge(context, { pairing: { now: () => now } });
  const { code, expiresInMs } = bridge.server.openPairing();
  now = expiresInMs;
  const raw = await bridge.open();
  raw.send(hello);
  await raw.next('unpaired');
  raw.send({ type: 'pair', code, name: 'late' });
  assert.equal((await raw.next('error')).code, 'pairing-failed');
});

test('[P5] a code that was used is worth nothing to whoever replays it', async (context) => {
  const bridge = await startBridge(context);
  const { code } = bridge.server.openPairing();
  const pair = async () => {
    const raw = await bridge.open();
    raw.send(hello);
    await raw.next('unpaired');
    raw.send({ type: 'pair', code, name: 'Photoshop' });
    return raw;
  };
  const { token, clientId } = await (await pair()).next('paired');
  assert.match(token, /^[\w-]{43}$/);
  assert.equal((await (await pair()).next('error')).code, 'pairing-failed');
  const known = await bridge.open();
  known.send({ ...hello, token });
  assert.equal((await known.next('welcome')).clientId, clientId);
});

test('[P6] only the token of the home itself opens pairing', async (context) => {
  const bridge = await startBridge(context);
  const paired = await bridge.welcomed();
  paired.send({ type: 'open-pairing' });
  assert.equal((await paired.next('error')).code, 'not-allowed');
  const running = await findRunningServer(bridge.home);
  const local = await bridge.welcomed(running!.controlToken);
  local.send({ type: 'open-pairing' });
  const { code, expiresInMs } = await local.next('pairing-opened');
  assert.match(code, /^\d{6}$/);
  assert.equal(expiresInMs, 120_000);
  const raw = await bridge.open();
  raw.send(hello);
  await raw.next('unpaired');
  raw.send({ type: 'pair', code, name: 'Figma' });
  await raw.next('paired');
});

test('[P7] a revoked client is cut off, loses its jobs, and is not let in again', async (context) => {
  const bridge = await startBridge(context, {
    script: (_task, _events, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  });
  const raw = await bridge.welcomed();
  const other = await bridge.addClient('other');
  const kept = await bridge.welcomed(other.token);
  const { smallFill, submitWhole } = await import('../bridge-fixture.ts');
  await submitWhole(raw, 'a');
  await raw.next('started');
  raw.send(smallFill('b'));
  await raw.next('accepted');
  // Another process does it, as the command line would.
  const store = await TokenStore.open(bridge.home.tokensFile);
  assert.equal(await store.revoke(bridge.clientId), true);
  assert.equal((await raw.closed).code, closeCodes.revoked);
  const again = await bridge.open();
  again.send({ ...hello, token: bridge.token });
  assert.equal((await again.next('unpaired')).reason, 'unknown-token');
  bridge.engine.script = async () => {};
  await submitWhole(kept, 'c');
  await kept.next('done');
});

/** A socket that has asked to be paired with `code`. */
async function pairing(bridge: Bridge, code: string): Promise<RawClient> {
  const raw = await bridge.open();
  raw.send(hello);
  await raw.next('unpaired');
  raw.send({ type: 'pair', code, name: 'Web page in Chrome on Linux' });
  return raw;
}

function keyOf({ server }: Bridge): string {
  return new URL(server.pageUrl).hash.slice(1);
}

test('[P8] each browser that opens the address gets a token of its own, which is listed and can be revoked', async (context) => {
  const bridge = await startBridge(context);
  const key = keyOf(bridge);
  assert.equal(bridge.server.pageUrl, `http://localhost:${bridge.server.port}/#${key}`);
  const first = await (await pairing(bridge, key)).next('paired');
  const second = await (await pairing(bridge, key)).next('paired');
  assert.notEqual(first.token, second.token);
  assert.notEqual(first.token, key);
  const store = await TokenStore.open(bridge.home.tokensFile);
  const names = (await store.list()).map(({ name }) => name);
  assert.deepEqual(names, ['test', 'Web page in Chrome on Linux', 'Web page in Chrome on Linux']);
  const raw = await bridge.welcomed(first.token);
  await store.revoke(first.clientId);
  assert.equal((await raw.closed).code, closeCodes.revoked);
  await bridge.welcomed(second.token);
});

test('[P8] a wrong key is refused, and the key of one server is worth nothing on another', async (context) => {
  const bridge = await startBridge(context);
  const other = await startBridge(context);
  const swapped = keyOf(bridge).toUpperCase();
  for (const code of [keyOf(other), swapped, 'A'.repeat(43)]) {
    const raw = await pairing(bridge, code);
    const error = await raw.next('error');
    assert.equal(error.code, 'pairing-failed');
    assert.ok(!JSON.stringify(error).includes(code));
    assert.equal((await raw.closed).code, closeCodes.unauthenticated);
  }
  await (await pairing(bridge, keyOf(bridge))).next('paired');
});

test('[P8] the key leaves an open code as it is, and the code the key', async (context) => {
  const bridge = await startBridge(context);
  const { code } = bridge.server.openPairing();
  await (await pairing(bridge, keyOf(bridge))).next('paired');
  assert.ok(bridge.server.isPairingOpen());
  await (await pairing(bridge, code)).next('paired');
  assert.equal(bridge.server.isPairingOpen(), false);
  await (await pairing(bridge, keyOf(bridge))).next('paired');
});

test('[P8] the key is no token', async (context) => {
  const bridge = await startBridge(context);
  const raw = await bridge.open();
  raw.send({ ...hello, token: keyOf(bridge) });
  assert.equal((await raw.next('unpaired')).reason, 'unknown-token');
});

for (const [what, code] of [
  ['five digits', '12345'],
  ['seven digits', '1234567'],
  ['42 characters', 'a'.repeat(42)],
  ['44 characters', 'a'.repeat(44)],
  ['a character that base64url lacks', `${'a'.repeat(42)}+`],
  ['a line break after it', '123456\n'],
  ['nothing', ''],
] as const) {
  test(`[P8] a code of ${what} is no message of the protocol`, async (context) => {
    const bridge = await startBridge(context);
    const raw = await pairing(bridge, code);
    assert.equal((await raw.next('error')).code, 'invalid-message');
    assert.equal((await raw.closed).code, closeCodes.unauthenticated);
  });
}

test('[P8] [S10] the key is in no file of the home and in nothing that is served', async (context) => {
  const folder = await temporaryFolder(context);
  const home = await openHome(folder);
  const log = openLog(home.logFile, { level: 'debug' });
  const bridge = await startBridge(context, { home, log });
  await (await pairing(bridge, keyOf(bridge))).next('paired');
  await (await pairing(bridge, 'A'.repeat(43))).next('error');
  const health = await (await fetch(`http://localhost:${bridge.server.port}/health`)).text();
  assert.ok(!health.includes(keyOf(bridge)));
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((file) =>
    file.isFile(),
  );
  assert.ok(files.length >= 3);
  for (const { parentPath, name } of files) {
    assert.ok(!(await readFile(path.join(parentPath, name), 'utf8')).includes(keyOf(bridge)), name);
  }
});
