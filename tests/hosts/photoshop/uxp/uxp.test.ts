import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { SocketAcceptor } from '../../../../bridge/websocket.ts';
import { Application } from '../application.ts';
import { type Manifest, mayReach } from './manifest.ts';
import { Network } from './network.ts';
import { UxpPlugin } from './plugin.ts';
import { newStorage } from './storage.ts';

const manifest: Manifest & Readonly<Record<string, unknown>> = {
  manifestVersion: 5,
  id: 'test',
  name: 'Test',
  version: '1.0.0',
  main: 'index.html',
  host: { app: 'PS', minVersion: '25.0.0' },
  entrypoints: [{ type: 'panel', id: 'main' }],
  requiredPermissions: { network: { domains: ['ws://localhost:41730'] } },
};
const setUp = `require('uxp').entrypoints.setup({ panels: { main: { create(root) { globalThis.root = root; } } } });`;

async function load(
  context: TestContext,
  script: string,
  { storage = newStorage(), network = new Network(), changes = {} } = {},
) {
  const files = new Map<string, Uint8Array>();
  const add = (name: string, text: string) => files.set(name, new TextEncoder().encode(text));
  add('manifest.json', JSON.stringify({ ...manifest, ...changes }));
  add('index.html', '<html><head><script src="main.js"></script></head><body></body></html>');
  add('main.js', script);
  const plugin = await UxpPlugin.load({ files, application: new Application(), network, storage });
  context.after(() => plugin.close());
  return plugin;
}

test('a plugin has the globals of UXP and none of a browser or of Node besides', async (context) => {
  const names = [
    'TextDecoder',
    'TextEncoder',
    'Buffer',
    'process',
    'btoa',
    'atob',
    'structuredClone',
    'queueMicrotask',
    'Worker',
    'OffscreenCanvas',
    'createImageBitmap',
    'matchMedia',
    'MutationObserver',
    'URLSearchParams',
    'EventSource',
    'WebAssembly',
    'module',
    'global',
  ];
  const storage = newStorage();
  await load(
    context,
    `${setUp} localStorage.setItem('found', ${JSON.stringify(names)}.filter((name) => name in globalThis).join());
     localStorage.setItem('subtle', String(crypto.subtle));
     localStorage.setItem('window', String(window === globalThis && document.defaultView === window));`,
    { storage },
  );
  assert.equal(storage.local.getItem('found'), '');
  assert.equal(storage.local.getItem('subtle'), 'undefined');
  assert.equal(storage.local.getItem('window'), 'true');
});

test('code from text is refused', async (context) => {
  await assert.rejects(load(context, `${setUp} new Function('return 1')();`), /Code generation/);
});

test('a plugin that does not set up the entry points of its manifest at once is not shown', async (context) => {
  await assert.rejects(load(context, ''), /was not called/);
  await assert.rejects(load(context, setUp.replace('main:', 'other:')), /main.*other/);
  const slow = `require('uxp').entrypoints.setup({
    plugin: { create: () => new Promise((resolve) => setTimeout(resolve, 600)) }, panels: { main: {} } });`;
  await assert.rejects(load(context, slow), /300 ms/);
});

test('an address counts only as the manifest has it, with its scheme and port, and never as numbers', () => {
  const withDomains = (domains: 'all' | readonly string[]) => ({
    ...manifest,
    requiredPermissions: { network: { domains } },
  });
  const local = 'ws://localhost:41730/v1';
  assert.equal(mayReach(manifest, local), true);
  assert.equal(mayReach(manifest, 'ws://localhost:41731/v1'), false);
  assert.equal(mayReach(manifest, 'http://localhost:41730/'), false);
  assert.equal(mayReach(withDomains(['localhost']), local), false);
  assert.equal(mayReach(withDomains(['all']), local), false);
  assert.equal(mayReach(withDomains('all'), local), true);
  assert.equal(mayReach(withDomains('all'), 'ws://127.0.0.1:41730/'), false);
  assert.equal(mayReach(withDomains('all'), 'ws://[::1]:41730/'), false);
});

test('a WebSocket that the manifest does not allow throws; one that nobody answers closes with 1006', async (context) => {
  const storage = newStorage();
  await load(
    context,
    `${setUp}
     try { new WebSocket('ws://localhost:1/'); } catch (error) { localStorage.setItem('thrown', error.message); }
     const socket = new WebSocket('ws://localhost:41730/');
     try { socket.send('x'); } catch { localStorage.setItem('early', 'thrown'); }
     socket.onclose = ({ code }) => localStorage.setItem('closed', String(code));`,
    { storage },
  );
  assert.match(storage.local.getItem('thrown')!, /Permission denied/);
  assert.equal(storage.local.getItem('early'), 'thrown');
  await delay(20);
  assert.equal(storage.local.getItem('closed'), '1006');
});

test('bytes come as a Blob unless an ArrayBuffer is asked for, and both ways are counted', async (context) => {
  const acceptor = new SocketAcceptor({ maxFrameBytes: 1_000 });
  const server = createServer();
  server.on('upgrade', async (request, connection, head) => {
    const socket = await acceptor.accept(request, connection as never, head);
    socket.listen({
      onText: () => {},
      onBinary: (bytes) => void socket.sendBinary(Uint8Array.from(bytes)),
      onPong: () => {},
      onClose: () => {},
    });
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  context.after(() => server.close());
  const network = new Network();
  network.route(41730, (server.address() as AddressInfo).port);
  const storage = newStorage();
  await load(
    context,
    `${setUp}
     const socket = new WebSocket('ws://localhost:41730/');
     const kinds = [];
     socket.onopen = () => socket.send(Uint8Array.of(1, 2, 3));
     socket.onmessage = ({ data }) => {
       kinds.push(data instanceof ArrayBuffer ? new Uint8Array(data).join('') : data.constructor.name);
       localStorage.setItem('kinds', kinds.join());
       if (kinds.length > 1) return;
       socket.binaryType = 'arraybuffer';
       socket.send(Uint8Array.of(4, 5));
     };
     socket.onclose = ({ code }) => localStorage.setItem('closed', String(code));`,
    { storage, network },
  );
  for (let i = 0; i < 200 && storage.local.getItem('kinds') !== 'Blob,45'; i++) await delay(10);
  assert.equal(storage.local.getItem('kinds'), 'Blob,45');
  assert.deepEqual([network.sentBytes, network.receivedBytes, network.connections], [5, 5, 1]);
  network.cut();
  for (let i = 0; i < 200 && storage.local.getItem('closed') === null; i++) await delay(10);
  assert.equal(storage.local.getItem('closed'), '1006');
});

test('secure storage gives bytes back, and outlives the plugin', async (context) => {
  const storage = newStorage();
  const first = await load(context, `${setUp} require('uxp').storage.secureStorage.setItem('a', 'é');`, {
    storage,
  });
  await first.close();
  await load(
    context,
    `${setUp} require('uxp').storage.secureStorage.getItem('a').then((value) =>
       localStorage.setItem('read', (value instanceof Uint8Array) + ' ' + [...value]));`,
    { storage },
  );
  await delay(5);
  assert.equal(storage.local.getItem('read'), 'true 195,169');
});

test('a page is opened in the browser only with the permission to launch', async (context) => {
  const storage = newStorage();
  const open = `${setUp} require('uxp').shell.openExternal('https://example.org/').then(
    () => localStorage.setItem('opened', 'yes'), (error) => localStorage.setItem('opened', error.message));`;
  await load(context, open, { storage });
  await delay(5);
  assert.match(storage.local.getItem('opened')!, /denied/);
  const launchProcess = { schemes: ['https'] };
  const plugin = await load(context, open, { storage, changes: { requiredPermissions: { launchProcess } } });
  await delay(5);
  assert.equal(storage.local.getItem('opened'), 'yes');
  assert.deepEqual(plugin.openedPages, ['https://example.org/']);
});

test('a dropdown knows its choice by number, and only among the items that it has by then', async (context) => {
  const storage = newStorage();
  await load(
    context,
    `${setUp}
     const dropdown = document.createElement('sp-dropdown');
     dropdown.selectedIndex = 1;
     const early = dropdown.selectedIndex;
     dropdown.innerHTML = '<sp-menu slot="options"><sp-menu-item>a</sp-menu-item><sp-menu-item>b</sp-menu-item></sp-menu>';
     dropdown.selectedIndex = 1;
     localStorage.setItem('dropdown', [early, dropdown.selectedIndex, dropdown.value].join());
     const slider = document.createElement('sp-slider');
     slider.max = 10;
     slider.value = 50;
     localStorage.setItem('slider', String(slider.value));`,
    { storage },
  );
  assert.equal(storage.local.getItem('dropdown'), '-1,1,');
  assert.equal(storage.local.getItem('slider'), '10');
});
