/** The ways from a plugin to the ports of this computer: counted, and cut when a test wants it. */
import { ClientWebSocket } from '../../../../bridge/websocket.ts';

export class Network {
  /** Which real port a plugin finds behind one of those that its manifest names; behind all others is nobody. */
  readonly #routes = new Map<number, number>();
  readonly #open = new Set<InstanceType<typeof ClientWebSocket>>();
  sentBytes = 0;
  receivedBytes = 0;
  /** What came as text, in its order. */
  readonly receivedTexts: string[] = [];
  /** Sockets that were opened, over all. */
  connections = 0;

  route(port: number, realPort: number): void {
    this.#routes.set(port, realPort);
  }

  unroute(port: number): void {
    this.#routes.delete(port);
  }

  /** Every open connection breaks, without a closing handshake. */
  cut(): void {
    for (const socket of [...this.#open]) socket.terminate();
  }

  /** Nothing where nobody listens. */
  connect(address: string): InstanceType<typeof ClientWebSocket> | undefined {
    const url = new URL(address);
    const realPort = this.#routes.get(Number(url.port));
    if (realPort === undefined) return undefined;
    url.port = String(realPort);
    const socket = new ClientWebSocket(url.href, { perMessageDeflate: false });
    this.connections += 1;
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    return socket;
  }
}
