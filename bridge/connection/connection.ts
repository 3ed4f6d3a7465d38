/**
 * One client's socket: who it is, what it may say, and what it is told. Until the client has shown its token, `hello`
 * and then `pair` are all it may say, in small frames, and not for long.
 */
import { BridgeError, toFailure } from '../errors.ts';
import { maxAskedModelsWaitMs } from '../jobs/capabilities.ts';
import type { Preview } from '../jobs/engine-port.ts';
import type { JobListener, JobMessage } from '../jobs/job-listener.ts';
import type { StoredResult } from '../jobs/stored-result.ts';
import { type CloseCode, closeCodes } from '../protocol/close-codes.ts';
import { decodeFrame, encodeFrame, type Frame } from '../protocol/frame.ts';
import type { ServerLimits } from '../protocol/limits.ts';
import { type ClientMessage, PROTOCOL_VERSION } from '../protocol/messages.ts';
import type { ServerMessage } from '../protocol/server-message.ts';
import type { ServerSocket } from '../websocket.ts';
import { InvalidMessage, parseClientMessage, type Subject } from './client-message.ts';
import { Outbox } from './outbox.ts';
import type { Reception } from './reception.ts';

type Hello = Extract<ClientMessage, { readonly type: 'hello' }>;
type AuthenticatedMessage = Exclude<ClientMessage, { readonly type: 'hello' | 'pair' }>;

/** What is said next: `hello`, then `pair` where that is needed; `busy` while the answer to one of them is worked out. */
type Handshake = 'expect-hello' | 'expect-pair' | 'busy' | 'done';

/** Messages that come after the bytes of the results before them. */
const endTypes: ReadonlySet<string> = new Set(['done', 'failed', 'cancelled']);

export interface ConnectionOptions {
  readonly reception: Reception;
  readonly limits: ServerLimits;
  readonly onClose: (connection: Connection) => void;
}

export class Connection implements JobListener {
  readonly #socket: ServerSocket;
  readonly #reception: Reception;
  readonly #limits: ServerLimits;
  readonly #outbox: Outbox;
  readonly #handshakeTimer: NodeJS.Timeout;
  readonly #heartbeat: NodeJS.Timeout;
  #handshake: Handshake = 'expect-hello';
  #clientId: string | undefined;
  #missedHeartbeats = 0;
  #isClosed = false;

  constructor(socket: ServerSocket, { reception, limits, onClose }: ConnectionOptions) {
    this.#socket = socket;
    this.#reception = reception;
    this.#limits = limits;
    this.#outbox = new Outbox(socket, limits);
    this.#handshakeTimer = setTimeout(() => {
      this.close(closeCodes.handshakeTimeout, 'no token in time');
    }, limits.handshakeTimeoutMs);
    this.#heartbeat = setInterval(() => this.#beat(), limits.heartbeatMs);
    socket.listen({
      onText: (text) => this.#onText(text),
      onBinary: (bytes) => this.#onBinary(bytes),
      onPong: () => this.#onSign(),
      onClose: () => {
        this.#stop();
        onClose(this);
      },
    });
  }

  /** Whose socket this is, once that is known. */
  get clientId(): string | undefined {
    return this.#clientId;
  }

  send(message: JobMessage): void {
    if (endTypes.has(message.type)) this.#outbox.sendMessage(message);
    else this.#say(message);
  }

  sendResult(result: StoredResult): void {
    this.#outbox.sendResult(result);
  }

  offerPreview(jobId: string, { bounds, width, height, jpeg }: Preview): void {
    if (this.#socket.bufferedBytes > this.#limits.maxOutgoingBytesForPreview) return;
    const { left, top } = bounds;
    const frame = encodeFrame(
      {
        kind: 'preview',
        jobId,
        format: 'jpeg',
        width,
        height,
        bounds: { left, top, width: bounds.width, height: bounds.height },
      },
      jpeg,
    );
    if (frame.length <= this.#limits.maxFrameBytes) void this.#socket.sendBinary(frame);
  }

  notify(message: string): void {
    this.#say({ type: 'notice', message });
  }

  close(code: CloseCode, reason: string): void {
    if (this.#isClosed) return;
    this.#stop();
    this.#socket.close(code, reason);
  }

  #stop(): void {
    this.#isClosed = true;
    clearTimeout(this.#handshakeTimer);
    clearInterval(this.#heartbeat);
    this.#outbox.close();
  }

  #say(message: ServerMessage): void {
    this.#socket.sendText(JSON.stringify(message));
  }

  #beat(): void {
    if (this.#missedHeartbeats >= this.#limits.maxMissedHeartbeats) this.#socket.terminate();
    this.#missedHeartbeats += 1;
    this.#socket.ping();
  }

  #onSign(): void {
    this.#missedHeartbeats = 0;
  }

  #onText(text: string): void {
    this.#onSign();
    // Nothing is heard on a socket that is being closed.
    if (this.#isClosed) return;
    const { maxTextBytes, maxUnauthenticatedFrameBytes } = this.#limits;
    const limit =
      this.#handshake === 'done' ? maxTextBytes : Math.min(maxTextBytes, maxUnauthenticatedFrameBytes);
    if (Buffer.byteLength(text) > limit) {
      this.close(closeCodes.messageTooBig, `a text of ${limit} bytes at most`);
      return;
    }
    try {
      const message = parseClientMessage(text);
      if (this.#handshake !== 'done') this.#greet(message);
      else if (message.type === 'hello' || message.type === 'pair') {
        throw new InvalidMessage(`Expected no second \`${message.type}\` on a socket.`);
      } else this.#take(message);
    } catch (error) {
      this.#refuse(error);
      if (this.#handshake !== 'done') this.close(closeCodes.unauthenticated, 'hello first');
    }
  }

  #onBinary(bytes: Uint8Array): void {
    this.#onSign();
    if (this.#isClosed) return;
    if (this.#handshake !== 'done') {
      const isTooBig = bytes.length > this.#limits.maxUnauthenticatedFrameBytes;
      if (isTooBig) this.close(closeCodes.messageTooBig, 'a small frame before the token');
      else this.close(closeCodes.unauthenticated, 'hello first');
      return;
    }
    let frame: Frame;
    try {
      frame = decodeFrame(bytes);
    } catch (error) {
      this.close(closeCodes.malformedFrame, (error as Error).message.slice(0, maxReasonLength));
      return;
    }
    const { header, bytes: chunk } = frame;
    if (header.kind !== 'chunk') {
      this.close(closeCodes.malformedFrame, 'chunks only');
      return;
    }
    this.#attempt({ jobId: header.jobId }, (clientId) => this.#reception.desk.chunk(clientId, header, chunk));
  }

  /** The handshake. Throws on anything that is not what comes next in it. */
  #greet(message: ClientMessage): void {
    const answer =
      message.type === 'hello' && this.#handshake === 'expect-hello'
        ? this.#hello(message)
        : message.type === 'pair' && this.#handshake === 'expect-pair'
          ? this.#pair(message.code, message.name)
          : undefined;
    if (answer === undefined) {
      throw new BridgeError(
        'unauthenticated',
        `Expected \`hello\`, then \`pair\`, received \`${message.type}\`.`,
      );
    }
    answer.catch((error: unknown) => {
      this.#refuse(error);
      this.close(closeCodes.unauthenticated, 'the handshake failed');
    });
  }

  async #hello({ protocol, token }: Hello): Promise<void> {
    if (protocol !== PROTOCOL_VERSION) {
      const older = protocol < PROTOCOL_VERSION ? 'the plugin' : 'Inlay';
      const message = `Expected protocol ${PROTOCOL_VERSION}, received ${protocol}: ${older} is too old.`;
      this.#refuse(new BridgeError('version-mismatch', message, { hint: `Update ${older}.` }));
      this.close(closeCodes.versionMismatch, `update ${older}`);
      return;
    }
    this.#handshake = 'busy';
    const clientId = token === undefined ? undefined : await this.#reception.authenticate(token);
    if (clientId === undefined) {
      this.#handshake = 'expect-pair';
      const reason = token === undefined ? 'no-token' : 'unknown-token';
      this.#say({ type: 'unpaired', protocol: PROTOCOL_VERSION, reason });
      return;
    }
    // Known from here on, so that a revocation during the next line closes this socket too.
    this.#clientId = clientId;
    const capabilities = await this.#reception.capabilities.refresh();
    this.#enter();
    this.#say({ type: 'welcome', protocol: PROTOCOL_VERSION, clientId, capabilities });
  }

  async #pair(code: string, name: string): Promise<void> {
    this.#handshake = 'busy';
    const { clientId, token } = await this.#reception.pair(code, name);
    this.#clientId = clientId;
    const capabilities = await this.#reception.capabilities.refresh();
    this.#enter();
    this.#say({ type: 'paired', clientId, token, capabilities });
  }

  #enter(): void {
    clearTimeout(this.#handshakeTimer);
    this.#handshake = 'done';
  }

  #take(message: AuthenticatedMessage): void {
    const { desk, capabilities } = this.#reception;
    switch (message.type) {
      case 'submit':
        this.#attempt(message, (clientId) => desk.submit(clientId, message, this));
        break;
      case 'cancel':
        this.#attempt(message, (clientId) => desk.cancel(clientId, message.jobId));
        break;
      case 'acknowledge':
        this.#attempt(message, (clientId) => desk.acknowledge(clientId, message.jobId, message.imageId));
        break;
      case 'resume':
        this.#resume(message.jobIds);
        break;
      case 'estimate':
        this.#answer({ requestId: message.requestId }, async () => ({
          type: 'estimated',
          requestId: message.requestId,
          ...(await desk.estimate(message)),
        }));
        break;
      case 'capabilities':
        this.#answer({}, async () => ({
          type: 'capabilities',
          capabilities: await capabilities.refresh(maxAskedModelsWaitMs),
        }));
        break;
      case 'open-pairing':
        this.#attempt({}, (clientId) => {
          this.#say({ type: 'pairing-opened', ...this.#reception.openPairing(clientId) });
        });
        break;
      default:
        message satisfies never;
    }
  }

  #resume(jobIds: readonly string[] | undefined): void {
    const { desk } = this.#reception;
    this.#attempt({}, (clientId) => {
      for (const jobId of jobIds ?? desk.unfinishedJobs(clientId)) {
        this.#attempt({ jobId }, () => desk.resume(clientId, jobId, this));
      }
    });
  }

  /** Does what a client asked for; what it cannot have is answered with an `error`. */
  #attempt({ jobId }: Subject, action: (clientId: string) => void): void {
    if (this.#clientId === undefined) throw new Error('Only clients that are known come this far.');
    try {
      action(this.#clientId);
    } catch (error) {
      this.#refuse(error, jobId === undefined ? {} : { jobId });
    }
  }

  #answer(subject: Subject, work: () => Promise<ServerMessage>): void {
    work().then(
      (message) => this.#say(message),
      (error: unknown) => this.#refuse(error, subject),
    );
  }

  #refuse(error: unknown, subject: Subject = error instanceof InvalidMessage ? error.subject : {}): void {
    const failure = toFailure(error);
    this.#reception.noteRefusal(failure, this.#clientId);
    this.#say({ type: 'error', ...subject, ...failure });
  }
}

/** A close reason is 123 bytes at most (RFC 6455, section 5.5). */
const maxReasonLength = 120;
