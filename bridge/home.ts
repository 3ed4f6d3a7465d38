/**
 * Inlay's home folder: tokens, the log, the user's models, the spool, and `server.json`, by which the one server of this
 * home is found. A second server on the same home is refused; the leftover of a killed one is taken over.
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import envPaths from 'env-paths';
import { z } from 'zod';
import { BridgeError } from './errors.ts';

const probeTimeoutMs = 2_000;

export interface Home {
  readonly folder: string;
  readonly modelsFolder: string;
  /** The user's own styles, and lists of words for wildcards. */
  readonly stylesFolder: string;
  readonly wildcardsFolder: string;
  readonly spoolFolder: string;
  readonly logFile: string;
  readonly tokensFile: string;
  readonly serverFile: string;
}

/** Where the home is when nobody says otherwise: the platform's folder for application data. */
export function defaultHomeFolder(): string {
  return envPaths('inlay', { suffix: '' }).data;
}

/** Creates what is missing of the home, for this user alone. */
export async function openHome(folder: string): Promise<Home> {
  const home: Home = {
    folder,
    modelsFolder: path.join(folder, 'models'),
    stylesFolder: path.join(folder, 'styles'),
    wildcardsFolder: path.join(folder, 'wildcards'),
    spoolFolder: path.join(folder, 'spool'),
    logFile: path.join(folder, 'inlay.log'),
    tokensFile: path.join(folder, 'tokens.json'),
    serverFile: path.join(folder, 'server.json'),
  };
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    await mkdir(home.modelsFolder, { recursive: true });
    await mkdir(home.stylesFolder, { recursive: true });
    await mkdir(home.wildcardsFolder, { recursive: true });
    await mkdir(home.spoolFolder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new BridgeError(
      'home-unusable',
      `Cannot use the home folder ${folder}: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
  return home;
}

const serverSchema = z.strictObject({
  pid: z.int().positive(),
  port: z.int().min(1).max(65535),
  instance: z.string().min(1),
  controlToken: z.string().min(1),
});

/** What a running server leaves in `server.json`, which only its own user can read. */
export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  /** Random, and told by `/health`: tells this server from whatever later uses its port. */
  readonly instance: string;
  /** The token of this home's own command line, new with every start. */
  readonly controlToken: string;
}

/** The server that runs on this home, if one does. */
export async function findRunningServer(home: Home): Promise<RunningServer | undefined> {
  const server = parseServer(await readText(home.serverFile));
  return server !== undefined && (await isRunning(server)) ? server : undefined;
}

/**
 * Makes this process the home's one server. Throws `already-running`, naming the other's address. Returns what ends it.
 */
export async function claimHome(
  home: Home,
  { port, instance, controlToken }: Omit<RunningServer, 'pid'>,
): Promise<() => Promise<void>> {
  const text = `${JSON.stringify({ pid: process.pid, port, instance, controlToken })}\n`;
  for (;;) {
    try {
      await writeFile(home.serverFile, text, { flag: 'wx', mode: 0o600 });
      return () => release(home, text);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const found = await readText(home.serverFile);
    const server = parseServer(found);
    if (server !== undefined && (await isRunning(server))) throw alreadyRunning(home, server);
    if (found !== undefined) await removeLeftover(home, found);
  }
}

/** Of two processes that find the same leftover, the rename lets one have it; a fresh file caught by it is put back. */
async function removeLeftover(home: Home, leftover: string): Promise<void> {
  const aside = `${home.serverFile}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(home.serverFile, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if ((await readText(aside)) === leftover) await rm(aside, { force: true });
  else await rename(aside, home.serverFile);
}

async function release(home: Home, ownText: string): Promise<void> {
  if ((await readText(home.serverFile)) === ownText) await rm(home.serverFile, { force: true });
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A file cut short by a crash names no server. */
function parseServer(text: string | undefined): RunningServer | undefined {
  if (text === undefined) return undefined;
  try {
    return serverSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function isRunning({ pid, port, instance }: RunningServer): Promise<boolean> {
  if (!isAlive(pid)) return false;
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`, {
      signal: AbortSignal.timeout(probeTimeoutMs),
      redirect: 'error',
    });
    const health = (await response.json()) as { readonly instance?: unknown };
    return health.instance === instance;
  } catch (error) {
    // Nobody listens, or somebody else does; a server too busy to answer is still running.
    return (error as Error).name === 'TimeoutError';
  }
}

/** Whether a process of that id runs, whoever's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: alive, but another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function alreadyRunning(home: Home, { port, pid }: RunningServer): BridgeError {
  return new BridgeError(
    'already-running',
    `Inlay already runs on this home folder at http://localhost:${port} (process ${pid}, home ${home.folder}).`,
  );
}
