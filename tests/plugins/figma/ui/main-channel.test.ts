import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MainMessage, SelectionReport, UiMessage } from '../../../../plugins/figma/protocol/messages.ts';
import { figmaStorage } from '../../../../plugins/figma/ui/figma-storage.ts';
import { MainChannel } from '../../../../plugins/figma/ui/main-channel.ts';
import { networkObstacle } from '../../../../plugins/figma/ui/network-permission.ts';
import { ClientError } from '../../../../plugins/shared/client/client-error.ts';

/** The channel with what it posts, and a way to say something to it. */
function open() {
  const posted: UiMessage[] = [];
  const parent = {
    postMessage: (message: unknown) => posted.push((message as { pluginMessage: UiMessage }).pluginMessage),
  };
  let hear: (event: { source: unknown; data: unknown }) => void = () => {};
  const reports: SelectionReport[] = [];
  const channel = new MainChannel(
    {
      parent,
      addEventListener: (_type, listener) => {
        hear = listener;
      },
    },
    (report) => reports.push(report),
  );
  const say = (pluginMessage: MainMessage, source: unknown = parent) =>
    hear({ source, data: { pluginMessage } });
  return {
    channel,
    posted,
    reports,
    say,
    hear: (event: { source: unknown; data: unknown }) => hear(event),
    parent,
  };
}

test('each question gets its own answer, in whatever order they come', async () => {
  const { channel, posted, say } = open();
  const first = channel.ask('take-image', { imageId: 1 });
  const second = channel.ask('take-image', { imageId: 2 });
  say({ type: 'reply', requestId: posted[1]!.requestId, answer: new Uint8Array([2]) });
  say({ type: 'reply', requestId: posted[0]!.requestId, answer: new Uint8Array([1]) });
  assert.deepEqual(await Promise.all([first, second]), [new Uint8Array([1]), new Uint8Array([2])]);
  assert.deepEqual(posted[0], { type: 'request', requestId: 1, name: 'take-image', ask: { imageId: 1 } });
});

test('what main refuses comes back as a ClientError', async () => {
  const { channel, say } = open();
  const asked = channel.ask('refresh', {});
  say({ type: 'refused', requestId: 1, failure: { code: 'not-possible', message: 'No.', hint: 'Do.' } });
  await assert.rejects(asked, (error) => {
    assert.ok(error instanceof ClientError);
    assert.deepEqual([error.code, error.message, error.hint], ['not-possible', 'No.', 'Do.']);
    return true;
  });
});

test('nobody but the parent is listened to, and nothing that is not for the plugin', async () => {
  const { channel, reports, say, hear, parent } = open();
  const report: SelectionReport = { target: { offers: {} }, subjects: {} };
  const asked = channel.ask('refresh', {});
  say({ type: 'reply', requestId: 1, answer: 'forged' }, {});
  say({ type: 'selection', report }, null);
  hear({ source: parent, data: null });
  hear({ source: parent, data: 'text' });
  say({ type: 'reply', requestId: 99, answer: 'to no question' });
  assert.deepEqual(reports, []);
  say({ type: 'selection', report });
  say({ type: 'reply', requestId: 1, answer: undefined });
  assert.equal(await asked, undefined);
  assert.deepEqual(reports, [report]);
});

test('storage asks main', async () => {
  const { channel, posted, say } = open();
  const storage = figmaStorage(channel);
  const got = storage.get('key');
  const set = storage.set('key', 'value');
  const removed = storage.remove('key');
  say({ type: 'reply', requestId: 1, answer: 'kept' });
  say({ type: 'reply', requestId: 2, answer: undefined });
  say({ type: 'reply', requestId: 3, answer: undefined });
  assert.deepEqual(await Promise.all([got, set, removed]), ['kept', undefined, undefined]);
  assert.deepEqual(
    posted.map(({ name, ask }) => [name, ask]),
    [
      ['storage-get', { key: 'key' }],
      ['storage-set', { key: 'key', value: 'value' }],
      ['storage-remove', { key: 'key' }],
    ],
  );
});

test("the network is blocked where the browser says so; in Figma's own app it is not asked", async () => {
  const answering = (states: Readonly<Record<string, string>>) => ({
    query: async ({ name }: { name: string }) => {
      const state = states[name];
      if (state === undefined) throw new TypeError('unknown permission');
      return { state };
    },
  });
  const chrome = 'Mozilla/5.0 Chrome/156.0';
  const ask = (states: Readonly<Record<string, string>>, userAgent = chrome) =>
    networkObstacle({ permissions: answering(states), userAgent });
  assert.equal(await ask({ 'loopback-network': 'denied' }), 'blocked');
  assert.equal(await ask({ 'loopback-network': 'prompt' }), undefined);
  assert.equal(await ask({ 'loopback-network': 'granted', 'local-network-access': 'denied' }), undefined);
  assert.equal(await ask({ 'local-network-access': 'denied' }), 'blocked');
  assert.equal(await ask({}), undefined);
  assert.equal(await ask({ 'loopback-network': 'denied' }, `${chrome} Figma/126.1 Electron/41.0`), undefined);
  assert.equal(await networkObstacle({ userAgent: chrome }), undefined);
});
