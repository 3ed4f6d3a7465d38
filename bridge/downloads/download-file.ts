/** One file from the network to its place: whole, and the one that was published, or not at all. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { EngineError, toEngineError } from '../../engine/errors.ts';
import { BridgeError } from '../errors.ts';

export interface FileToDownload {
  readonly url: string;
  /** Where it is put; its folder is made. */
  readonly file: string;
  /** What it must be, where that is known. Else what its publisher says in `x-linked-etag`, where it does. */
  readonly sha256?: string;
}

export interface DownloadedFile {
  /** Of the bytes that came. */
  readonly sha256: string;
  readonly byteLength: number;
  /** Whose hash they were held to. */
  readonly checkedBy: 'catalogue' | 'publisher' | 'nobody';
  /** The commit of the publisher's repository, where it is told. */
  readonly commit?: string;
}

export interface DownloadPace {
  readonly signal: AbortSignal;
  /** Bytes that are there, of all where that is told. */
  readonly onProgress: (bytes: number, totalBytes: number | undefined) => void;
}

const maxRedirects = 5;
const sha256Pattern = /^"?([0-9a-f]{64})"?$/;

/**
 * Downloads beside the place, as `NAME.part`, and moves it there when it is whole. What an earlier attempt has left is gone on
 * from, where the server can.
 *
 * @throws BridgeError 'download-failed'; EngineError 'invalid-weights' where it is another file than expected, 'disk-full';
 *   the signal's reason.
 */
export async function downloadFile(wanted: FileToDownload, pace: DownloadPace): Promise<DownloadedFile> {
  const { url, file } = wanted;
  await mkdir(path.dirname(file), { recursive: true });
  const partial = `${file}.part`;
  const had = (await stat(partial).catch(() => undefined))?.size ?? 0;
  const { response, told } = await request(url, had, pace.signal);
  const isContinued = had > 0 && response.status === 206;
  const hash = createHash('sha256');
  if (isContinued) await hashFile(partial, hash);
  const start = isContinued ? had : 0;
  const rest = Number(response.headers.get('content-length') ?? Number.NaN);
  const total = Number.isNaN(rest) ? undefined : start + rest;
  const byteLength = await write(response, { partial, start, hash, total, url }, pace);
  const sha256 = hash.digest('hex');
  const expected = wanted.sha256 ?? told.sha256;
  if (expected !== undefined && expected !== sha256) {
    await rm(partial, { force: true });
    throw new EngineError(
      'invalid-weights',
      `Expected the file of the SHA-256 ${expected} at ${url}, received ${sha256}.`,
      {
        hint: 'Nothing was kept. Try again; if it happens again, the file was changed where it is published.',
      },
    );
  }
  await rename(partial, file);
  const publisher = told.sha256 === undefined ? 'nobody' : 'publisher';
  return {
    sha256,
    byteLength,
    checkedBy: wanted.sha256 === undefined ? publisher : 'catalogue',
    ...(told.commit !== undefined && { commit: told.commit }),
  };
}

interface Told {
  readonly sha256?: string;
  readonly commit?: string;
}

/** Follows redirects by itself: what the publisher tells of a file is in its own answer, not in that of the store behind it. */
async function request(
  first: string,
  had: number,
  signal: AbortSignal,
): Promise<{ readonly response: Response; readonly told: Told }> {
  let url = first;
  let told: Told = {};
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const headers: Record<string, string> = had > 0 ? { range: `bytes=${had}-` } : {};
    const response = await fetch(url, { headers, redirect: 'manual', signal }).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw failed(url, reasonOf(cause), cause);
    });
    told = { ...toldBy(response), ...told };
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      const next = new URL(location, url);
      if (next.protocol !== 'https:' && next.protocol !== new URL(first).protocol) {
        throw failed(url, `it leads to ${next.origin}, which is not encrypted`);
      }
      url = next.href;
      continue;
    }
    if (response.ok) return { response, told };
    await response.body?.cancel();
    // The part that is there is as long as the file, or longer: begin anew.
    if (response.status === 416 && had > 0) return request(first, 0, signal);
    throw failed(url, `the server answered ${response.status} ${response.statusText}`.trim());
  }
  throw failed(first, `it leads on more than ${maxRedirects} times`);
}

function toldBy({ headers }: Response): Told {
  const sha256 = sha256Pattern.exec(headers.get('x-linked-etag') ?? '')?.[1];
  const commit = headers.get('x-repo-commit');
  return { ...(sha256 !== undefined && { sha256 }), ...(commit !== null && { commit }) };
}

interface Target {
  readonly partial: string;
  readonly start: number;
  readonly hash: Hash;
  readonly total: number | undefined;
  readonly url: string;
}

/** Returns how long the file is now. */
async function write(
  response: Response,
  { partial, start, hash, total, url }: Target,
  { signal, onProgress }: DownloadPace,
): Promise<number> {
  if (total !== undefined) await requireRoom(partial, total - start);
  const handle = await open(partial, start > 0 ? 'a' : 'w');
  let length = start;
  try {
    onProgress(length, total);
    for await (const chunk of chunksOf(response, url, signal)) {
      await handle.writeFile(chunk).catch((cause: unknown) => {
        throw noRoom(partial, cause);
      });
      hash.update(chunk);
      length += chunk.byteLength;
      onProgress(length, total);
    }
  } finally {
    await handle.close();
  }
  if (total !== undefined && length !== total) {
    throw failed(url, `the connection ended after ${length} of ${total} bytes`);
  }
  return length;
}

/** Throws `disk-full` before anything is written, where the file system tells that it will not fit. */
async function requireRoom(partial: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(path.dirname(partial));
  if (bytes <= bavail * bsize) return;
  throw new EngineError(
    'disk-full',
    `Expected room for ${inGigabytes(bytes)} in ${path.dirname(partial)}, found ${inGigabytes(bavail * bsize)}.`,
    { hint: roomHint },
  );
}

function inGigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

const roomHint = 'Free some disk space and try again: what has come already is gone on from.';

/** What writing failed of; with what to do where it was for want of room. */
function noRoom(partial: string, cause: unknown): EngineError {
  const error = toEngineError(cause);
  if (error.code !== 'disk-full') return error;
  return new EngineError(
    'disk-full',
    `No room left on the disk for ${partial}: ${(cause as Error).message}.`,
    {
      hint: roomHint,
      cause,
    },
  );
}

async function* chunksOf(response: Response, url: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        signal.throwIfAborted();
        throw failed(url, reasonOf(cause), cause);
      });
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function hashFile(file: string, hash: Hash): Promise<void> {
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}

function failed(url: string, reason: string, cause?: unknown): BridgeError {
  return new BridgeError('download-failed', `Could not download ${url}: ${reason}.`, { cause });
}
