import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenStore } from '../../../../bridge/auth/token-store.ts';
import { ClientWebSocket } from '../../../../bridge/websocket.ts';
import type { ClientStatus } from '../../../../plugins/shared/client/client.ts';
import { ClientError } from '../../../../plugins/shared/client/client-error.ts';
import { type ConnectionStore, tokenKey } from '../../../../plugins/shared/store/connection-store.ts';
import { type Bridge, startBridge } from '../../../bridge/bridge-fixture.ts';
import { scriptedModels } from '../../../bridge/scripted-engine.ts';
import { MemoryStorage, openPage } from './page-fixture.ts';

function keyOf({ server }: Bridge): string {
  return new URL(server.pageUrl).hash.slice(1);
}

async function clientNames({ home }: Bridge): Promise<readonly string[]> {
  return (await (await TokenStore.open(home.tokensFile)).list()).map(({ name }) => name);
}

function untilState(connection: ConnectionStore, state: ClientStatus['state']): Promise<void> {
  return new Promise((resolve) => {
    const stop = connection.status.subscribe((status) => {
      if (status.state !== state) return;
      resolve();
      queueMicrotask(() => stop());
    });
  });
}

test('a page that was paired before connects with its token and tells what the server can do', async (context) => {
  const bridge = await startBridge(context);
  const { connection } = openPage(context, bridge);
  assert.equal(connection.status.value.state, 'disconnected');
  assert.deepEqual([connection.capabilities.value], [undefined]);
  await connection.start();
  assert.equal(connection.status.value.state, 'ready');
  assert.equal(connection.capabilities.value?.version, '1.2.3');
});

test('[P8] a new page pairs with the key of its address, once: after that it has a token', async (context) => {
  const bridge = await startBridge(context);
  const storage = new MemoryStorage();
  for (const key of [keyOf(bridge), keyOf(bridge), undefined]) {
    const { connection } = openPage(context, bridge, { storage });
    await connection.start(key);
    assert.equal(connection.status.value.state, 'ready');
    connection.close();
  }
  assert.match(storage.values.get(tokenKey) ?? '', /^[\w-]{43}$/);
  assert.notEqual(storage.values.get(tokenKey), keyOf(bridge));
  assert.deepEqual(await clientNames(bridge), ['test', 'Web page in Chrome on Linux']);
});

test('[P8] a connection that breaks while the key is shown is made again, and the key shown again', async (context) => {
  const bridge = await startBridge(context);
  let isBroken = false;
  class BreakingSocket extends ClientWebSocket {
    override send(data: string | Uint8Array): void {
      const breaks = !isBroken && String(data).includes('"type":"pair"');
      isBroken ||= breaks;
      if (breaks) this.terminate();
      else super.send(data);
    }
  }
  const storage = new MemoryStorage();
  const { connection } = openPage(context, bridge, { storage, WebSocket: BreakingSocket });
  await connection.start(keyOf(bridge));
  assert.ok(isBroken);
  assert.equal(connection.status.value.state, 'ready');
  assert.equal(storage.values.size, 1);
});

test('[P1] without token and key the page waits for a code; a wrong one changes nothing', async (context) => {
  const bridge = await startBridge(context);
  const storage = new MemoryStorage();
  const { connection } = openPage(context, bridge, { storage });
  await connection.start();
  assert.equal(connection.status.value.state, 'unpaired');
  const { code } = bridge.server.openPairing();
  await assert.rejects(
    connection.pair(code === '000000' ? '000001' : '000000'),
    (error) => error instanceof ClientError && error.code === 'pairing-failed',
  );
  assert.equal(connection.status.value.state, 'unpaired');
  assert.equal(storage.values.size, 0);
  await connection.pair(code);
  assert.equal(connection.status.value.state, 'ready');
  assert.equal(storage.values.size, 1);
});

test('[P8] the address of an earlier start pairs nobody, and the page says so', async (context) => {
  const bridge = await startBridge(context);
  const { connection } = openPage(context, bridge, { storage: new MemoryStorage() });
  await connection.start('A'.repeat(43));
  assert.equal(connection.status.value.state, 'unpaired');
  const [notice = '', ...others] = connection.notices.value;
  assert.match(notice, /from an earlier start .* Open the one that it printed last/);
  assert.deepEqual(others, []);
  connection.dismissNotice(notice);
  assert.deepEqual(connection.notices.value, []);
});

test('[P7] a page whose token was revoked is unpaired, and does not pair itself again', async (context) => {
  const bridge = await startBridge(context);
  const storage = new MemoryStorage();
  const { connection } = openPage(context, bridge, { storage });
  await connection.start(keyOf(bridge));
  const store = await TokenStore.open(bridge.home.tokensFile);
  const page = (await store.list()).find(({ name }) => name !== 'test');
  await store.revoke(page!.id);
  await untilState(connection, 'unpaired');
  assert.deepEqual(await clientNames(bridge), ['test']);
});

test('a page without a server waits for one, and looks at once when it is told to', async (context) => {
  const bridge = await startBridge(context);
  const { port } = bridge.server;
  await bridge.server.close();
  const { connection } = openPage(context, bridge, { port, backOffDelaysMs: [60_000] });
  const started = connection.start();
  await untilState(connection, 'unreachable');
  assert.deepEqual(connection.status.value, { state: 'unreachable', retryInMs: 60_000 });
  await startBridge(context, { home: bridge.home, ports: [port] });
  connection.retryNow();
  await started;
  assert.equal(connection.status.value.state, 'ready');
});

test('[P8] a new page whose server is not there yet pairs with its key once it is', async (context) => {
  const bridge = await startBridge(context);
  const { port } = bridge.server;
  await bridge.server.close();
  const storage = new MemoryStorage();
  const next = { port, storage, backOffDelaysMs: [10] };
  const { connection } = openPage(context, bridge, next);
  const started = connection.start('B'.repeat(43));
  await untilState(connection, 'unreachable');
  const again = await startBridge(context, { home: bridge.home, ports: [port] });
  await started;
  assert.equal(connection.status.value.state, 'unpaired');
  await connection.pair(keyOf(again));
  assert.equal(connection.status.value.state, 'ready');
});

test('storage that is forbidden is no obstacle: the page works, and says what is lost', async (context) => {
  const bridge = await startBridge(context);
  const forbidden = async () => {
    throw new Error('The operation is insecure.');
  };
  const { connection } = openPage(context, bridge, {
    storage: { get: forbidden, set: forbidden, remove: forbidden },
  });
  await connection.start(keyOf(bridge));
  assert.equal(connection.status.value.state, 'ready');
  assert.match(connection.notices.value[0] ?? '', /cannot be kept/);
});

test('a notice of the engine is shown once until it is dismissed, and what it can do stays known', async (context) => {
  const bridge = await startBridge(context);
  const { connection } = openPage(context, bridge);
  await connection.start();
  for (const text of ['The GPU failed.', 'The GPU failed.', 'It runs on the CPU now.'])
    bridge.engine.notice(text);
  await connection.client.capabilities();
  assert.deepEqual(connection.notices.value, ['The GPU failed.', 'It runs on the CPU now.']);
  connection.dismissNotice('The GPU failed.');
  assert.deepEqual(connection.notices.value, ['It runs on the CPU now.']);
  connection.close();
  assert.equal(connection.status.value.state, 'disconnected');
  assert.equal(connection.capabilities.value?.version, '1.2.3');
});

test('what waits for a connection is told when there will be none', async (context) => {
  const bridge = await startBridge(context);
  const { connection } = openPage(context, bridge);
  const waiting = connection.untilReady();
  connection.close();
  await assert.rejects(waiting, (error) => error instanceof ClientError && error.code === 'closed');
  await assert.rejects(connection.untilReady());
});

test('a model that was copied in is known once it is asked for, and a broken connection breaks nothing', async (context) => {
  const bridge = await startBridge(context);
  const { connection } = openPage(context, bridge);
  await connection.refresh();
  assert.equal(connection.capabilities.value, undefined);
  await connection.start();
  const names = () => connection.capabilities.value!.models.map(({ name }) => name);
  assert.deepEqual(
    names(),
    scriptedModels.map(({ name }) => name),
  );
  const before = connection.capabilities.value;
  await connection.refresh();
  assert.equal(connection.capabilities.value, before, 'nothing is new');
  const copiedIn = { ...scriptedModels[0]!, name: 'copied-in' };
  bridge.engine.models = async () => [...scriptedModels, copiedIn];
  await connection.refresh();
  assert.equal(names().at(-1), 'copied-in');
});

test('when nobody answers, the host may know that the browser keeps them apart', async (context) => {
  const bridge = await startBridge(context);
  const { port } = bridge.server;
  await bridge.server.close();
  let answer: 'blocked' | undefined = 'blocked';
  const { connection } = openPage(context, bridge, {
    port,
    backOffDelaysMs: [60_000],
    diagnose: async () => answer,
  });
  const untilObstacle = async (wanted: string) => {
    while (connection.obstacle.value !== wanted) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const started = connection.start();
  await untilObstacle('blocked');
  answer = undefined;
  connection.retryNow();
  await untilObstacle('not-running');
  await startBridge(context, { home: bridge.home, ports: [port] });
  connection.retryNow();
  await started;
});

test('a host that lets no socket be opened at all is told apart, and a diagnosis that fails is none', async (context) => {
  const bridge = await startBridge(context);
  let isForbidden = true;
  class Socket extends ClientWebSocket {
    constructor(url: string) {
      if (isForbidden) throw new Error('Permission denied to the url. Manifest entry not found.');
      super(url);
    }
  }
  const { connection } = openPage(context, bridge, {
    WebSocket: Socket,
    diagnose: () => Promise.reject(new Error('not here')),
  });
  const started = connection.start();
  await untilState(connection, 'unreachable');
  assert.deepEqual(connection.status.value, { state: 'unreachable', retryInMs: 20, isForbidden: true });
  assert.equal(connection.obstacle.value, 'forbidden');
  isForbidden = false;
  await started;
  assert.equal(connection.status.value.state, 'ready');
});

test('a pairing that is forgotten is gone from here, and a code pairs anew', async (context) => {
  const bridge = await startBridge(context);
  const storage = MemoryStorage.withToken(bridge.token);
  const { connection } = openPage(context, bridge, { storage });
  await connection.start();
  await connection.unpair();
  await untilState(connection, 'unpaired');
  assert.equal(storage.values.size, 0);
  await connection.pair(bridge.server.openPairing().code);
  assert.equal(connection.status.value.state, 'ready');
});
