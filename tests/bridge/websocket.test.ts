import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { ClientWebSocket, SocketAcceptor } from '../../bridge/websocket.ts';

test('messages arrive unharmed however they lie in what was read, and their memory is given back', async (context) => {
  const acceptor = new SocketAcceptor({ maxFrameBytes: 2 ** 20 });
  const server = createServer();
  const sizes = [0, 1, 125, 4_096, 8_192, 65_000, 65_536, 2 ** 19, 3, 2 ** 20, 70_000, 2];
  const kept: Uint8Array[] = [];
  const received: boolean[] = [];
  const all = new Promise<void>((resolve) => {
    server.on('upgrade', async (request, connection, head) => {
      const socket = await acceptor.accept(request, connection, head);
      socket.listen({
        onBinary: (bytes) => {
          const index = received.length;
          kept.push(bytes);
          received.push(bytes.length === sizes[index] && bytes.every((byte) => byte === index));
          if (received.length === sizes.length) resolve();
        },
        onText: () => {},
        onPong: () => {},
        onClose: () => {},
      });
    });
  });
  server.listen(0, '127.0.0.1');
  context.after(() => server.close());
  await once(server, 'listening');
  const client = new ClientWebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  context.after(() => client.terminate());
  await once(client, 'open');
  for (const [index, size] of sizes.entries()) client.send(new Uint8Array(size).fill(index));
  await all;
  assert.deepEqual(received, new Array(sizes.length).fill(true));
  client.ping();
  await once(client, 'pong');
  assert.deepEqual([kept[7]?.length, kept[9]?.length], [0, 0]);
});
