/** A real server on a home of its own, and ways to talk to it: the plugins' client, a plain WebSocket, a bare socket. */

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { TokenStore } from '../../bridge/auth/token-store.ts';
import { shippedStylesFolder } from '../../bridge/cli/package-root.ts';
import { type Home, openHome } from '../../bridge/home.ts';
import { decodeFrame, encodeFrame, type Frame } from '../../bridge/protocol/frame.ts';
import { PROTOCOL_VERSION } from '../../bridge/protocol/messages.ts';
import type { ServerMessage, ServerMessageType } from '../../bridge/protocol/server-message.ts';
import { type RunningBridge, type ServerOptions, startServer } from '../../bridge/server.ts';
import { ClientWebSocket } from '../../bridge/websocket.ts';
import type { ModelInfo } from '../../engine/api.ts';
import { type ClientOptions, InlayClient } from '../../plugins/shared/client/client.ts';
import { type Script, ScriptedEngine } from './scripted-engine.ts';

export async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'inlay-test-'));
  context.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

export interface Bridge {
  readonly home: Home;
  readonly engine: ScriptedEngine;
  readonly server: RunningBridge;
  readonly token: string;
  readonly clientId: string;
  /** A token of one more client. */
  addClient(name: string): Promise<{ readonly token: string; readonly clientId: string }>;
  /** A client that is closed with the test. */
  client(options?: Partial<ClientOptions>): InlayClient;
  /** A WebSocket that has said `hello` and been welcomed. */
  welcomed(token?: string): Promise<RawClient>;
  open(): Promise<RawClient>;
}

export interface BridgeOptions extends Partial<Omit<ServerOptions, 'engine' | 'home'>> {
  readonly script?: Script;
  readonly models?: readonly ModelInfo[];
  readonly home?: Home;
}

export async function startBridge(context: TestContext, options: BridgeOptions = {}): Promise<Bridge> {
  const { script, models, home = await openHome(await temporaryFolder(context)), ...rest } = options;
  const engine = new ScriptedEngine(script, models);
  const server = await startServer({
    version: '1.2.3',
    ports: [0],
    shippedStylesFolder,
    ...rest,
    home,
    engine,
  });
  context.after(() => server.close());
  const addClient = async (name: string) => {
    const { client, token } = await (await TokenStore.open(home.tokensFile)).add(name);
    return { token, clientId: client.id };
  };
  const { token, clientId } = await addClient('test');
  const open = async () => {
    const raw = await RawClient.open(server.port);
    context.after(() => raw.socket.terminate());
    return raw;
  };
  return {
    home,
    engine,
    server,
    token,
    clientId,
    addClient,
    open,
    client: (clientOptions = {}) => {
      const client = new InlayClient({
        WebSocket: ClientWebSocket,
        client: 'tests',
        editor: 'other',
        token,
        ports: [server.port],
        backOffDelaysMs: [20],
        ...clientOptions,
      });
      context.after(() => client.close());
      return client;
    },
    welcomed: async (ownToken = token) => {
      const raw = await open();
      raw.send({
        type: 'hello',
        protocol: PROTOCOL_VERSION,
        client: 'tests',
        editor: 'other',
        token: ownToken,
      });
      await raw.next('welcome');
      return raw;
    },
  };
}

type WebSocket = InstanceType<typeof ClientWebSocket>;

/** A WebSocket that says whatever a test wants, and keeps what it hears. */
export class RawClient {
  readonly socket: WebSocket;
  readonly messages: ServerMessage[] = [];
  readonly frames: Frame[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #wake: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.frames.push(decodeFrame(data));
      else this.messages.push(JSON.parse(data.toString()) as ServerMessage);
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#wake();
      });
    });
  }

  static async open(port: number): Promise<RawClient> {
    const raw = new RawClient(new ClientWebSocket(`ws://localhost:${port}/v1`));
    await once(raw.socket, 'open');
    return raw;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  chunk(
    jobId: string,
    imageId: string,
    { seq, last, bytes }: { readonly seq: number; readonly last: boolean; readonly bytes: Uint8Array },
  ): void {
    this.socket.send(encodeFrame({ kind: 'chunk', jobId, imageId, seq, last }, bytes));
  }

  /** Waits for the next message of this type and drops all before it. */
  async next<Type extends ServerMessageType>(type: Type): Promise<Extract<ServerMessage, { type: Type }>> {
    for (;;) {
      const index = this.messages.findIndex((message) => message.type === type);
      if (index >= 0) {
        const [message] = this.messages.splice(0, index + 1).slice(-1);
        return message as Extract<ServerMessage, { type: Type }>;
      }
      if (this.socket.readyState === ClientWebSocket.CLOSED) {
        throw new Error(`The socket closed before a "${type}".`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Sends text over a bare TCP connection and returns all that comes back until the server hangs up. */
export async function exchange(port: number, request: string, host = '127.0.0.1'): Promise<string> {
  const socket = net.connect(port, host);
  socket.on('error', () => {});
  let answer = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    answer += text;
    // An accepted upgrade stays open: what the test asks is answered.
    if (answer.startsWith('HTTP/1.1 101')) socket.destroy();
  });
  socket.write(request);
  await once(socket, 'close');
  return answer;
}

export function gray(width: number, height: number, value = 0): Uint8Array {
  return new Uint8Array(width * height).fill(value);
}

/** A fill of 4 × 3 pixels whose images are `a` (source) and `b` (mask), 12 bytes each. */
export function smallFill(jobId: string, request: Record<string, unknown> = {}): Record<string, unknown> {
  const image = { format: 'gray8', width: 4, height: 3, byteLength: 12 };
  return {
    type: 'submit',
    jobId,
    request: { operation: 'fill', ...request },
    images: [
      { imageId: 'a', role: 'source', ...image },
      { imageId: 'b', role: 'mask', ...image },
    ],
  };
}

/** Submits a small fill and uploads both images whole. */
export async function submitWhole(
  raw: RawClient,
  jobId: string,
  request: Record<string, unknown> = {},
): Promise<void> {
  raw.send(smallFill(jobId, request));
  await raw.next('accepted');
  for (const imageId of ['a', 'b']) raw.chunk(jobId, imageId, { seq: 0, last: true, bytes: gray(4, 3, 7) });
}
