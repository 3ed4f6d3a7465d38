/** Checkpoints whose weights are a function of key and shape, the same as in tests/golden/networks/synthetic_weights.py. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Checkpoint, openSafetensors } from '../../../engine/weights/safetensors.ts';

export type StoredDtype = 'F32' | 'F16' | 'BF16';

export interface SyntheticLayout {
  readonly dtype: StoredDtype;
  /** A power of two that all weights but the scales of norms are times. */
  readonly gain: number;
  readonly tensors: Readonly<Record<string, readonly number[]>>;
}

/** The layout that dump.py wrote for a case. */
export async function readLayout(goldenFolder: string, name: string): Promise<SyntheticLayout> {
  const text = await readFile(path.join(goldenFolder, `${name}.tensors.txt`), 'utf8');
  const [first, ...lines] = text.trimEnd().split(/\r?\n/);
  const [dtype, gain] = first.split(' ');
  const tensors = lines.map((line) => {
    const [key, ...sizes] = line.split(' ');
    return [key, sizes.map(Number)] as const;
  });
  return { dtype: dtype as StoredDtype, gain: Number(gain), tensors: Object.fromEntries(tensors) };
}

/** Writes a checkpoint to a folder of its own while `use` runs. */
export async function withCheckpoint<T>(
  layout: SyntheticLayout,
  use: (checkpoint: Checkpoint) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'inlay-networks-'));
  try {
    const file = path.join(folder, 'synthetic.safetensors');
    await writeFile(file, encodeCheckpoint(layout));
    return await use(await openSafetensors(file));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function encodeCheckpoint({ dtype, gain, tensors }: SyntheticLayout): Uint8Array {
  const elementBytes = dtype === 'F32' ? 4 : 2;
  const header: Record<string, unknown> = {};
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const [key, shape] of Object.entries(tensors)) {
    const values = syntheticWeights(key, { shape, gain });
    const begin = end;
    end += values.length * elementBytes;
    header[key] = { dtype, shape, data_offsets: [begin, end] };
    parts.push(encodeValues(values, dtype));
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);
  return Buffer.concat([length, json, ...parts]);
}

function syntheticWeights(
  key: string,
  { shape, gain }: { readonly shape: readonly number[]; readonly gain: number },
): Float32Array {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  const seed = hashKey(key);
  const fanIn = shape.slice(1).reduce((product, size) => product * size, 1);
  const isVector = shape.length < 2;
  const isScale = isVector && key.endsWith('weight');
  const keepsSize = 2 ** Math.floor(Math.log2(1.7 / Math.sqrt(fanIn)) + 0.5);
  for (let index = 0; index < values.length; index++) {
    let bits = Math.imul(index, 0x9e3779b9) + seed;
    bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
    bits = (bits ^ (bits >>> 16)) >>> 0;
    if (isScale) values[index] = ((bits >>> 28) - 8) / 64 + 1;
    else if (isVector) values[index] = (((bits >>> 28) - 8) / 64) * gain;
    else values[index] = (((bits >>> 24) - 128) / 128) * keepsSize * gain;
  }
  return values;
}

/** FNV-1a, 32 bits. */
function hashKey(key: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(key)) value = Math.imul(value ^ byte, 0x01000193);
  return value;
}

/** The values are exact in all three types and no subnormals, so nothing is rounded. */
function encodeValues(values: Float32Array, dtype: StoredDtype): Uint8Array {
  if (dtype === 'F32') return new Uint8Array(values.buffer);
  const bits = new Uint32Array(values.buffer);
  const halves = Uint16Array.from(bits, (word) => (dtype === 'BF16' ? word >>> 16 : halfBits(word)));
  return new Uint8Array(halves.buffer);
}

/** A float32's bits as a float16's: 5 bits of exponent less 15 instead of 8 less 127, 10 of fraction instead of 23. */
function halfBits(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const exponent = (word >>> 23) & 0xff;
  return exponent === 0 ? sign : sign | ((exponent - 112) << 10) | ((word >>> 13) & 0x3ff);
}
