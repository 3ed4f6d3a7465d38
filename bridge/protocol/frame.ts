/**
 * Binary frames: a big-endian u32 with the length of a JSON header, the header, then bytes. Chunks of pictures go both
 * ways; a preview comes from the server alone, whole in one frame, so that it can be dropped without a trace.
 */
import { idPattern, maxFrameHeaderBytes } from './limits.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

const lengthBytes = 4;

export interface ChunkHeader {
  readonly kind: 'chunk';
  readonly jobId: string;
  readonly imageId: string;
  /** 0, 1, 2, … within its image. */
  readonly seq: number;
  readonly last: boolean;
}

export interface PreviewHeader {
  readonly kind: 'preview';
  readonly jobId: string;
  readonly format: 'jpeg';
  /** The preview's own size in pixels. */
  readonly width: number;
  readonly height: number;
  /** Where it belongs in the output, in the output's pixels. */
  readonly bounds: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
}

export type FrameHeader = ChunkHeader | PreviewHeader;

export interface Frame<Header extends FrameHeader = FrameHeader> {
  readonly header: Header;
  /** A view into the frame's own bytes: copy it to keep it. */
  readonly bytes: Uint8Array;
}

/** A frame that cannot be read. */
export class FrameError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FrameError';
  }
}

/** How many bytes of a picture fit beside the largest header. */
export function maxChunkBytes(maxFrameBytes: number): number {
  return maxFrameBytes - maxFrameHeaderBytes - lengthBytes;
}

export function encodeFrame(header: FrameHeader, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const headerBytes = encodeUtf8(JSON.stringify(header));
  if (headerBytes.length > maxFrameHeaderBytes) {
    throw new FrameError(
      `Expected a frame header of ${maxFrameHeaderBytes} bytes at most, received ${headerBytes.length}.`,
    );
  }
  const frame = new Uint8Array(lengthBytes + headerBytes.length + bytes.length);
  new DataView(frame.buffer).setUint32(0, headerBytes.length);
  frame.set(headerBytes, lengthBytes);
  frame.set(bytes, lengthBytes + headerBytes.length);
  return frame;
}

/** Throws a `FrameError` on anything that `encodeFrame` would not have written. */
export function decodeFrame(frame: Uint8Array): Frame {
  if (frame.length < lengthBytes) {
    throw new FrameError(`Expected a frame of ${lengthBytes} bytes at least, received ${frame.length}.`);
  }
  const headerLength = new DataView(frame.buffer, frame.byteOffset).getUint32(0);
  if (headerLength > maxFrameHeaderBytes || headerLength > frame.length - lengthBytes) {
    throw new FrameError(
      `Expected a frame header of ${maxFrameHeaderBytes} bytes at most and within its frame, received a length of ${headerLength}.`,
    );
  }
  const bodyStart = lengthBytes + headerLength;
  return { header: parseHeader(frame.subarray(lengthBytes, bodyStart)), bytes: frame.subarray(bodyStart) };
}

function parseHeader(bytes: Uint8Array): FrameHeader {
  let header: unknown;
  try {
    header = JSON.parse(decodeUtf8(bytes));
  } catch {
    throw new FrameError('Expected a frame header of JSON in UTF-8.');
  }
  if (isRecord(header)) {
    if (isChunkHeader(header)) return header;
    if (isPreviewHeader(header)) return header;
  }
  throw new FrameError('Expected a frame header of a chunk or a preview, with all its fields.');
}

type Fields = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isChunkHeader(value: Fields): value is Fields & ChunkHeader {
  const { kind, jobId, imageId, seq, last } = value;
  return kind === 'chunk' && isId(jobId) && isId(imageId) && isCount(seq) && typeof last === 'boolean';
}

function isPreviewHeader(value: Fields): value is Fields & PreviewHeader {
  const { kind, jobId, format, width, height, bounds } = value;
  return (
    kind === 'preview' &&
    isId(jobId) &&
    format === 'jpeg' &&
    isCount(width) &&
    isCount(height) &&
    isRecord(bounds) &&
    Number.isSafeInteger(bounds.left) &&
    Number.isSafeInteger(bounds.top) &&
    isCount(bounds.width) &&
    isCount(bounds.height)
  );
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && idPattern.test(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
