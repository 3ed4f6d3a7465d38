/** The connection to Inlay as signals: what a banner shows, and what a host keeps of it. */
import { computed, type ReadonlySignal, signal } from '@preact/signals-core';
import type { Capabilities, Editor } from '../../../bridge/protocol/messages.ts';
import { type ClientStatus, InlayClient } from '../client/client.ts';
import { ClientError, closedError } from '../client/client-error.ts';
import type { SocketConstructor } from '../client/socket.ts';
import type { HostStorage } from './host-storage.ts';

/** Under this name the host keeps the token. */
export const tokenKey = 'inlay-token';

/** How often a key is shown to a server that was there a moment ago and breaks off, or is too busy to answer in time. */
const maxKeyTries = 5;

/**
 * Why there is no connection: nobody answers; the browser keeps sites from programs on this computer; the host lets the
 * plugin open no connection at all.
 */
export type ConnectionObstacle = 'not-running' | 'blocked' | 'forbidden';

export interface ConnectionOptions {
  /** What this client is called, for the person who looks through the list of paired ones. */
  readonly client: string;
  readonly editor: Editor;
  readonly WebSocket: SocketConstructor;
  readonly storage: HostStorage;
  readonly host?: string;
  readonly ports?: readonly number[];
  readonly backOffDelaysMs?: readonly number[];
  /** Asked when nobody answers: whether that may be the browser's doing. */
  readonly diagnose?: () => Promise<'blocked' | undefined>;
}

export class ConnectionStore {
  readonly client: InlayClient;
  readonly #name: string;
  readonly #storage: HostStorage;
  readonly #status = signal<ClientStatus>({ state: 'disconnected' });
  readonly #notices = signal<readonly string[]>([]);
  readonly #capabilities = signal<Capabilities | undefined>(undefined);
  readonly #obstacle = signal<ConnectionObstacle>('not-running');
  readonly #diagnose: (() => Promise<'blocked' | undefined>) | undefined;
  readonly #isClosed = signal(false);
  readonly status: ReadonlySignal<ClientStatus> = this.#status;
  /** What the user should know and is no failure, e.g. a device that stopped working; the oldest first, each once. */
  readonly notices: ReadonlySignal<readonly string[]> = this.#notices;
  /** What the server can do, as it said last. */
  readonly capabilities: ReadonlySignal<Capabilities | undefined> = this.#capabilities;
  /** While the status is `unreachable`: why, as far as that can be told. */
  readonly obstacle: ReadonlySignal<ConnectionObstacle> = this.#obstacle;

  constructor({ storage, diagnose, ...options }: ConnectionOptions) {
    this.#name = options.client;
    this.#storage = storage;
    this.#diagnose = diagnose;
    this.client = new InlayClient({
      ...options,
      onStatus: (status) => {
        if (status.state === 'ready') this.#capabilities.value = status.capabilities;
        if (status.state === 'unreachable') void this.#findObstacle(status.isForbidden === true);
        this.#status.value = status;
      },
      onNotice: (text) => this.note(text),
    });
  }

  /**
   * Connects with the token of an earlier time; where there is none that is known, pairs with the key of the page's
   * address. Settles when the client is connected or the user has to do something; never rejects, `status` tells.
   */
  async start(pairingKey?: string): Promise<void> {
    for (let tries = 0; tries < maxKeyTries; tries++) {
      try {
        await this.client.connect(await this.#storedToken());
        return;
      } catch (error) {
        if (!isCoded(error, 'unpaired') || pairingKey === undefined) return;
      }
      try {
        await this.pair(pairingKey);
        return;
      } catch (error) {
        if (isCoded(error, 'unreachable')) continue;
        if (!isCoded(error, 'pairing-failed')) return;
        this.note(
          'This address is from an earlier start of Inlay. Open the one that it printed last, or pair with a code.',
        );
        return;
      }
    }
  }

  /** Exchanges a code that the host shows for a token, and keeps that. Rejects with a `ClientError`. */
  async pair(code: string): Promise<void> {
    const token = await this.client.pair({ code, name: this.#name });
    try {
      await this.#storage.set(tokenKey, token);
    } catch {
      this.note('The pairing cannot be kept here: next time Inlay will ask for a code again.');
    }
  }

  /** Drops the token, here and where it is kept: nothing works then before another code is entered. */
  async unpair(): Promise<void> {
    this.client.unpair();
    await this.#storage.remove(tokenKey).catch(() => {});
  }

  /** Looks for the server at once instead of after the wait that the status tells; asks again one that has refused. */
  retryNow(): void {
    const { state } = this.#status.peek();
    if (state === 'unreachable') this.client.retryNow();
    // What comes of it is told by the status.
    else if (state === 'refused') this.client.connect().catch(() => {});
  }

  /**
   * Asks again what the server can do: a model may have been copied into its folder since. Never rejects; without a
   * connection the list is left as it is, and the next connection brings a new one.
   */
  async refresh(): Promise<void> {
    try {
      const capabilities = await this.client.capabilities();
      // The same list again is no reason to show everything anew.
      if (JSON.stringify(capabilities) === JSON.stringify(this.#capabilities.peek())) return;
      this.#capabilities.value = capabilities;
    } catch {
      // The connection broke: the status tells.
    }
  }

  dismissNotice(text: string): void {
    this.#notices.value = this.#notices.peek().filter((notice) => notice !== text);
  }

  /** Resolves when there is a connection, however long that takes. Rejects with `closed` after `close`. */
  untilReady(): Promise<void> {
    return new Promise((resolve, reject) => {
      let isSettled = false;
      const outcome = computed(() =>
        this.#isClosed.value ? 'closed' : this.#status.value.state === 'ready' ? 'ready' : 'waiting',
      );
      const stop = outcome.subscribe((value) => {
        if (value === 'waiting' || isSettled) return;
        isSettled = true;
        if (value === 'ready') resolve();
        else reject(closedError());
        // Not within the first call, which comes before `stop` is there.
        void Promise.resolve().then(() => stop());
      });
    });
  }

  /** Ends the connection for good. The server goes on with the jobs. */
  close(): void {
    this.#isClosed.value = true;
    this.client.close();
  }

  /** What was found at the last try holds until more is known. */
  async #findObstacle(isForbidden: boolean): Promise<void> {
    if (isForbidden) {
      this.#obstacle.value = 'forbidden';
      return;
    }
    if (this.#obstacle.peek() === 'forbidden') this.#obstacle.value = 'not-running';
    // A browser that cannot say says nothing.
    const found = await this.#diagnose?.().catch(() => undefined);
    this.#obstacle.value = found ?? 'not-running';
  }

  async #storedToken(): Promise<string | undefined> {
    try {
      return await this.#storage.get(tokenKey);
    } catch {
      // Storage that is forbidden or damaged is as good as none: the user pairs.
      return undefined;
    }
  }

  /** Something that the user should know and is no failure, once. */
  note(text: string): void {
    const notices = this.#notices.peek();
    if (!notices.includes(text)) this.#notices.value = [...notices, text];
  }
}

function isCoded(error: unknown, code: string): boolean {
  return error instanceof ClientError && error.code === code;
}
