/**
 * The central directory of a zip archive (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT), read as strictly as
 * archives of `torch.save` allow: entries are stored as they are, one after the other, and every number that is written
 * twice must agree. Nothing is ever unpacked; what is wanted is where an entry's bytes are in the file.
 */
import { cutOffHint, invalidWeights, type WeightsFile } from './weights-file.ts';

/** The directory of a model with ten thousand tensors takes about a megabyte. */
export const maxDirectoryBytes = 32 * 1024 * 1024;
export const maxZipEntries = 200_000;
export const maxEntryNameBytes = 512;

export interface ZipEntry {
  readonly name: string;
  readonly byteLength: number;
  /** Of the entry's own header, before its bytes. */
  readonly headerOffset: number;
  /** Where the next entry, or the directory, begins. */
  readonly limit: number;
}

const endSignature = 0x06054b50;
const endBytes = 22;
const maxCommentBytes = 0xffff;
const locatorSignature = 0x07064b50;
const locatorBytes = 20;
const end64Signature = 0x06064b50;
const end64Bytes = 56;
const entrySignature = 0x02014b50;
const entryBytes = 46;
const localSignature = 0x04034b50;
const localBytes = 30;
const unknown16 = 0xffff;
const unknown32 = 0xffffffff;
const zip64Extra = 1;

const isEncrypted = (flags: number) => (flags & 0x2041) !== 0;
const hasDescriptor = (flags: number) => (flags & 8) !== 0;
const compressionNames: Readonly<Record<number, string>> = {
  8: 'deflate',
  9: 'deflate64',
  12: 'bzip2',
  14: 'lzma',
  93: 'zstd',
};

interface End {
  readonly entries: number;
  readonly directoryOffset: number;
  readonly directoryBytes: number;
}

/** All entries by name. Throws `invalid-weights`. */
export async function readZipDirectory(weights: WeightsFile): Promise<ReadonlyMap<string, ZipEntry>> {
  const { entries: count, directoryOffset, directoryBytes } = await readEnd(weights);
  if (count > maxZipEntries) throw invalid(weights, `at most ${maxZipEntries} entries`, `${count}`);
  if (directoryBytes > maxDirectoryBytes) {
    throw invalid(weights, `a zip directory of at most ${maxDirectoryBytes} bytes`, `${directoryBytes}`);
  }
  const bytes = viewOf(await weights.read(directoryOffset, directoryBytes));
  const found: Omit<ZipEntry, 'limit'>[] = [];
  let position = 0;
  for (let index = 0; index < count; index++) {
    const { entry, end } = readEntry(weights, bytes, position);
    found.push(entry);
    position = end;
  }
  if (position !== directoryBytes) {
    throw invalid(weights, `a zip directory of ${directoryBytes} bytes`, `${count} entries in ${position}`);
  }
  return withLimits(weights, found, directoryOffset);
}

/**
 * Where the bytes of an entry begin, which only its own header tells. Throws `invalid-weights` where that header and the
 * directory disagree.
 */
export async function entryDataOffset(weights: WeightsFile, entry: ZipEntry): Promise<number> {
  const expected = new TextEncoder().encode(entry.name);
  const header = viewOf(await weights.read(entry.headerOffset, localBytes + expected.byteLength));
  const flags = header.getUint16(6, true);
  const sizes = [header.getUint32(18, true), header.getUint32(22, true)];
  const sizeFits = (size: number) =>
    size === entry.byteLength || size === unknown32 || (size === 0 && hasDescriptor(flags));
  const nameBytes = header.getUint16(26, true);
  const isSame =
    header.getUint32(0, true) === localSignature &&
    !isEncrypted(flags) &&
    header.getUint16(8, true) === 0 &&
    sizes.every(sizeFits) &&
    nameBytes === expected.byteLength &&
    expected.every((byte, index) => byte === header.getUint8(localBytes + index));
  const what = `the entry ${quote(entry.name)} of the zip archive`;
  if (!isSame) throw invalid(weights, `${what} as its directory describes it`, 'another header');
  const dataOffset = entry.headerOffset + localBytes + nameBytes + header.getUint16(28, true);
  if (dataOffset + entry.byteLength > entry.limit) {
    throw invalid(weights, `${what} to end by byte ${entry.limit}`, `${dataOffset + entry.byteLength}`);
  }
  return dataOffset;
}

async function readEnd(weights: WeightsFile): Promise<End> {
  const tailBytes = Math.min(weights.byteLength, endBytes + maxCommentBytes);
  const tailOffset = weights.byteLength - tailBytes;
  const tail = viewOf(await weights.read(tailOffset, tailBytes));
  let at = tailBytes - endBytes;
  // The comment after it must reach exactly to the end of the file.
  const isEnd = (index: number) =>
    tail.getUint32(index, true) === endSignature &&
    tail.getUint16(index + 20, true) === tailBytes - index - endBytes;
  while (at >= 0 && !isEnd(at)) at--;
  if (at < 0) {
    throw invalidWeights(weights.path, {
      expected: 'the directory at the end of the zip archive',
      received: `none in ${weights.byteLength} bytes`,
      hint: cutOffHint,
    });
  }
  const plain = {
    entries: tail.getUint16(at + 10, true),
    directoryBytes: tail.getUint32(at + 12, true),
    directoryOffset: tail.getUint32(at + 16, true),
  };
  const isSplit =
    tail.getUint16(at + 4, true) !== 0 ||
    tail.getUint16(at + 6, true) !== 0 ||
    tail.getUint16(at + 8, true) !== plain.entries;
  if (isSplit) throw invalid(weights, 'a zip archive in one file', 'a part of one');
  const endOffset = tailOffset + at;
  const large = await readEnd64(weights, endOffset);
  const fits = (value: number, written: number, unknown: number) => written === value || written === unknown;
  const isConsistent =
    large === undefined ||
    (fits(large.entries, plain.entries, unknown16) &&
      fits(large.directoryBytes, plain.directoryBytes, unknown32) &&
      fits(large.directoryOffset, plain.directoryOffset, unknown32));
  const { entries, directoryBytes, directoryOffset } = large ?? plain;
  const directoryEnd = large?.offset ?? endOffset;
  if (!isConsistent || directoryOffset + directoryBytes !== directoryEnd) {
    throw invalid(
      weights,
      `a zip directory that ends at byte ${directoryEnd}`,
      `one of ${directoryBytes} bytes at byte ${directoryOffset}`,
    );
  }
  return { entries, directoryBytes, directoryOffset };
}

/** The record for archives over 4 GB; torch writes it always. Undefined where there is none. */
async function readEnd64(
  weights: WeightsFile,
  endOffset: number,
): Promise<(End & { readonly offset: number }) | undefined> {
  if (endOffset < locatorBytes + end64Bytes) return undefined;
  const locator = viewOf(await weights.read(endOffset - locatorBytes, locatorBytes));
  if (locator.getUint32(0, true) !== locatorSignature) return undefined;
  const offset = readCount(weights, locator, 8);
  const isSplit = locator.getUint32(4, true) !== 0 || locator.getUint32(16, true) > 1;
  if (isSplit || offset !== endOffset - locatorBytes - end64Bytes) {
    throw invalid(weights, 'the zip64 record right before its locator', `byte ${offset}`);
  }
  const record = viewOf(await weights.read(offset, end64Bytes));
  const entries = readCount(weights, record, 32);
  const isSound =
    record.getUint32(0, true) === end64Signature &&
    readCount(weights, record, 4) === end64Bytes - 12 &&
    record.getUint32(16, true) === 0 &&
    record.getUint32(20, true) === 0 &&
    readCount(weights, record, 24) === entries;
  if (!isSound) throw invalid(weights, 'a zip64 record of one file', 'another');
  return {
    offset,
    entries,
    directoryBytes: readCount(weights, record, 40),
    directoryOffset: readCount(weights, record, 48),
  };
}

function readEntry(
  weights: WeightsFile,
  bytes: DataView,
  position: number,
): { readonly entry: Omit<ZipEntry, 'limit'>; readonly end: number } {
  const isWhole = (end: number) => end <= bytes.byteLength;
  if (!isWhole(position + entryBytes) || bytes.getUint32(position, true) !== entrySignature) {
    throw invalid(weights, `an entry at byte ${position} of the zip directory`, 'none');
  }
  const flags = bytes.getUint16(position + 8, true);
  const method = bytes.getUint16(position + 10, true);
  const nameBytes = bytes.getUint16(position + 28, true);
  const extraBytes = bytes.getUint16(position + 30, true);
  const nameOffset = position + entryBytes;
  const extraOffset = nameOffset + nameBytes;
  const end = extraOffset + extraBytes + bytes.getUint16(position + 32, true);
  if (!isWhole(end) || nameBytes > maxEntryNameBytes) {
    throw invalid(
      weights,
      `names of at most ${maxEntryNameBytes} bytes in the zip directory`,
      'a longer one',
    );
  }
  const name = readName(weights, new Uint8Array(bytes.buffer, bytes.byteOffset + nameOffset, nameBytes));
  if (isEncrypted(flags)) throw invalid(weights, `entries that are not encrypted`, quote(name));
  if (method !== 0) {
    throw invalidWeights(weights.path, {
      expected: 'entries that are stored as they are',
      received: `${quote(name)}, which is compressed (${compressionNames[method] ?? `method ${method}`})`,
      hint: 'The archive was packed anew by some tool: get the file as it was published, or save it again with torch.save.',
    });
  }
  if (bytes.getUint16(position + 34, true) !== 0)
    throw invalid(weights, 'a zip archive in one file', 'a part of one');
  const [byteLength, storedBytes, headerOffset] = readSizes(weights, bytes, {
    position,
    extraOffset,
    extraBytes,
  });
  if (byteLength !== storedBytes) {
    throw invalid(weights, `${byteLength} bytes of ${quote(name)}`, `${storedBytes}`);
  }
  return { entry: { name, byteLength, headerOffset }, end };
}

/** Size, stored size and place of an entry; those that do not fit 32 bits are in its zip64 extra field, in this order. */
function readSizes(
  weights: WeightsFile,
  bytes: DataView,
  {
    position,
    extraOffset,
    extraBytes,
  }: { readonly position: number; readonly extraOffset: number; readonly extraBytes: number },
): readonly [number, number, number] {
  const written = [
    bytes.getUint32(position + 24, true),
    bytes.getUint32(position + 20, true),
    bytes.getUint32(position + 42, true),
  ] as const;
  const end = extraOffset + extraBytes;
  let field = extraOffset;
  while (field + 4 <= end && bytes.getUint16(field, true) !== zip64Extra) {
    field += 4 + bytes.getUint16(field + 2, true);
  }
  const fieldEnd = field + 4 <= end ? Math.min(end, field + 4 + bytes.getUint16(field + 2, true)) : field;
  let next = field + 4;
  const resolve = (value: number): number => {
    if (value !== unknown32) return value;
    if (next + 8 > fieldEnd) throw invalid(weights, 'a zip64 size for each that is left out', 'none');
    next += 8;
    return readCount(weights, bytes, next - 8);
  };
  return [resolve(written[0]), resolve(written[1]), resolve(written[2])];
}

/** Names are looked up and never used as paths; one that would leave a folder shows that the archive is a trap. */
function readName(weights: WeightsFile, bytes: Uint8Array): string {
  let name: string;
  try {
    name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw invalidWeights(weights.path, { expected: 'names in UTF-8', received: 'other bytes', cause });
  }
  const isSound =
    name !== '' &&
    !/[\p{Cc}\\:]/u.test(name) &&
    name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (!isSound) throw invalid(weights, 'plain names in the zip directory', quote(name));
  return name;
}

/** Entries may neither overlap nor share a name. The header of each is at least as long as its name wants. */
function withLimits(
  weights: WeightsFile,
  found: readonly Omit<ZipEntry, 'limit'>[],
  directoryOffset: number,
): ReadonlyMap<string, ZipEntry> {
  const inFileOrder = found.toSorted((a, b) => a.headerOffset - b.headerOffset);
  const entries = new Map<string, ZipEntry>();
  for (const [index, entry] of inFileOrder.entries()) {
    const limit = inFileOrder[index + 1]?.headerOffset ?? directoryOffset;
    const nameBytes = Buffer.byteLength(entry.name);
    if (entry.headerOffset + localBytes + nameBytes + entry.byteLength > limit) {
      throw invalid(
        weights,
        `${quote(entry.name)} to end by byte ${limit}`,
        'one that overlaps what follows',
      );
    }
    if (entries.has(entry.name)) throw invalid(weights, 'each name once', `${quote(entry.name)} twice`);
    entries.set(entry.name, { ...entry, limit });
  }
  return entries;
}

/** An unsigned 64-bit number that counts bytes or entries. */
function readCount(weights: WeightsFile, view: DataView, offset: number): number {
  const value = view.getBigUint64(offset, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw invalid(weights, `numbers up to ${Number.MAX_SAFE_INTEGER} in the zip directory`, `${value}`);
  }
  return Number(value);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function quote(name: string): string {
  return JSON.stringify(name.slice(0, 100));
}

function invalid(weights: WeightsFile, expected: string, received: string): Error {
  return invalidWeights(weights.path, { expected, received });
}
