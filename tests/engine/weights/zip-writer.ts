/** Archives as `torch.save` writes them, and as nobody should. */

export interface EntryToZip {
  readonly name: string;
  readonly data: Uint8Array;
  readonly method?: number;
  readonly flags?: number;
  /** In the entry's own header, where that lies. */
  readonly localName?: string;
  readonly localBytes?: number;
  readonly localMethod?: number;
  /** In the directory, where that lies. */
  readonly byteLength?: number;
  readonly storedBytes?: number;
  readonly headerOffset?: number;
  readonly extra?: Uint8Array;
  readonly disk?: number;
}

export interface ZipOptions {
  readonly comment?: string;
  /** With the record that torch writes always; its values where they lie. */
  readonly zip64?: Partial<
    Record<
      'entries' | 'directoryBytes' | 'directoryOffset' | 'recordOffset' | 'recordBytes' | 'disks',
      number
    >
  >;
  readonly entries?: number;
  readonly directoryBytes?: number;
  readonly directoryOffset?: number;
  readonly disk?: number;
  /** Between the last entry and the directory, and between the directory and its end. */
  readonly gap?: number;
  readonly gapBeforeEnd?: number;
}

export function zip(entries: readonly EntryToZip[], options: ZipOptions = {}): Uint8Array {
  const parts: Uint8Array[] = [];
  let position = 0;
  const add = (bytes: Uint8Array) => {
    parts.push(bytes);
    position += bytes.byteLength;
  };
  const offsets: number[] = [];
  for (const entry of entries) {
    offsets.push(position);
    add(localHeader(entry));
    add(entry.data);
  }
  add(new Uint8Array(options.gap ?? 0));
  const directoryOffset = options.directoryOffset ?? position;
  const start = position;
  for (const [index, entry] of entries.entries()) add(directoryEntry(entry, offsets[index]!));
  const directoryBytes = options.directoryBytes ?? position - start;
  add(new Uint8Array(options.gapBeforeEnd ?? 0));
  const count = options.entries ?? entries.length;
  if (options.zip64 !== undefined) {
    const end = { count, directoryBytes, directoryOffset };
    for (const bytes of end64(options.zip64, { ...end, recordOffset: position })) add(bytes);
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(options.disk ?? 0, 4);
  end.writeUInt16LE(Math.min(count, 0xffff), 8);
  end.writeUInt16LE(Math.min(count, 0xffff), 10);
  end.writeUInt32LE(directoryBytes, 12);
  end.writeUInt32LE(directoryOffset, 16);
  end.writeUInt16LE(options.comment?.length ?? 0, 20);
  add(end);
  add(Buffer.from(options.comment ?? '', 'latin1'));
  return Buffer.concat(parts);
}

/** A zip64 extra field with these numbers. */
export function zip64Extra(...values: readonly (number | bigint)[]): Uint8Array {
  const bytes = Buffer.alloc(4 + 8 * values.length);
  bytes.writeUInt16LE(1, 0);
  bytes.writeUInt16LE(8 * values.length, 2);
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  return bytes;
}

function localHeader({ name, data, method = 0, flags = 0x800, ...lies }: EntryToZip): Uint8Array {
  const nameBytes = Buffer.from(lies.localName ?? name);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(flags, 6);
  header.writeUInt16LE(lies.localMethod ?? method, 8);
  header.writeUInt32LE(lies.localBytes ?? data.byteLength, 18);
  header.writeUInt32LE(lies.localBytes ?? data.byteLength, 22);
  header.writeUInt16LE(nameBytes.byteLength, 26);
  return Buffer.concat([header, nameBytes]);
}

function directoryEntry(
  { name, data, method = 0, flags = 0x800, ...lies }: EntryToZip,
  offset: number,
): Uint8Array {
  const nameBytes = Buffer.from(name);
  const extra = lies.extra ?? new Uint8Array(0);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(flags, 8);
  header.writeUInt16LE(method, 10);
  header.writeUInt32LE(lies.storedBytes ?? data.byteLength, 20);
  header.writeUInt32LE(lies.byteLength ?? data.byteLength, 24);
  header.writeUInt16LE(nameBytes.byteLength, 28);
  header.writeUInt16LE(extra.byteLength, 30);
  header.writeUInt16LE(lies.disk ?? 0, 34);
  header.writeUInt32LE(lies.headerOffset ?? offset, 42);
  return Buffer.concat([header, nameBytes, extra]);
}

function end64(
  lies: NonNullable<ZipOptions['zip64']>,
  truth: {
    readonly count: number;
    readonly directoryBytes: number;
    readonly directoryOffset: number;
    readonly recordOffset: number;
  },
): readonly Uint8Array[] {
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(BigInt(lies.recordBytes ?? 44), 4);
  record.writeBigUInt64LE(BigInt(lies.entries ?? truth.count), 24);
  record.writeBigUInt64LE(BigInt(lies.entries ?? truth.count), 32);
  record.writeBigUInt64LE(BigInt(lies.directoryBytes ?? truth.directoryBytes), 40);
  record.writeBigUInt64LE(BigInt(lies.directoryOffset ?? truth.directoryOffset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(lies.recordOffset ?? truth.recordOffset), 8);
  locator.writeUInt32LE(lies.disks ?? 1, 16);
  return [record, locator];
}
