/** UXP's WebSocket, on a real one. */
import type { ClientWebSocket } from '../../../../bridge/websocket.ts';
import { type Manifest, mayReach } from './manifest.ts';
import type { Network } from './network.ts';

type Listener = (event: Readonly<Record<string, unknown>>) => void;
type EventName = 'open' | 'message' | 'close' | 'error';

export interface UxpWebSocketConstructor {
  new (url: string, protocols?: string | readonly string[]): object;
}

/** Throws at once for an address that the manifest does not name; nobody there is an `error` and a close of 1006. */
export function webSocketFor(manifest: Manifest, network: Network): UxpWebSocketConstructor {
  return class WebSocket {
    static readonly CONNECTING = 0;
    static readonly OPEN = 1;
    static readonly CLOSING = 2;
    static readonly CLOSED = 3;
    readonly url: string;
    readonly extensions = '';
    readonly protocol = '';
    binaryType = 'blob';
    onopen: Listener | null = null;
    onmessage: Listener | null = null;
    onclose: Listener | null = null;
    onerror: Listener | null = null;
    readonly #listeners = new Map<string, Set<Listener>>();
    readonly #socket: InstanceType<typeof ClientWebSocket> | undefined;
    #isRefused = false;

    constructor(url: string) {
      this.url = url;
      if (!mayReach(manifest, url)) {
        throw new Error(`Permission denied to the url ${url}. Manifest entry not found.`);
      }
      const socket = network.connect(url);
      this.#socket = socket;
      if (socket === undefined) {
        setTimeout(() => this.#refuse());
        return;
      }
      socket.on('open', () => this.#emit('open', {}));
      socket.on('message', (data: Buffer, isBinary) => {
        network.receivedBytes += data.length;
        if (!isBinary) {
          const text = data.toString('utf8');
          network.receivedTexts.push(text);
          return this.#emit('message', { data: text });
        }
        const bytes = Uint8Array.from(data);
        this.#emit('message', { data: this.binaryType === 'arraybuffer' ? bytes.buffer : new Blob([bytes]) });
      });
      // Which error it was, UXP does not say.
      socket.on('error', () => this.#emit('error', {}));
      socket.on('close', (code, reason) => {
        this.#emit('close', { code, reason: reason.toString(), wasClean: code !== 1006 });
      });
    }

    get readyState(): number {
      if (this.#socket === undefined) return this.#isRefused ? 3 : 0;
      return this.#socket.readyState;
    }

    get bufferedAmount(): number {
      return this.#socket?.bufferedAmount ?? 0;
    }

    send(data: string | ArrayBuffer | ArrayBufferView): void {
      if (this.readyState === 0) throw new Error('InvalidStateError: the WebSocket is still connecting.');
      if (this.#socket?.readyState !== 1) return;
      network.sentBytes += typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength;
      this.#socket.send(data);
    }

    close(code?: number, reason?: string): void {
      this.#socket?.close(code, reason);
    }

    addEventListener(event: string, listener: Listener): void {
      const listeners = this.#listeners.get(event) ?? new Set();
      this.#listeners.set(event, listeners.add(listener));
    }

    removeEventListener(event: string, listener: Listener): void {
      this.#listeners.get(event)?.delete(listener);
    }

    #refuse(): void {
      this.#isRefused = true;
      this.#emit('error', {});
      this.#emit('close', { code: 1006, reason: '', wasClean: false });
    }

    #emit(type: EventName, fields: Readonly<Record<string, unknown>>): void {
      const event = { type, target: this, ...fields };
      this[`on${type}`]?.(event);
      for (const listener of [...(this.#listeners.get(type) ?? [])]) listener(event);
    }
  };
}
