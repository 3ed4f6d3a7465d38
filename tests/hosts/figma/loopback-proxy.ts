/**
 * A proxy between the browser and this computer. The plugin's page speaks to the fixed ports of its manifest, and each of
 * them leads to the server of the test that stands behind it; nothing else is reachable. It counts what goes through, and
 * can be cut like a cable.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export class LoopbackProxy {
  readonly #server: Server;
  readonly #tunnels = new Set<Duplex>();
  /** By the port that the page asks for. */
  readonly routes = new Map<number, number>();
  /** Bytes from the page to the server. */
  sentBytes = 0;

  private constructor() {
    this.#server = createServer((_, response) => response.writeHead(502).end());
    this.#server.on('connect', (request: IncomingMessage, socket: Duplex) =>
      this.#open(request.url ?? '', socket),
    );
  }

  static async start(): Promise<LoopbackProxy> {
    const proxy = new LoopbackProxy();
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Breaks all connections that there are; new ones can be made. */
  cut(): void {
    for (const socket of this.#tunnels) socket.destroy();
  }

  close(): void {
    this.cut();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #open(address: string, socket: Duplex): void {
    const [host, port] = address.split(':');
    const target = host === 'localhost' ? this.routes.get(Number(port)) : undefined;
    if (target === undefined) {
      // As where nothing listens.
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    const upstream: Socket = net.connect(target, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      // The server knows itself by its real port, and refuses every other name.
      socket.once('data', (head: Buffer) => {
        upstream.write(head.toString('latin1').replace(/^(Host: localhost:)\d+/im, `$1${target}`), 'latin1');
        socket.pipe(upstream);
        upstream.pipe(socket);
        socket.on('data', ({ length }: Buffer) => {
          this.sentBytes += length;
        });
      });
    });
    for (const end of [socket, upstream]) {
      this.#tunnels.add(end);
      end.on('error', () => {});
      end.on('close', () => {
        this.#tunnels.delete(end);
        socket.destroy();
        upstream.destroy();
      });
    }
  }
}
