/** Loopback only: the same port on 127.0.0.1 and on ::1, the first one that is free on both. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BridgeError } from './errors.ts';

export interface Listening {
  readonly port: number;
  /** False where the machine has no IPv6. */
  readonly hasIPv6: boolean;
  readonly servers: readonly Server[];
}

/** Codes that mean that there is no such address family here. */
const noIPv6Codes: ReadonlySet<string | undefined> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);
/** For port 0: how often a port that is free on IPv4 may turn out to be taken on IPv6. */
const maxFreePortTries = 20;

/** `ports` are tried in order; 0 is any free one. Throws `port-taken` when none is free. */
export async function listen(createServer: () => Server, ports: readonly number[]): Promise<Listening> {
  for (const port of ports) {
    const tries = port === 0 ? maxFreePortTries : 1;
    for (let count = 0; count < tries; count++) {
      const listening = await listenOn(createServer, port);
      if (listening !== undefined) return listening;
    }
  }
  const what = ports.length === 1 ? `port ${ports[0]} is` : `the ports ${ports.join(', ')} are`;
  throw new BridgeError('port-taken', `Cannot listen on localhost: ${what} used by another program.`);
}

/** Nothing when the port is taken. */
async function listenOn(createServer: () => Server, wantedPort: number): Promise<Listening | undefined> {
  const ipv4 = createServer();
  try {
    await bind(ipv4, '127.0.0.1', wantedPort);
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') return undefined;
    throw cannotListen(wantedPort, error);
  }
  const { port } = ipv4.address() as AddressInfo;
  const ipv6 = createServer();
  try {
    await bind(ipv6, '::1', port);
    return { port, hasIPv6: true, servers: [ipv4, ipv6] };
  } catch (error) {
    if (noIPv6Codes.has(codeOf(error))) return { port, hasIPv6: false, servers: [ipv4] };
    await new Promise((resolve) => ipv4.close(resolve));
    if (codeOf(error) === 'EADDRINUSE') return undefined;
    throw cannotListen(wantedPort, error);
  }
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function cannotListen(port: number, cause: unknown): BridgeError {
  return new BridgeError(
    'port-taken',
    `Cannot listen on port ${port} of localhost: ${(cause as Error).message}`,
    {
      cause,
    },
  );
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
