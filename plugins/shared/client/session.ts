/** One socket to one server: opened, greeted, and handed over when the server has said `welcome` or `paired`. */
import { decodeFrame, type Frame } from '../../../bridge/protocol/frame.ts';
import {
  type Capabilities,
  type ClientMessage,
  type Editor,
  type Failure,
  PROTOCOL_VERSION,
} from '../../../bridge/protocol/messages.ts';
import type { ServerMessage } from '../../../bridge/protocol/server-message.ts';
import type { Socket, SocketConstructor } from './socket.ts';
import { after } from './timers.ts';

/** A little more than the server's own deadline, so that its reason is heard. */
const handshakeTimeoutMs = 6_000;

export interface Identity {
  /** The client's name and version, for the server's log. */
  readonly client: string;
  readonly editor: Editor;
  readonly token?: string;
}

/** What to pair with, where that is wanted: the code, and the name this client is listed under. */
export interface PairRequest {
  readonly code: string;
  readonly name: string;
}

export interface SessionEvents {
  readonly onMessage: (message: ServerMessage) => void;
  readonly onFrame: (frame: Frame) => void;
  readonly onClose: () => void;
}

export type Greeting =
  | {
      readonly kind: 'ready';
      readonly session: Session;
      readonly capabilities: Capabilities;
      readonly token?: string;
    }
  | { readonly kind: 'unpaired' }
  /** The server is Inlay and says why not. */
  | { readonly kind: 'refused'; readonly failure: Failure }
  /** Nobody there, or not Inlay, or the browser does not allow it. `isForbidden`: the host lets no socket be opened at all. */
  | { readonly kind: 'unreachable'; readonly isForbidden?: true };

export class Session {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  send(message: ClientMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  sendFrame(frame: Uint8Array<ArrayBuffer>): void {
    this.#socket.send(frame);
  }

  /** From now on everything goes to `events`. */
  listen({ onMessage, onFrame, onClose }: SessionEvents): void {
    const socket = this.#socket;
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') onMessage(JSON.parse(data) as ServerMessage);
      else onFrame(decodeFrame(new Uint8Array(data as ArrayBuffer)));
    };
    socket.onclose = () => onClose();
  }

  close(): void {
    this.#socket.close(1000);
  }
}

export interface GreetOptions {
  readonly WebSocket: SocketConstructor;
  readonly identity: Identity;
  readonly pair?: PairRequest;
}

/** Opens a socket and goes through the handshake. Never rejects. */
export function greet(url: string, { WebSocket, identity, pair }: GreetOptions): Promise<Greeting> {
  return new Promise((resolve) => {
    let socket: Socket;
    try {
      socket = new WebSocket(url);
    } catch {
      resolve({ kind: 'unreachable', isForbidden: true });
      return;
    }
    const session = new Session(socket);
    let isSettled = false;
    const settle = (greeting: Greeting) => {
      if (isSettled) return;
      isSettled = true;
      cancelTimeout();
      resolve(greeting);
      if (greeting.kind !== 'ready') socket.close();
    };
    const cancelTimeout = after(handshakeTimeoutMs, () => settle({ kind: 'unreachable' }));
    socket.binaryType = 'arraybuffer';
    socket.onerror = () => settle({ kind: 'unreachable' });
    socket.onclose = () => settle({ kind: 'unreachable' });
    socket.onopen = () => session.send({ type: 'hello', protocol: PROTOCOL_VERSION, ...identity });
    socket.onmessage = ({ data }) => {
      if (isSettled) return;
      const message = parseMessage(data);
      switch (message?.type) {
        case 'welcome':
          return settle({ kind: 'ready', session, capabilities: message.capabilities });
        case 'paired':
          return settle({ kind: 'ready', session, capabilities: message.capabilities, token: message.token });
        case 'unpaired':
          if (pair === undefined) return settle({ kind: 'unpaired' });
          return session.send({ type: 'pair', ...pair });
        case 'error':
          return settle({ kind: 'refused', failure: message });
        default:
          return settle({ kind: 'unreachable' });
      }
    };
  });
}

/** Nothing for what no Inlay says: some other program uses the port. */
function parseMessage(data: unknown): ServerMessage | undefined {
  try {
    return JSON.parse(data as string) as ServerMessage;
  } catch {
    return undefined;
  }
}
