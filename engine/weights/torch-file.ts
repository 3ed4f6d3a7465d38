/**
 * Files of `torch.save` as checkpoints whose tensors are read where they lie: archives (torch 1.6 and later: a pickle and
 * one stored entry for each storage) and the format before that (pickles, then the storages one after the other).
 * Formats: https://github.com/pytorch/pytorch/blob/main/torch/serialization.py
 */
import { EngineError } from '../errors.ts';
import { PickleRefusal } from './pickle-error.ts';
import { readPickle } from './pickle-machine.ts';
import { PickledStorage, PickledTensor, type PickleValue } from './pickle-values.ts';
import { dtypeBytes, isContiguous } from './pickled-tensor.ts';
import type { Checkpoint, TensorEntry } from './safetensors.ts';
import { type StateDict, stateDictOf } from './state-dict.ts';
import { cutOffHint, invalidWeights, type WeightsFile } from './weights-file.ts';
import { entryDataOffset, readZipDirectory, type ZipEntry } from './zip-directory.ts';

/** A checkpoint with its whole training state has less than two megabytes. */
export const maxPickleBytes = 32 * 1024 * 1024;
export const maxTensors = 200_000;

/** The beginning of the format before torch 1.6: its magic number as a pickle of its own. */
export const legacyMagic = Uint8Array.of(
  0x80,
  0x02,
  0x8a,
  0x0a,
  0x6c,
  0xfc,
  0x9c,
  0x46,
  0xf9,
  0x20,
  0x6a,
  0xa8,
  0x50,
  0x19,
  0x2e,
);
const legacyVersion = 1001;

/** An archive of torch 1.6 and later. Throws `invalid-weights`. */
export async function readTorchArchive(weights: WeightsFile): Promise<Checkpoint> {
  const entries = await readZipDirectory(weights);
  const root = archiveRoot(weights, entries);
  const pickled = entries.get(`${root}/data.pkl`)!;
  if (pickled.byteLength > maxPickleBytes) {
    throw invalidWeights(weights.path, {
      expected: `a pickle of at most ${maxPickleBytes} bytes`,
      received: `${pickled.byteLength}`,
    });
  }
  await checkByteOrder(weights, entries.get(`${root}/byteorder`));
  const bytes = await weights.read(await entryDataOffset(weights, pickled), pickled.byteLength);
  const { value, byteLength } = refusable(weights, () => readPickle(bytes));
  if (byteLength !== pickled.byteLength) {
    throw invalidWeights(weights.path, {
      expected: `a pickle of ${pickled.byteLength} bytes`,
      received: `one that ends after ${byteLength}`,
    });
  }
  return checkpointOf(weights, value, (storages) => archiveOffsets(weights, { storages, entries, root }));
}

/** Headers of entries that are read at the same time. */
const readsAtOnce = 64;

async function archiveOffsets(
  weights: WeightsFile,
  {
    storages,
    entries,
    root,
  }: {
    readonly storages: readonly PickledStorage[];
    readonly entries: ReadonlyMap<string, ZipEntry>;
    readonly root: string;
  },
): Promise<ReadonlyMap<string, number>> {
  const offsets = new Map<string, number>();
  const place = async ({ key, elements, dtype }: PickledStorage): Promise<void> => {
    const entry = entries.get(`${root}/data/${key}`);
    const byteCount = elements * dtypeBytes(dtype);
    if (entry?.byteLength !== byteCount) {
      throw invalidWeights(weights.path, {
        expected: `a storage \`${key}\` of ${byteCount} bytes`,
        received: entry === undefined ? 'none' : `${entry.byteLength}`,
      });
    }
    offsets.set(key, await entryDataOffset(weights, entry));
  };
  for (let start = 0; start < storages.length; start += readsAtOnce) {
    await Promise.all(storages.slice(start, start + readsAtOnce).map(place));
  }
  return offsets;
}

/** A file from before torch 1.6. Throws `invalid-weights`. */
export async function readLegacyTorch(weights: WeightsFile): Promise<Checkpoint> {
  const bytes = await weights.read(0, Math.min(weights.byteLength, maxPickleBytes));
  let position = 0;
  const next = (): PickleValue => {
    const { value, byteLength } = readPickle(bytes.subarray(position));
    position += byteLength;
    return value;
  };
  const [, version, system, root, keys] = refusable(weights, () => [next(), next(), next(), next(), next()]);
  const isLittleEndian = system instanceof Map && system.get('little_endian') === true;
  if (version !== legacyVersion || !isLittleEndian || !Array.isArray(keys)) {
    throw invalidWeights(weights.path, {
      expected: `a file of torch.save, format ${legacyVersion}, little-endian`,
      received: 'another',
    });
  }
  const storages = storagesOf(root!);
  const offsets = new Map<string, number>();
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (storage === undefined || offsets.has(storage.key)) {
      throw invalidWeights(weights.path, { expected: 'each storage once', received: String(key) });
    }
    position = await placeStorage(weights, storage, position);
    offsets.set(storage.key, position);
    position += storage.elements * dtypeBytes(storage.dtype);
  }
  if (position !== weights.byteLength) {
    throw invalidWeights(weights.path, {
      expected: `a file of ${position} bytes`,
      received: `${weights.byteLength}`,
      ...(position > weights.byteLength && { hint: cutOffHint }),
    });
  }
  return checkpointOf(weights, root!, async () => offsets);
}

const countBytes = 8;

/** Before each storage the number of its elements is written once more. */
async function placeStorage(
  weights: WeightsFile,
  storage: PickledStorage,
  position: number,
): Promise<number> {
  if (position + countBytes > weights.byteLength) {
    throw invalidWeights(weights.path, {
      expected: `a storage \`${storage.key}\` at byte ${position}`,
      received: 'the end of the file',
      hint: cutOffHint,
    });
  }
  const bytes = await weights.read(position, countBytes);
  const elements = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (elements !== BigInt(storage.elements)) {
    throw invalidWeights(weights.path, {
      expected: `${storage.elements} elements in the storage \`${storage.key}\``,
      received: `${elements}`,
    });
  }
  return position + countBytes;
}

/** All storages that a value refers to, each container once. */
function storagesOf(root: PickleValue): ReadonlyMap<string, PickledStorage> {
  const storages = new Map<string, PickledStorage>();
  const seen = new Set<PickleValue>();
  const pending: PickleValue[] = [root];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof PickledTensor) storages.set(value.storage.key, value.storage);
    else if (value instanceof PickledStorage) storages.set(value.key, value);
    else if (value instanceof Map) for (const child of value.values()) pending.push(child);
    else if (Array.isArray(value)) for (const child of value) pending.push(child);
    else if ('items' in value) for (const child of value.items) pending.push(child);
    else if ('state' in value) pending.push(value.state);
  }
  return storages;
}

function archiveRoot(weights: WeightsFile, entries: ReadonlyMap<string, ZipEntry>): string {
  const roots = [...entries.keys()].flatMap((name) => /^([^/]+)\/data\.pkl$/.exec(name)?.[1] ?? []);
  const [root] = roots;
  if (root === undefined || roots.length > 1) {
    throw invalidWeights(weights.path, {
      expected: 'an archive of torch.save, with one data.pkl',
      received: `${roots.length} of them in ${entries.size} entries`,
    });
  }
  return root;
}

async function checkByteOrder(weights: WeightsFile, entry: ZipEntry | undefined): Promise<void> {
  // Before torch 2.1 there was none, and all were little-endian.
  if (entry === undefined) return;
  const offset = await entryDataOffset(weights, entry);
  const bytes = await weights.read(offset, Math.min(entry.byteLength, 'little'.length + 1));
  const order = Buffer.from(bytes).toString('latin1');
  if (order !== 'little') {
    throw invalidWeights(weights.path, {
      expected: 'little-endian numbers',
      received: JSON.stringify(order),
    });
  }
}

/** `offsetsOf` tells where storages are in the file, by their keys. */
async function checkpointOf(
  weights: WeightsFile,
  root: PickleValue,
  offsetsOf: (storages: readonly PickledStorage[]) => Promise<ReadonlyMap<string, number>>,
): Promise<Checkpoint> {
  const { tensors: pickled, metadata }: StateDict = refusable(weights, () => stateDictOf(root));
  if (pickled.size > maxTensors) {
    throw invalidWeights(weights.path, {
      expected: `at most ${maxTensors} tensors`,
      received: `${pickled.size}`,
    });
  }
  const storages = new Set([...pickled.values()].map(({ storage }) => storage));
  const offsets = await offsetsOf([...storages]);
  const tensors = new Map<string, TensorEntry>();
  for (const [name, tensor] of pickled) {
    const { dtype, shape, strides, storage, offset } = tensor;
    if (!isContiguous(tensor)) {
      throw invalidWeights(weights.path, {
        expected: `\`${name}\` [${shape.join(', ')}] in row-major order`,
        received: `strides [${strides.join(', ')}]`,
        hint: 'Save the file again with every tensor made `.contiguous()`, or get it as .safetensors.',
      });
    }
    const storageOffset = offsets.get(storage.key);
    if (storageOffset === undefined) {
      throw invalidWeights(weights.path, { expected: `a storage \`${storage.key}\``, received: 'none' });
    }
    const byteOffset = storageOffset + offset * dtypeBytes(dtype);
    const byteLength = shape.reduce((product, size) => product * size, dtypeBytes(dtype));
    tensors.set(name, { name, dtype, shape, byteOffset, byteLength });
  }
  return { file: weights.path, tensors, metadata };
}

/** Gives a refusal the name of the file. */
function refusable<T>(weights: WeightsFile, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PickleRefusal)) throw error;
    throw new EngineError(
      'invalid-weights',
      `Expected tensors and nothing else in ${weights.path}, received ${error.message}.`,
      {
        cause: error,
        hint: error.isSuspicious
          ? 'Nothing in the file was run. Do not open it with other programs; get the model as .safetensors from a source that you trust.'
          : 'Get the model as .safetensors, or save it again with torch.save as a dictionary of tensors.',
      },
    );
  }
}
