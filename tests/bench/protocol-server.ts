/** The receiving process of the protocol's benchmark: the real server, and the two baselines beside it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { TokenStore } from '../../bridge/auth/token-store.ts';
import { openHome } from '../../bridge/home.ts';
import { defaultLimits } from '../../bridge/protocol/limits.ts';
import { startServer } from '../../bridge/server.ts';
import { SocketAcceptor } from '../../bridge/websocket.ts';
import { ScriptedEngine } from '../bridge/scripted-engine.ts';

export interface ReceiverPorts {
  readonly inlay: number;
  readonly tcp: number;
  readonly ws: number;
  readonly token: string;
}

/** What the parent asks: the CPU time used so far, or to end. */
export type ReceiverQuestion = 'cpu' | 'end';

const pictureBytes = Number(process.argv[2]);
const folder = await mkdtemp(path.join(os.tmpdir(), 'inlay-bench-'));
const home = await openHome(folder);
const server = await startServer({
  home,
  engine: new ScriptedEngine(async () => {}),
  version: '0.0.0',
  ports: [0],
});
const { token } = await (await TokenStore.open(home.tokensFile)).add('benchmark');

/** Each picture ends up whole in memory of its own, as the server's do: one copy, and one byte in answer. */
class PictureSink {
  #bytes = Buffer.alloc(0);
  #received = 0;

  take(chunk: Uint8Array): boolean {
    if (this.#received === 0) this.#bytes = Buffer.allocUnsafeSlow(pictureBytes);
    this.#bytes.set(chunk, this.#received);
    this.#received += chunk.length;
    if (this.#received < pictureBytes) return false;
    this.#received = 0;
    return true;
  }
}

const tcpServer = net.createServer((socket) => {
  const sink = new PictureSink();
  socket.on('data', (chunk) => {
    if (sink.take(chunk)) socket.write('.');
  });
  socket.on('error', () => socket.destroy());
});

const acceptor = new SocketAcceptor(defaultLimits);
const wsServer = createHttpServer();
wsServer.on('upgrade', async (request, connection, head) => {
  const socket = await acceptor.accept(request, connection, head);
  const sink = new PictureSink();
  socket.listen({
    onBinary: (bytes) => {
      if (sink.take(bytes)) socket.sendText('.');
    },
    onText: () => {},
    onPong: () => {},
    onClose: () => {},
  });
});

const ports: ReceiverPorts = {
  inlay: server.port,
  tcp: await listen(tcpServer),
  ws: await listen(wsServer),
  token,
};
process.on('message', (question: ReceiverQuestion) => {
  if (question === 'cpu') process.send!(process.cpuUsage());
  else void end();
});
process.send!(ports);

function listen(listener: net.Server): Promise<number> {
  return new Promise((resolve) => {
    listener.listen(0, '127.0.0.1', () => resolve((listener.address() as net.AddressInfo).port));
  });
}

async function end(): Promise<void> {
  await server.close();
  await rm(folder, { recursive: true, force: true });
  // The baselines' servers hold nothing that would have to be put away.
  process.exit();
}
