/**
 * The document between two visits, in IndexedDB. Rasters, masks and selection tiles are records of their own, written once
 * each; one index record names those that make up the document. It is written after them, in one transaction with the
 * removal of what it no longer names, so that a save that is cut short leaves the last document whole.
 */
import {
  createStore,
  getMany,
  clear as idbClear,
  keys,
  promisifyRequest,
  setMany,
  type UseStore,
} from 'idb-keyval';
import type { Bounds, Point, Size } from '../../shared/picture/geometry.ts';
import type { Layer, LayerVariation } from '../document/layer.ts';
import type { PictureDocument } from '../document/picture-document.ts';
import type { Raster } from '../document/raster.ts';
import { Selection } from '../document/selection.ts';
import { TILE_SIDE } from '../document/selection-tile.ts';

/** Why a document could not be kept: a sentence for people, and what they can do. */
export class DocumentStorageError extends Error {
  readonly hint: string;

  constructor(message: string, options: { readonly hint: string; readonly cause: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'DocumentStorageError';
    this.hint = options.hint;
  }
}

/** An index of another version is of another page: it is not read. */
const INDEX_VERSION = 3;
const INDEX_KEY = 'index';
/** Larger bytes are kept as several records. The browser copies a record at one go, in which the page stands still. */
const MAX_RECORD_BYTES = 4 * 2 ** 20;
/** Records written in one transaction, by their bytes. */
const MAX_BATCH_BYTES = MAX_RECORD_BYTES;

type Bytes = Uint8Array<ArrayBuffer> | Uint8ClampedArray<ArrayBuffer>;
type RecordKey = string;
type RecordBatch = [RecordKey, Bytes][];

interface RasterRecord extends Size {
  readonly data: RecordKey;
}

interface SelectionRecord extends Size {
  readonly tiles: readonly { readonly left: number; readonly top: number; readonly bytes: RecordKey }[];
}

interface LayerRecord {
  readonly id: string;
  readonly name: string;
  readonly operation: Layer['operation'];
  readonly bounds: Bounds;
  readonly variations: readonly {
    readonly raster: RasterRecord;
    readonly request: LayerVariation['request'];
  }[];
  readonly shown: number;
  readonly mask: RecordKey;
  readonly selected: SelectionRecord;
  readonly expandedFrom?: Bounds;
  readonly opacity: number;
  readonly isVisible: boolean;
}

interface IndexRecord {
  readonly version: typeof INDEX_VERSION;
  readonly fileName: string;
  readonly size: Size;
  readonly base: RasterRecord;
  readonly baseOffset: Point;
  readonly layers: readonly LayerRecord[];
  readonly selection: SelectionRecord;
}

/** Under which key bytes are kept, or will be: they are never written twice, not even after a reload. */
const keysOfBytes = new WeakMap<Bytes, RecordKey>();

let store: UseStore | undefined;
/** The records that there are; nothing while that is not known. No other tab writes here meanwhile (document-lock.ts). */
let storedKeys: ReadonlySet<RecordKey> | undefined;
/** Saves, loads and clears wait for each other. */
let last: Promise<unknown> = Promise.resolve();

function inTurn<Result>(task: (store: UseStore) => Promise<Result>): Promise<Result> {
  const run = last.then(() => {
    store ??= createStore('inlay', 'document');
    return task(store);
  });
  last = run.catch(() => undefined);
  return run;
}

/**
 * Keeps the document, in the place of the last one; writes only what is new. Unless another save is on its way, a small
 * change is in the browser's hands before anything else of the page runs: leaving the page at once loses nothing.
 *
 * @throws DocumentStorageError when the browser has no room, or keeps nothing (a private window).
 */
export function saveDocument(document: PictureDocument): Promise<void> {
  return inTurn(async (store) => {
    const needed = new Map<RecordKey, Bytes>();
    const index = indexOf(document, (bytes) => {
      let key = keysOfBytes.get(bytes);
      if (!key) {
        key = crypto.randomUUID();
        keysOfBytes.set(bytes, key);
      }
      for (const { part, from, to } of partsOf(key, bytes.length)) {
        needed.set(part, from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to));
      }
      return key;
    });
    try {
      const stored = storedKeys ?? new Set(await keys<RecordKey>(store));
      storedKeys = undefined;
      let batch: RecordBatch = [];
      for (const next of batchesOf([...needed].filter(([key]) => !stored.has(key)))) {
        if (batch.length > 0) await setMany(batch, store);
        batch = next;
      }
      const unneeded = [...stored].filter((key) => key !== INDEX_KEY && !needed.has(key));
      await replaceRecords(store, { put: [...batch, [INDEX_KEY, index]], remove: unneeded });
      storedKeys = new Set(needed.keys());
    } catch (cause) {
      throw storageError(cause);
    }
  });
}

/** The document that was kept last, bit for bit; undefined when there is none, or not all of it. */
export function loadDocument(): Promise<PictureDocument | undefined> {
  return inTurn(async (store) => {
    try {
      const [index] = await getMany<IndexRecord>([INDEX_KEY], store);
      if (index?.version !== INDEX_VERSION) return undefined;
      const needed = new Map<RecordKey, number>();
      documentOf(index, (key, length) => {
        needed.set(key, length);
        return new Uint8Array();
      });
      const bytes = new Map<RecordKey, Bytes>();
      for (const [key, length] of needed) {
        const parts = partsOf(key, length);
        const records = await getMany<Bytes>(
          parts.map(({ part }) => part),
          store,
        );
        if (records.includes(undefined)) return undefined;
        bytes.set(key, records.length === 1 ? records[0]! : joined(records as Bytes[], length));
      }
      return documentOf(index, (key) => {
        const record = bytes.get(key)!;
        keysOfBytes.set(record, key);
        return record;
      });
    } catch (cause) {
      throw storageError(cause);
    }
  });
}

/** Forgets the document. */
export function clearDocument(): Promise<void> {
  return inTurn(async (store) => {
    storedKeys = undefined;
    await idbClear(store);
  });
}

/** In one transaction: all of it, or nothing. */
function replaceRecords(
  store: UseStore,
  { put, remove }: { readonly put: readonly [RecordKey, unknown][]; readonly remove: readonly RecordKey[] },
): Promise<void> {
  return store('readwrite', (records) => {
    const { transaction } = records;
    try {
      for (const [key, value] of put) records.put(value, key);
      for (const key of remove) records.delete(key);
      // Else it would wait for a page that may be gone by then.
      transaction.commit();
    } catch (error) {
      transaction.abort();
      throw error;
    }
    return promisifyRequest(transaction);
  });
}

function indexOf(document: PictureDocument, keyOf: (bytes: Bytes) => RecordKey): IndexRecord {
  const { fileName, size, base, baseOffset, layers, selection } = document;
  const rasterRecord = ({ width, height, data }: Raster) => ({ width, height, data: keyOf(data) });
  const selectionRecord = (selection: Selection) => ({
    ...selection.size,
    tiles: [...selection.tiles()].map(({ left, top, bytes }) => ({ left, top, bytes: keyOf(bytes) })),
  });
  return {
    version: INDEX_VERSION,
    fileName,
    size,
    base: rasterRecord(base),
    baseOffset,
    layers: layers.map((layer) => ({
      ...layer,
      variations: layer.variations.map(({ raster, request }) => ({ raster: rasterRecord(raster), request })),
      mask: keyOf(layer.mask),
      selected: selectionRecord(layer.selected),
    })),
    selection: selectionRecord(selection),
  };
}

/** The records that `length` bytes are kept as, and which bytes each has. */
function partsOf(
  key: RecordKey,
  length: number,
): readonly { readonly part: RecordKey; readonly from: number; readonly to: number }[] {
  const count = Math.max(1, Math.ceil(length / MAX_RECORD_BYTES));
  return Array.from({ length: count }, (_, i) => ({
    part: count === 1 ? key : `${key}/${i}`,
    from: i * MAX_RECORD_BYTES,
    to: Math.min(length, (i + 1) * MAX_RECORD_BYTES),
  }));
}

function joined(parts: readonly Bytes[], length: number): Bytes {
  const whole = parts[0] instanceof Uint8Array ? new Uint8Array(length) : new Uint8ClampedArray(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function documentOf(index: IndexRecord, bytesOf: (key: RecordKey, length: number) => Bytes): PictureDocument {
  const { fileName, size, base, baseOffset, layers, selection } = index;
  const raster = ({ width, height, data }: RasterRecord): Raster => ({
    width,
    height,
    data: bytesOf(data, width * height * 4) as Uint8ClampedArray<ArrayBuffer>,
  });
  const toSelection = ({ width, height, tiles }: SelectionRecord) =>
    Selection.fromTiles(
      tiles.map(({ left, top, bytes }) => ({
        left,
        top,
        bytes: bytesOf(bytes, TILE_SIDE * TILE_SIDE) as Uint8Array<ArrayBuffer>,
      })),
      { width, height },
    );
  return {
    fileName,
    size,
    base: raster(base),
    baseOffset,
    layers: layers.map(
      (layer): Layer => ({
        ...layer,
        variations: layer.variations.map((variation) => ({
          raster: raster(variation.raster),
          request: variation.request,
        })),
        mask: bytesOf(layer.mask, layer.bounds.width * layer.bounds.height) as Uint8Array<ArrayBuffer>,
        selected: toSelection(layer.selected),
      }),
    ),
    selection: toSelection(selection),
  };
}

/** Bytes that are a part of a larger buffer are copied out, else all of that buffer would be written. */
function* batchesOf(records: readonly (readonly [RecordKey, Bytes])[]): Generator<RecordBatch> {
  let batch: RecordBatch = [];
  let byteCount = 0;
  for (const [key, bytes] of records) {
    batch.push([key, bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()]);
    byteCount += bytes.byteLength;
    if (byteCount < MAX_BATCH_BYTES) continue;
    yield batch;
    [batch, byteCount] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

function storageError(cause: unknown): DocumentStorageError {
  if (cause instanceof DOMException && cause.name === 'QuotaExceededError') {
    return new DocumentStorageError(
      'The browser has no room left to keep this picture for your next visit.',
      {
        hint: 'Download it before you close the page, or free some disk space.',
        cause,
      },
    );
  }
  return new DocumentStorageError(
    'The browser does not let the page keep this picture for your next visit.',
    {
      hint: 'Download it before you close the page. A private window or blocked site data may be the reason.',
      cause,
    },
  );
}
