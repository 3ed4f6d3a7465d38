/**
 * What one socket has yet to be sent, in order: results with their bytes, chunk by chunk as the socket takes them, and
 * the messages that must come after them. A result is never held a second time: its chunks are cut when they go.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { BridgeError, toFailure } from '../errors.ts';
import type { StoredResult } from '../jobs/stored-result.ts';
import { encodeFrame, maxChunkBytes } from '../protocol/frame.ts';
import type { ServerMessage } from '../protocol/server-message.ts';
import type { ServerSocket } from '../websocket.ts';

export interface OutboxOptions {
  readonly maxFrameBytes: number;
  /** How much may be on its way out before the next chunk waits. */
  readonly maxOutgoingBytes: number;
}

type Item = { readonly message: ServerMessage } | { readonly result: StoredResult };

export class Outbox {
  readonly #socket: ServerSocket;
  readonly #options: OutboxOptions;
  readonly #items: Item[] = [];
  /** Results that are waiting or being sent, by job and image. */
  readonly #pending = new Set<StoredResult>();
  #isPumping = false;
  #isClosed = false;

  constructor(socket: ServerSocket, options: OutboxOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  /** Sends a message after everything that was handed over before it. */
  sendMessage(message: ServerMessage): void {
    this.#add({ message });
  }

  /** Sends a result and its bytes. One that is on its way already is not sent twice. */
  sendResult(result: StoredResult): void {
    if (this.#pending.has(result)) return;
    this.#pending.add(result);
    this.#add({ result });
  }

  close(): void {
    this.#isClosed = true;
    this.#items.length = 0;
  }

  #add(item: Item): void {
    this.#items.push(item);
    if (!this.#isPumping) void this.#pump();
  }

  async #pump(): Promise<void> {
    this.#isPumping = true;
    for (let item = this.#items.shift(); item !== undefined; item = this.#items.shift()) {
      if ('message' in item) {
        this.#socket.sendText(JSON.stringify(item.message));
      } else {
        await this.#sendResult(item.result);
        this.#pending.delete(item.result);
      }
    }
    this.#isPumping = false;
  }

  async #sendResult({ message, content }: StoredResult): Promise<void> {
    this.#socket.sendText(JSON.stringify(message));
    if ('bytes' in content) {
      const { bytes } = content;
      return this.#sendChunks(message, async (start, length) => bytes.subarray(start, start + length));
    }
    let file: FileHandle | undefined;
    try {
      file = await open(content.file);
      await this.#sendFile(message, file);
    } catch {
      // Dropped in the meantime to make room, or the disk has failed: either way it will not come any more.
      const failure = toFailure(new BridgeError('result-expired', 'The result could not be read any more.'));
      if (!this.#isClosed)
        this.#socket.sendText(JSON.stringify({ type: 'failed', jobId: message.jobId, ...failure }));
    } finally {
      await file?.close();
    }
  }

  async #sendFile(message: StoredResult['message'], file: FileHandle): Promise<void> {
    const buffer = Buffer.allocUnsafe(maxChunkBytes(this.#options.maxFrameBytes));
    await this.#sendChunks(message, async (start, length) => {
      const { bytesRead } = await file.read(buffer, 0, length, start);
      if (bytesRead < length) throw new Error(`Expected ${length} bytes at ${start}, received ${bytesRead}.`);
      return buffer.subarray(0, length);
    });
  }

  async #sendChunks(
    { jobId, imageId, byteLength }: StoredResult['message'],
    read: (start: number, length: number) => Promise<Uint8Array>,
  ): Promise<void> {
    const { maxFrameBytes, maxOutgoingBytes } = this.#options;
    const chunkBytes = maxChunkBytes(maxFrameBytes);
    for (let start = 0, seq = 0; start < byteLength && !this.#isClosed; start += chunkBytes, seq++) {
      const length = Math.min(chunkBytes, byteLength - start);
      const chunk = await read(start, length);
      const last = start + length === byteLength;
      const sent = this.#socket.sendBinary(encodeFrame({ kind: 'chunk', jobId, imageId, seq, last }, chunk));
      // The frame is a copy: the next chunk may be read while this one is on its way.
      if (this.#socket.bufferedBytes > maxOutgoingBytes) await sent;
    }
  }
}
