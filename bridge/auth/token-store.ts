/**
 * The paired clients, in `tokens.json` of the home folder. Tokens are 256 random bits and only their SHA-256 is kept: a
 * random token needs no slow hash. Several processes may use the file at once (the server, and the command line's
 * `clients` commands), so every change reads it anew under a lock file, and every look-up notices a changed file.
 */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { chmod, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { BridgeError } from '../errors.ts';
import { maxNameLength } from '../protocol/limits.ts';

const tokenBytes = 32;
/** `lastUsedAt` is no more exact than this, so that a busy client does not rewrite the file. */
const lastUsedStepMs = 60_000;
const lockRetryMs = 20;
/** A lock file this old was left behind by a process that died: changes take milliseconds. */
const lockLifetimeMs = 5_000;
const lockTimeoutMs = 15_000;

const clientSchema = z.strictObject({
  id: z.string().min(1),
  name: z.string().min(1).max(maxNameLength),
  tokenHash: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
});
const fileSchema = z.strictObject({ version: z.literal(1), clients: z.array(clientSchema) });

type StoredClient = z.infer<typeof clientSchema>;

/** A paired client, without anything secret. Times are ISO 8601 in UTC. */
export type PairedClient = Omit<StoredClient, 'tokenHash'>;

export class TokenStore {
  readonly #file: string;
  readonly #now: () => Date;
  #clients: readonly StoredClient[] = [];
  /** Tells one version of the file from another: every write is a new file. */
  #version = '';
  /** Looks at the file and changes of it, one after the other: what was seen before a change must not come over it. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(file: string, now: () => Date) {
    this.#file = file;
    this.#now = now;
  }

  /** Reads the file, which need not exist yet. Throws `damaged-file` when it is not what this class writes. */
  static async open(
    file: string,
    { now = () => new Date() }: { now?: () => Date } = {},
  ): Promise<TokenStore> {
    const store = new TokenStore(file, now);
    await store.refresh();
    return store;
  }

  /** Reads the file again if it has changed. Throws `damaged-file`, and then keeps to what it knew. */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#read());
  }

  async #read(): Promise<void> {
    const version = await fileVersion(this.#file);
    if (version === this.#version) return;
    this.#clients = version === 'absent' ? [] : parseFile(this.#file, await readFile(this.#file, 'utf8'));
    this.#version = version;
  }

  async list(): Promise<readonly PairedClient[]> {
    await this.refresh();
    return this.#clients.map(withoutHash);
  }

  /** Whether this client is still paired, as of the last `refresh`. */
  has(id: string): boolean {
    return this.#clients.some((client) => client.id === id);
  }

  /** A new client and its token, which exists nowhere else from now on. */
  async add(name: string): Promise<{ readonly client: PairedClient; readonly token: string }> {
    const token = randomBytes(tokenBytes).toString('base64url');
    const client: StoredClient = {
      id: randomUUID(),
      name,
      tokenHash: hashOf(token).toString('hex'),
      createdAt: this.#now().toISOString(),
      lastUsedAt: null,
    };
    await this.#change((clients) => [...clients, client]);
    return { client: withoutHash(client), token };
  }

  /** False when there is no such client. */
  async revoke(id: string): Promise<boolean> {
    let found = false;
    await this.#change((clients) => {
      found = clients.some((client) => client.id === id);
      return clients.filter((client) => client.id !== id);
    });
    return found;
  }

  /** The client whose token this is, which is noted as used now. */
  async authenticate(token: string): Promise<PairedClient | undefined> {
    await this.refresh();
    const hash = hashOf(token);
    const client = this.#clients.find(({ tokenHash }) =>
      timingSafeEqual(Buffer.from(tokenHash, 'hex'), hash),
    );
    if (client === undefined) return undefined;
    const now = this.#now();
    if (client.lastUsedAt === null || now.getTime() - Date.parse(client.lastUsedAt) >= lastUsedStepMs) {
      const lastUsedAt = now.toISOString();
      await this.#change((clients) =>
        clients.map((other) => (other.id === client.id ? { ...other, lastUsedAt } : other)),
      );
    }
    return this.has(client.id) ? withoutHash(client) : undefined;
  }

  #change(edit: (clients: readonly StoredClient[]) => readonly StoredClient[]): Promise<void> {
    return this.#inTurn(() => this.#changeNow(edit));
  }

  async #changeNow(edit: (clients: readonly StoredClient[]) => readonly StoredClient[]): Promise<void> {
    const unlock = await lock(`${this.#file}.lock`);
    try {
      await this.#read();
      const clients = edit(this.#clients);
      const draft = `${this.#file}.${randomUUID()}`;
      await writeFile(draft, `${JSON.stringify({ version: 1, clients }, undefined, 2)}\n`, { mode: 0o600 });
      await rename(draft, this.#file);
      await chmod(this.#file, 0o600);
      this.#clients = clients;
      this.#version = await fileVersion(this.#file);
    } finally {
      await unlock();
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function withoutHash({ id, name, createdAt, lastUsedAt }: StoredClient): PairedClient {
  return { id, name, createdAt, lastUsedAt };
}

function parseFile(file: string, text: string): readonly StoredClient[] {
  try {
    return fileSchema.parse(JSON.parse(text)).clients;
  } catch (cause) {
    throw new BridgeError(
      'damaged-file',
      `Expected the list of paired clients in ${file}, received something else.`,
      {
        hint: 'Repair the file, or move it away and pair every editor again.',
        cause,
      },
    );
  }
}

async function fileVersion(file: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(file, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'absent';
    throw error;
  }
}

/** Holds a lock file, waiting for others to let go of it. Returns what lets go of it. */
async function lock(file: string): Promise<() => Promise<void>> {
  const deadline = Date.now() + lockTimeoutMs;
  for (;;) {
    try {
      const handle = await open(file, 'wx', 0o600);
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      // Windows answers EPERM while another process is deleting the file.
      const { code } = error as NodeJS.ErrnoException;
      if ((code !== 'EEXIST' && code !== 'EPERM') || Date.now() > deadline) throw error;
    }
    const age = await stat(file).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > lockLifetimeMs) await rm(file, { force: true });
    await delay(lockRetryMs);
  }
}
