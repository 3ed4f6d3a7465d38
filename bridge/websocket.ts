/** The one place that knows which WebSocket library this is: `ws`. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { CloseCode } from './protocol/close-codes.ts';

/** A client's constructor in the form of the browsers' WebSocket, for the command line and for tests on Node 20. */
export const ClientWebSocket = WebSocket;

export interface SocketEvents {
  readonly onText: (text: string) => void;
  /** The bytes are there during the call only: what is to be kept has to be copied. */
  readonly onBinary: (bytes: Uint8Array) => void;
  readonly onPong: () => void;
  /** Once, whichever side closed it. */
  readonly onClose: () => void;
}

/** The server's end of one WebSocket. Sending on a closed one is not an error: nobody is there to hear it. */
export interface ServerSocket {
  readonly bufferedBytes: number;
  listen(events: SocketEvents): void;
  sendText(text: string): void;
  /** Resolves once the bytes have left this process, or the socket is closed. The bytes must not change before. */
  sendBinary(bytes: Uint8Array): Promise<void>;
  ping(): void;
  close(code: CloseCode, reason: string): void;
  /** Cuts the connection without a closing handshake. */
  terminate(): void;
}

/** How long a peer may take to answer the closing handshake. */
const closeTimeoutMs = 1_000;

/** Turns upgrade requests that were already found to be allowed into sockets. */
export class SocketAcceptor {
  readonly #server: WebSocketServer;

  constructor({ maxFrameBytes }: { readonly maxFrameBytes: number }) {
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: maxFrameBytes,
      skipUTF8Validation: false,
    });
  }

  /** Answers a request that is no valid WebSocket handshake itself, with 400 and the like. */
  accept(request: IncomingMessage, connection: Duplex, head: Buffer): Promise<ServerSocket> {
    return new Promise((resolve) => {
      this.#server.handleUpgrade(request, connection, head, (socket) => resolve(wrap(socket)));
    });
  }
}

const closedPort = new MessageChannel().port1;
closedPort.close();

/**
 * Gives a message's memory back now. Left to the garbage collector, the messages of an upload set off a full collection
 * for every 64 MB (measured: a quarter of the time of an upload). Whoever posts a buffer gives it up, and what is posted
 * to a closed port is dropped; Node 20 has no `ArrayBuffer.prototype.transfer`, which would do the same.
 */
function freeMemory(bytes: Buffer): void {
  const { buffer } = bytes;
  // A small message is a view of memory that others are in as well.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength) {
    closedPort.postMessage(undefined, [buffer]);
  }
}

function wrap(socket: WebSocket): ServerSocket {
  return {
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    listen({ onText, onBinary, onPong, onClose }) {
      socket.on('message', (data, isBinary) => {
        // `nodebuffer` is the library's default: a message is one Buffer.
        const bytes = data as Buffer;
        if (isBinary) {
          onBinary(bytes);
          freeMemory(bytes);
        } else onText(bytes.toString('utf8'));
      });
      socket.on('pong', onPong);
      socket.on('close', onClose);
      // The library closes the socket with the right code itself (1002, 1007, 1009); `close` follows.
      socket.on('error', () => {});
    },
    sendText(text) {
      socket.send(text, () => {});
    },
    sendBinary(bytes) {
      return new Promise((resolve) => {
        socket.send(bytes, { binary: true }, () => resolve());
      });
    },
    ping() {
      if (socket.readyState === WebSocket.OPEN) socket.ping();
    },
    close(code, reason) {
      socket.close(code, reason);
      const timer = setTimeout(() => socket.terminate(), closeTimeoutMs);
      socket.once('close', () => clearTimeout(timer));
    },
    terminate() {
      socket.terminate();
    },
  };
}
