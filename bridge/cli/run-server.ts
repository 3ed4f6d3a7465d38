/** `inlay serve`: the engine and the server in one life, and what the person at the terminal sees of it. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { TokenStore } from '../auth/token-store.ts';
import type { Config, ConfigFlags } from '../config.ts';
import type { EngineHost } from '../engine-host.ts';
import { BridgeError } from '../errors.ts';
import { findRunningServer, type Home, openHome } from '../home.ts';
import { type Log, openLog } from '../log.ts';
import { type RunningBridge, startServer } from '../server.ts';
import { readSettings, startEngine } from './engine-start.ts';
import { interruptible } from './interruption.ts';
import { pageFolder, shippedStylesFolder, version } from './package-root.ts';
import { formatPairingCode } from './pairing-code.ts';
import { openSpool } from './spool-folder.ts';
import type { Terminal } from './terminal.ts';

/** A job that does not stop by then loses its engine, so that all is over within two seconds. */
const shutdownGraceMs = 1_200;
/** How often is looked whether someone was paired. */
const pairingCheckMs = 500;

const millisecondsPerMinute = 60_000;

export interface ServeFlags extends ConfigFlags {
  /** Minutes. */
  readonly idleUnload?: number;
}

/** Runs until a signal ends it. */
export async function runServer(flags: ServeFlags, terminal: Terminal): Promise<void> {
  const { idleUnload, ...configFlags } = flags;
  const settings = await readSettings(configFlags);
  const config: Config =
    idleUnload === undefined ? settings : { ...settings, idleUnloadMs: idleUnload * millisecondsPerMinute };
  const home = await openFreeHome(config.homeFolder);
  const log = openLog(home.logFile, { level: config.logLevel });
  await interruptible(async (signal) => {
    const spool = await openSpool(home.spoolFolder);
    try {
      const onLog = (line: string) => log.warn({ line }, 'engine');
      const engine = await startEngine(config, { home, spoolFolder: spool.folder, signal, onLog });
      try {
        const { ports } = config;
        const options = { home, engine, version, ports, log, pageFolder, shippedStylesFolder };
        const server = await startServer(options);
        try {
          engine.onNotice((message) => terminal.note(message));
          terminal.print(welcome(server, engine));
          await attend(server, await TokenStore.open(home.tokensFile), { terminal, signal, log });
        } finally {
          await shutDown(server, engine);
        }
      } finally {
        await engine.close();
      }
    } finally {
      await spool.remove();
    }
    terminal.print('Inlay has stopped.');
  });
}

/** Says at once that there is a server already; `startServer` makes sure of it. Throws `already-running`. */
async function openFreeHome(folder: string): Promise<Home> {
  const home = await openHome(folder);
  const running = await findRunningServer(home);
  if (running === undefined) return home;
  const { port, pid } = running;
  throw new BridgeError(
    'already-running',
    `Inlay already runs on this home folder at http://localhost:${port} (process ${pid}, home ${folder}).`,
  );
}

function welcome({ pageUrl, notes }: RunningBridge, { device: { device, reason } }: EngineHost): string {
  return [
    `Inlay ${version} is ready.`,
    `  Address  ${pageUrl}`,
    `  Device   ${device}: ${reason}`,
    ...notes.map((note) => `  Note     ${note}`),
  ].join('\n');
}

interface AttendOptions {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** Shows codes and says who was paired, until the signal aborts. */
async function attend(server: RunningBridge, tokens: TokenStore, options: AttendOptions): Promise<void> {
  const { terminal, signal, log } = options;
  const isInteractive = process.stdin.isTTY;
  const again = isInteractive
    ? 'Press Enter for a new code, Ctrl-C to stop.'
    : 'Run `inlay pair` for a new code.';
  let expiry: NodeJS.Timeout | undefined;
  const showCode = () => {
    clearTimeout(expiry);
    const pairing = server.openPairing();
    terminal.print(`\n${formatPairingCode(pairing, { large: process.stdout.isTTY })}\n${again}`);
    expiry = setTimeout(() => terminal.print(`The code has expired. ${again}`), pairing.expiresInMs);
  };
  // Before anyone can pair: who is paired a moment later is new.
  let known = new Set((await tokens.list()).map(({ id }) => id));
  showCode();
  const input = isInteractive ? createInterface({ input: process.stdin }) : undefined;
  input?.on('line', showCode);

  const check = setInterval(() => {
    tokens.list().then(
      (clients) => {
        for (const { id, name } of clients) {
          if (known.has(id)) continue;
          // The page's key leaves the code as it is.
          if (!server.isPairingOpen()) clearTimeout(expiry);
          terminal.print(`Paired with ${name}.`);
        }
        known = new Set(clients.map(({ id }) => id));
      },
      (error: unknown) => log.error({ err: error }, 'the list of clients cannot be read'),
    );
  }, pairingCheckMs);
  try {
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    clearTimeout(expiry);
    clearInterval(check);
    input?.close();
  }
}

/** Cancels the running job and tells the clients; an engine that does not stop in time is ended under it. */
async function shutDown(server: RunningBridge, engine: EngineHost): Promise<void> {
  const timer = setTimeout(() => void engine.close(), shutdownGraceMs);
  await server.close();
  clearTimeout(timer);
}
