/** The host process's server: puts the engine, the jobs, the clients and the sockets together, and takes them down. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type OpenPairing, Pairing, type PairingOptions } from './auth/pairing.ts';
import { checkRequest } from './auth/request-guard.ts';
import { TokenStore } from './auth/token-store.ts';
import { Connection } from './connection/connection.ts';
import { localClientId, Reception } from './connection/reception.ts';
import { claimHome, type Home } from './home.ts';
import { createApp, guardedHeaders } from './http/app.ts';
import { CapabilityList } from './jobs/capabilities.ts';
import type { EnginePort } from './jobs/engine-port.ts';
import { JobDesk } from './jobs/job-desk.ts';
import { styleFolders } from './jobs/style-list.ts';
import { listen } from './listen.ts';
import { type Log, silentLog } from './log.ts';
import { type CloseCode, closeCodes } from './protocol/close-codes.ts';
import { defaultLimits, type ServerLimits } from './protocol/limits.ts';
import { defaultPorts, socketPath } from './protocol/ports.ts';
import { SocketAcceptor } from './websocket.ts';

/** How soon a token that another process revoked is noticed while its client says nothing. */
const revocationCheckMs = 1_000;

export interface ServerOptions {
  readonly home: Home;
  readonly engine: EnginePort;
  readonly version: string;
  /** Tried in order; 0 is any free one. */
  readonly ports?: readonly number[];
  readonly log?: Log;
  readonly limits?: Partial<ServerLimits>;
  readonly pairing?: PairingOptions;
  /** Where the page was built to. */
  readonly pageFolder?: string;
  /** Styles beside those of the home, which come with Inlay. */
  readonly shippedStylesFolder?: string;
}

export interface RunningBridge {
  readonly port: number;
  /**
   * The page's address with the key that pairs it, for the person who started the server and for nobody else. The key is
   * behind the `#`: a browser never sends that part.
   */
  readonly pageUrl: string;
  /** What the user should know about how it started, e.g. that there is no IPv6. */
  readonly notes: readonly string[];
  readonly instance: string;
  /** Opens pairing with a new code to show. */
  openPairing(): OpenPairing;
  /** Whether that code can still be used. */
  isPairingOpen(): boolean;
  /** Cancels the running job, closes every socket with 1001, and gives the home back. The engine stays its owner's. */
  close(): Promise<void>;
}

/** Throws `already-running`, `port-taken`, or `damaged-file`; nothing is left open then. */
export async function startServer(options: ServerOptions): Promise<RunningBridge> {
  const { home, engine, version, ports = defaultPorts, log = silentLog(), pageFolder } = options;
  const { shippedStylesFolder } = options;
  const limits: ServerLimits = { ...defaultLimits, ...options.limits };
  const instance = randomUUID();
  const tokens = await TokenStore.open(home.tokensFile);
  const capabilities = await CapabilityList.load(engine, {
    version,
    limits,
    styleFolders: styleFolders(home.stylesFolder, shippedStylesFolder),
  });
  const pairing = new Pairing(options.pairing);
  const controlToken = Reception.newControlToken();
  const desk = new JobDesk({ engine, capabilities, limits, log });
  const reception = new Reception({ desk, capabilities, tokens, pairing, log, controlToken });
  const connections = new Set<Connection>();
  const acceptor = new SocketAcceptor(limits);

  let port = 0;
  const app = createApp({
    port: () => port,
    instance,
    capabilities: () => capabilities.current(),
    pageFolder,
    log,
  });
  const listening = await listen(() => {
    const server = createServer({
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs),
    });
    server.maxConnections = limits.maxConnections;
    server.on('request', app);
    server.on('upgrade', (request, connection, head) => void onUpgrade(request, connection, head));
    return server;
  }, ports).catch(async (error: unknown) => {
    await desk.close();
    throw error;
  });
  ({ port } = listening);
  const releaseHome = await claimHome(home, { port, instance, controlToken }).catch(
    async (error: unknown) => {
      await Promise.all([closeServers(listening.servers), desk.close()]);
      throw error;
    },
  );

  engine.onNotice((message) => {
    log.warn({ reason: message }, 'engine notice');
    for (const connection of connections) if (connection.clientId !== undefined) connection.notify(message);
  });

  async function onUpgrade(request: IncomingMessage, connection: Duplex, head: Buffer): Promise<void> {
    // A peer that hangs up during the handshake is no error of ours.
    connection.on('error', () => connection.destroy());
    const refuse = (status: string, reason: string) => {
      log.warn({ reason, origin: request.headers.origin }, 'socket refused');
      connection.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    };
    const verdict = checkRequest(guardedHeaders(request), port);
    if (!verdict.allowed) return refuse('403 Forbidden', verdict.reason);
    if (request.url !== socketPath) return refuse('404 Not Found', 'no such path');
    const unauthenticated = [...connections].filter(({ clientId }) => clientId === undefined).length;
    if (unauthenticated >= limits.maxUnauthenticatedSockets) {
      return refuse('503 Service Unavailable', 'too many sockets without a token');
    }
    const socket = await acceptor.accept(request, connection, head);
    const onClose = (closed: Connection) => {
      connections.delete(closed);
      desk.detach(closed);
    };
    connections.add(new Connection(socket, { reception, limits, onClose }));
  }

  function closeAll(code: CloseCode, reason: string): void {
    for (const connection of connections) connection.close(code, reason);
  }

  const revocationCheck = setInterval(() => {
    tokens.refresh().then(
      () => {
        for (const connection of connections) {
          const { clientId } = connection;
          if (clientId === undefined || clientId === localClientId || tokens.has(clientId)) continue;
          log.info({ clientId }, 'client revoked');
          desk.removeClient(clientId);
          connection.close(closeCodes.revoked, 'this client was revoked');
        }
      },
      (error: unknown) => log.error({ err: error }, 'the list of clients cannot be read'),
    );
  }, revocationCheckMs);

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    clearInterval(revocationCheck);
    pairing.close();
    const closed = closeServers(listening.servers);
    await desk.close();
    closeAll(closeCodes.goingAway, 'Inlay is shutting down');
    await closed;
    await releaseHome();
  }

  log.info({ port, version }, 'server started');
  return {
    port,
    pageUrl: `http://localhost:${port}/#${pairing.key}`,
    notes: listening.hasIPv6 ? [] : ['This computer has no IPv6: listening on 127.0.0.1 only.'],
    instance,
    openPairing: () => pairing.open(),
    isPairingOpen: () => pairing.isOpen,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** Resolves when the last connection of each is gone. */
async function closeServers(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    ),
  );
}
