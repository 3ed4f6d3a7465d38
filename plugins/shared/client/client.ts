/**
 * The client of every plugin and of the command line: finds the server, keeps the connection, and runs jobs over it. A
 * connection that breaks is made again, and its jobs go on where they were. Needs nothing but a WebSocket and timers.
 */
import type { Frame } from '../../../bridge/protocol/frame.ts';
import type {
  Capabilities,
  ClientMessage,
  ImageOutline,
  JobRequest,
} from '../../../bridge/protocol/messages.ts';
import { defaultPorts, socketPath } from '../../../bridge/protocol/ports.ts';
import type { ServerMessage } from '../../../bridge/protocol/server-message.ts';
import { BackOff } from './back-off.ts';
import { ClientError, cancelledError, closedError, unpairedError } from './client-error.ts';
import {
  ClientJob,
  type ImageSource,
  type JobImage,
  type JobPicture,
  outlineOf,
  type RunOptions,
} from './client-job.ts';
import { randomId } from './random-id.ts';
import { type Greeting, greet, type Identity, type PairRequest, type Session } from './session.ts';
import type { SocketConstructor } from './socket.ts';
import { after } from './timers.ts';

export type ClientStatus =
  | { readonly state: 'disconnected' }
  | { readonly state: 'connecting' }
  /**
   * No server was found on any port; the next try comes after `retryInMs`. `isForbidden`: the host lets no socket be
   * opened at all, e.g. a plugin's without the permission.
   */
  | { readonly state: 'unreachable'; readonly retryInMs: number; readonly isForbidden?: true }
  | { readonly state: 'ready'; readonly port: number; readonly capabilities: Capabilities }
  /** Nothing works before `pair`. */
  | { readonly state: 'unpaired' }
  /** The server says why it will not have this client, e.g. that one of the two is too old. */
  | { readonly state: 'refused'; readonly error: ClientError };

export interface ClientOptions extends Identity {
  readonly WebSocket: SocketConstructor;
  readonly host?: string;
  readonly ports?: readonly number[];
  readonly backOffDelaysMs?: readonly number[];
  readonly onStatus?: (status: ClientStatus) => void;
  /** Something the user should know that is no failure, e.g. a device that stopped working. */
  readonly onNotice?: (message: string) => void;
}

export type Estimate = Omit<Extract<ServerMessage, { readonly type: 'estimated' }>, 'type' | 'requestId'>;
export type PairingCode = Omit<Extract<ServerMessage, { readonly type: 'pairing-opened' }>, 'type'>;

type Ready = Extract<Greeting, { readonly kind: 'ready' }>;

interface Waiter<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (error: ClientError) => void;
}

export class InlayClient {
  readonly #options: ClientOptions;
  readonly #ports: readonly number[];
  readonly #backOff: BackOff;
  readonly #jobs = new Map<string, ClientJob>();
  readonly #estimates = new Map<string, Waiter<Estimate>>();
  #connectWaiters: Waiter<Capabilities>[] = [];
  #capabilityWaiters: Waiter<Capabilities>[] = [];
  #pairingWaiters: Waiter<PairingCode>[] = [];
  #status: ClientStatus = { state: 'disconnected' };
  #token: string | undefined;
  #session: Session | undefined;
  /** Where the server was last: looked for there first. */
  #lastPort: number | undefined;
  #cancelRetry: (() => void) | undefined;
  /** Grows with every `close` and `connect`, so that what an earlier search finds is not used. */
  #search = 0;
  #nextId = 1;
  readonly #idPrefix = randomId();

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#ports = options.ports ?? defaultPorts;
    this.#backOff = new BackOff(options.backOffDelaysMs);
    this.#token = options.token;
  }

  get status(): ClientStatus {
    return this.#status;
  }

  /**
   * Connects, trying again for as long as no server is found. Rejects with a `ClientError`: `unpaired`, what the server
   * says, or `closed`. A `token` replaces the one known so far.
   */
  connect(token?: string): Promise<Capabilities> {
    if (token !== undefined) this.#token = token;
    if (this.#status.state === 'ready') return Promise.resolve(this.#status.capabilities);
    return new Promise((resolve, reject) => {
      this.#connectWaiters.push({ resolve, reject });
      if (this.#status.state !== 'connecting' && this.#status.state !== 'unreachable') void this.#find();
    });
  }

  /** Forgets the token and connects anew: nothing works then before `pair`. Jobs reject with `unpaired`. */
  unpair(): void {
    this.#disconnect();
    this.#token = undefined;
    void this.#find();
  }

  /** Looks for the server at once instead of after the wait that the status tells. */
  retryNow(): void {
    if (this.#status.state !== 'unreachable') return;
    this.#cancelRetry?.();
    void this.#find();
  }

  /** Exchanges the code that Inlay shows for a token, which the caller keeps. The client is connected then. */
  async pair(request: PairRequest): Promise<string> {
    this.#disconnect();
    const search = ++this.#search;
    this.#setStatus({ state: 'connecting' });
    const found = await this.#tryPorts(request);
    if (search !== this.#search) {
      if (found.kind === 'ready') found.session.close();
      throw closedError();
    }
    if (found.kind === 'ready' && found.token !== undefined) {
      this.#token = found.token;
      this.#enter(found);
      return found.token;
    }
    this.#setStatus({ state: 'unpaired' });
    if (found.kind === 'refused') throw new ClientError(found.failure);
    throw new ClientError({
      code: 'unreachable',
      message: 'Inlay was not found on this computer.',
      hint: 'Start Inlay and try again.',
    });
  }

  /**
   * Runs one job to its end. Rejects with a `ClientError`: what the server says of the failure, `cancelled`, or `closed`
   * and `unpaired` when the connection is over for good; or with what `images` rejects with. A connection that breaks in
   * between is of no matter.
   */
  run(
    request: JobRequest,
    images: readonly JobImage[] | ImageSource,
    options: RunOptions = {},
  ): Promise<readonly JobPicture[]> {
    // One that is there from before must hear of it all the same.
    if (options.signal?.aborted && !options.resume) return Promise.reject(cancelledError());
    const status = this.#status;
    if (status.state !== 'ready') return Promise.reject(closedError());
    const { jobId = this.#newId() } = options;
    const job = new ClientJob({
      ...options,
      jobId,
      request,
      images: typeof images === 'function' ? images : () => Promise.resolve(images),
      limits: status.capabilities.limits,
      onEnd: () => this.#jobs.delete(jobId),
    });
    this.#jobs.set(jobId, job);
    if (this.#session !== undefined) job.attach(this.#session);
    return job.finished;
  }

  /** Time, memory and size of a job, without running it. */
  estimate(request: JobRequest, images: readonly ImageOutline[]): Promise<Estimate> {
    const requestId = this.#newId();
    const outlines = images.map((image) => {
      const { maskBounds } = image;
      return { ...outlineOf(image), ...(maskBounds !== undefined && { maskBounds }) };
    });
    return this.#ask({ type: 'estimate', requestId, request, images: outlines }, (waiter) =>
      this.#estimates.set(requestId, waiter),
    );
  }

  /** Asks anew what the server can do, e.g. after a model was copied into its folder. */
  capabilities(): Promise<Capabilities> {
    return this.#ask({ type: 'capabilities' }, (waiter) => this.#capabilityWaiters.push(waiter));
  }

  /** Opens pairing for another client. Only with the token of the server's own home. */
  openPairing(): Promise<PairingCode> {
    return this.#ask({ type: 'open-pairing' }, (waiter) => this.#pairingWaiters.push(waiter));
  }

  /** Ends the connection. The server goes on with the jobs; their promises reject with `closed`. */
  close(): void {
    this.#disconnect();
    this.#giveUp(closedError(), { state: 'disconnected' });
  }

  #newId(): string {
    return `${this.#idPrefix}-${this.#nextId++}`;
  }

  #ask<Value>(message: ClientMessage, keep: (waiter: Waiter<Value>) => void): Promise<Value> {
    const session = this.#session;
    if (session === undefined) return Promise.reject(closedError());
    return new Promise((resolve, reject) => {
      keep({ resolve, reject });
      session.send(message);
    });
  }

  async #find(): Promise<void> {
    const search = ++this.#search;
    this.#setStatus({ state: 'connecting' });
    const found = await this.#tryPorts();
    if (search !== this.#search) {
      if (found.kind === 'ready') found.session.close();
      return;
    }
    switch (found.kind) {
      case 'ready':
        this.#enter(found);
        break;
      case 'unpaired':
        this.#giveUp(unpairedError(), { state: 'unpaired' });
        break;
      case 'refused': {
        const error = new ClientError(found.failure);
        this.#giveUp(error, { state: 'refused', error });
        break;
      }
      case 'unreachable': {
        const retryInMs = this.#backOff.next();
        // First the timer: whoever is told may close the client, which takes the timer with it.
        this.#cancelRetry = after(retryInMs, () => void this.#find());
        this.#setStatus({ state: 'unreachable', retryInMs, ...(found.isForbidden && { isForbidden: true }) });
      }
    }
  }

  /** The first server that takes this client; else the best reason why none does. */
  async #tryPorts(pair?: PairRequest): Promise<Greeting & { readonly port?: number }> {
    const { WebSocket, host = 'localhost', client, editor } = this.#options;
    const token = this.#token;
    const identity = { client, editor, ...(token !== undefined && pair === undefined && { token }) };
    const first = this.#ports.filter((port) => port === this.#lastPort);
    const others = this.#ports.filter((port) => port !== this.#lastPort);
    let best: Greeting = { kind: 'unreachable' };
    for (const port of [...first, ...others]) {
      const greeting = await greet(`ws://${host}:${port}${socketPath}`, {
        WebSocket,
        identity,
        ...(pair && { pair }),
      });
      if (greeting.kind === 'ready') {
        this.#lastPort = port;
        return greeting;
      }
      if (best.kind === 'unreachable') best = greeting;
    }
    return best;
  }

  #enter({ session, capabilities }: Ready): void {
    this.#session = session;
    this.#backOff.reset();
    session.listen({
      onMessage: (message) => this.#onMessage(message),
      onFrame: (frame) => this.#onFrame(frame),
      onClose: () => this.#onLost(session),
    });
    this.#setStatus({ state: 'ready', port: this.#lastPort as number, capabilities });
    for (const { resolve } of take(this.#connectWaiters)) resolve(capabilities);
    for (const job of [...this.#jobs.values()]) job.attach(session);
  }

  #onLost(session: Session): void {
    if (session !== this.#session) return;
    this.#session = undefined;
    for (const job of this.#jobs.values()) job.detach();
    this.#rejectQuestions(closedError());
    void this.#find();
  }

  #onMessage(message: ServerMessage): void {
    switch (message.type) {
      case 'capabilities':
        this.#capabilityWaiters.shift()?.resolve(message.capabilities);
        break;
      case 'pairing-opened':
        this.#pairingWaiters.shift()?.resolve(message);
        break;
      case 'estimated': {
        const { type: _, requestId, ...estimate } = message;
        this.#estimates.get(requestId)?.resolve(estimate);
        this.#estimates.delete(requestId);
        break;
      }
      case 'notice':
        this.#options.onNotice?.(message.message);
        break;
      case 'error':
        this.#onError(message);
        break;
      default:
        if ('jobId' in message) this.#jobs.get(message.jobId)?.onMessage(message);
    }
  }

  #onError(message: Extract<ServerMessage, { readonly type: 'error' }>): void {
    const { jobId, requestId } = message;
    if (jobId !== undefined) {
      this.#jobs.get(jobId)?.onError(message);
    } else if (requestId !== undefined) {
      this.#estimates.get(requestId)?.reject(new ClientError(message));
      this.#estimates.delete(requestId);
    } else {
      this.#pairingWaiters.shift()?.reject(new ClientError(message));
    }
  }

  #onFrame(frame: Frame): void {
    const job = this.#jobs.get(frame.header.jobId);
    try {
      job?.onFrame(frame);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // A picture out of step cannot be mended on this connection; on the next one it is sent again.
      this.#session?.close();
    }
  }

  #disconnect(): void {
    this.#search += 1;
    this.#cancelRetry?.();
    const session = this.#session;
    this.#session = undefined;
    session?.close();
    for (const job of this.#jobs.values()) job.detach();
    this.#rejectQuestions(closedError());
  }

  #giveUp(error: ClientError, status: ClientStatus): void {
    this.#setStatus(status);
    for (const { reject } of take(this.#connectWaiters)) reject(error);
    for (const job of [...this.#jobs.values()]) job.abandon(error);
  }

  #rejectQuestions(error: ClientError): void {
    const waiters = [
      ...this.#estimates.values(),
      ...take(this.#capabilityWaiters),
      ...take(this.#pairingWaiters),
    ];
    this.#estimates.clear();
    for (const { reject } of waiters) reject(error);
  }

  #setStatus(status: ClientStatus): void {
    this.#status = status;
    this.#options.onStatus?.(status);
  }
}

/** Empties the list and returns what was in it. */
function take<Item>(list: Item[]): readonly Item[] {
  return list.splice(0);
}
