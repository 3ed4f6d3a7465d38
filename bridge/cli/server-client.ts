/** A connection of the command line to a running server. */
import { EngineError } from '../../engine/errors.ts';
import { InlayClient } from '../../plugins/shared/client/client.ts';
import { ClientError } from '../../plugins/shared/client/client-error.ts';
import { defaultPorts } from '../protocol/ports.ts';
import { ClientWebSocket } from '../websocket.ts';
import { version } from './package-root.ts';

/** A server that went away during a job may be starting again; after this long it is given up. */
const patienceMs = 15_000;

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads `http://localhost:41730`, also without the scheme or with `ws:`. Throws `invalid-option`. */
export function parseServerAddress(text: string): ServerAddress {
  const invalid = () =>
    new EngineError(
      'invalid-option',
      `Expected --server to be an address such as http://localhost:${defaultPorts[0]}, received "${text}".`,
      { hint: '`inlay serve` prints the address when it starts.' },
    );
  const full = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(full)) throw invalid();
  const { protocol, hostname, port } = new URL(full);
  if ((protocol !== 'http:' && protocol !== 'ws:') || hostname === '') throw invalid();
  return { host: hostname, port: port === '' ? 80 : Number(port) };
}

export interface ConnectOptions {
  readonly token: string;
  readonly signal: AbortSignal;
  readonly onNotice?: (text: string) => void;
}

/**
 * Runs `work` with a connected client, and closes it. Throws a `ClientError`: `unreachable` when nobody answers, also in
 * the middle of the work, `unpaired` when the token is not known there.
 */
export async function withClient<Result>(
  { host, port }: ServerAddress,
  { token, signal, onNotice }: ConnectOptions,
  work: (client: InlayClient) => Promise<Result>,
): Promise<Result> {
  const where = `http://${host}:${port}`;
  let giveUpTimer: NodeJS.Timeout | undefined;
  let wasReady = false;
  let isGivenUp = false;
  const giveUp = () => {
    isGivenUp = true;
    client.close();
  };
  const client = new InlayClient({
    WebSocket: ClientWebSocket,
    client: `inlay/${version}`,
    editor: 'cli',
    token,
    host,
    ports: [port],
    ...(onNotice && { onNotice }),
    onStatus: ({ state }) => {
      if (state === 'ready') {
        wasReady = true;
        clearTimeout(giveUpTimer);
        giveUpTimer = undefined;
      } else if (state === 'unreachable') giveUpTimer ??= setTimeout(giveUp, wasReady ? patienceMs : 0);
    },
  });
  const close = () => client.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    signal.throwIfAborted();
    await client.connect();
    signal.removeEventListener('abort', close);
    return await work(client);
  } catch (error) {
    if (isGivenUp) throw unreachable(where);
    if (signal.aborted) throw new EngineError('cancelled', 'The job was cancelled.');
    if (error instanceof ClientError && error.code === 'unpaired') throw unknownToken(where);
    throw error;
  } finally {
    clearTimeout(giveUpTimer);
    signal.removeEventListener('abort', close);
    client.close();
  }
}

function unreachable(where: string): ClientError {
  return new ClientError({
    code: 'unreachable',
    message: `Expected Inlay to answer at ${where}, but it does not.`,
    hint: 'Start it with `inlay serve`, or leave --server out to compute here.',
  });
}

function unknownToken(where: string): ClientError {
  return new ClientError({
    code: 'unauthenticated',
    message: `Expected a token that the server at ${where} knows, received another.`,
    hint: 'Make one with `inlay tokens add NAME` on the home of that server.',
  });
}
