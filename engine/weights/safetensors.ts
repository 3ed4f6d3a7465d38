/**
 * Reads `.safetensors` headers (https://huggingface.co/docs/safetensors): an unsigned 64-bit little-endian length, that
 * many bytes of JSON, then the tensors' bytes without gaps. Only the header is read; a graph names the tensors' places
 * in the file and the runtime maps them. Files come from anywhere, so nothing in them is believed unchecked.
 */
import { EngineError } from '../errors.ts';
import { findHeaderJsonProblem } from './header-json.ts';
import { cutOffHint, invalidWeights, type WeightsFile, withWeightsFile } from './weights-file.ts';

export const dtypeBits = {
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  I64: 64,
  U64: 64,
  F64: 64,
  C64: 64,
} as const;
export type SafetensorsDtype = keyof typeof dtypeBits;

/** Large headers of published files are some megabytes, most of it `__metadata__`. */
export const maxHeaderBytes = 32 * 1024 * 1024;
const lengthBytes = 8;
/** The file's object, a tensor's object, its arrays. */
const maxHeaderDepth = 3;

export interface TensorEntry {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  /** Row-major, as in PyTorch. */
  readonly shape: readonly number[];
  /** From the start of the file. */
  readonly byteOffset: number;
  readonly byteLength: number;
  /** Where not the checkpoint's own file: that which holds the tensor, in the same folder or below it. */
  readonly file?: string;
}

/** What no shape tells, as far as something beside the weights says it. */
export interface AttentionConfig {
  /** How many heads a UNet's transformers have, by size from the largest, or one number for all. */
  readonly unetHeads?: readonly number[];
  /** Instead: how many channels each has. */
  readonly unetHeadWidth?: number;
  readonly textHeads?: number;
  readonly textActivation?: 'quick_gelu' | 'gelu';
  /** Of SDXL's second text encoder. */
  readonly secondText?: Pick<AttentionConfig, 'textHeads' | 'textActivation'>;
}

/** What is known of a weights file without reading any weights. */
export interface Checkpoint {
  /** The real path, links resolved: the runtime refuses links that leave the folder. */
  readonly file: string;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly metadata: ReadonlyMap<string, string>;
  /** From a configuration beside the weights; the family's usual without. */
  readonly attention?: AttentionConfig;
}

/** Opens a file just long enough to read its header. Throws `model-not-found` or `invalid-weights`. */
export async function openSafetensors(path: string): Promise<Checkpoint> {
  return withWeightsFile(path, readSafetensors);
}

/** The header of a file that is open. Throws `invalid-weights`. */
export async function readSafetensors(weights: WeightsFile): Promise<Checkpoint> {
  const { path: file, byteLength: fileBytes } = weights;
  if (fileBytes < lengthBytes) {
    throw invalidWeights(file, {
      expected: `at least ${lengthBytes} bytes`,
      received: fileBytes === 0 ? 'an empty file' : `${fileBytes}`,
      hint: cutOffHint,
    });
  }
  const prefix = await weights.read(0, lengthBytes);
  const declared = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  if (declared > BigInt(maxHeaderBytes)) {
    throw invalid(file, `a header of at most ${maxHeaderBytes} bytes`, `a length of ${declared}`);
  }
  const headerBytes = Number(declared);
  if (headerBytes > fileBytes - lengthBytes) {
    throw invalidWeights(file, {
      expected: `a header of ${headerBytes} bytes`,
      received: `${fileBytes - lengthBytes} bytes after its length`,
      hint: cutOffHint,
    });
  }
  const header = await weights.read(lengthBytes, headerBytes);
  return parseSafetensorsHeader(header, { file, fileBytes });
}

/** Reads one tensor's bytes, little-endian, as stored. Throws `invalid-weights` where the file has no such tensor. */
export async function readTensor(checkpoint: Checkpoint, name: string): Promise<Uint8Array> {
  const entry = checkpoint.tensors.get(name);
  if (entry === undefined) throw invalid(checkpoint.file, `a tensor \`${name}\``, 'none');
  return withWeightsFile(entry.file ?? checkpoint.file, (weights) =>
    weights.read(entry.byteOffset, entry.byteLength),
  );
}

/** Checks a header's bytes against the size of the file that they are from. Throws `invalid-weights`. */
export function parseSafetensorsHeader(
  header: Uint8Array,
  { file, fileBytes }: { readonly file: string; readonly fileBytes: number },
): Checkpoint {
  const dataOffset = lengthBytes + header.byteLength;
  const dataBytes = fileBytes - dataOffset;
  const tensors = new Map<string, TensorEntry>();
  const metadata = new Map<string, string>();
  for (const [name, value] of Object.entries(parseJson(header, file))) {
    if (name === '__metadata__') {
      for (const [key, text] of Object.entries(asObject(value, { file, what: '`__metadata__`' }))) {
        if (typeof text !== 'string')
          throw invalid(file, `text in \`__metadata__\` for \`${key}\``, JSON.stringify(text));
        metadata.set(key, text);
      }
    } else {
      const entry = parseEntry(name, value, { file, dataBytes });
      tensors.set(name, { ...entry, byteOffset: dataOffset + entry.byteOffset });
    }
  }
  checkLayout([...tensors.values()], { file, dataOffset, fileBytes });
  return { file, tensors, metadata };
}

function parseJson(header: Uint8Array, file: string): Record<string, unknown> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
  } catch (cause) {
    throw invalid(file, 'a header in UTF-8', 'other bytes', cause);
  }
  const problem = findHeaderJsonProblem(text, maxHeaderDepth);
  if (problem !== undefined)
    throw new EngineError('invalid-weights', `Expected ${problem}, in the header of ${file}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw invalid(file, 'a header in JSON', `\`${text.slice(0, 40)}\``, cause);
  }
  return asObject(parsed, { file, what: 'the header' });
}

function parseEntry(
  name: string,
  value: unknown,
  { file, dataBytes }: { readonly file: string; readonly dataBytes: number },
): TensorEntry {
  const what = `\`${name}\``;
  const { dtype, shape, data_offsets: offsets } = asObject(value, { file, what });
  if (typeof dtype !== 'string' || !Object.hasOwn(dtypeBits, dtype)) {
    throw invalid(file, `a known dtype for ${what}`, JSON.stringify(dtype));
  }
  if (!isCountArray(shape)) {
    throw invalid(file, `a shape of whole numbers from 0 for ${what}`, JSON.stringify(shape));
  }
  if (!isCountArray(offsets) || offsets.length !== 2) {
    throw invalid(file, `two data offsets for ${what}`, JSON.stringify(offsets));
  }
  const [begin, end] = offsets;
  if (begin > end) throw invalid(file, `data offsets of ${what} to ascend`, JSON.stringify(offsets));
  if (end > dataBytes) {
    throw invalidWeights(file, {
      expected: `at least ${end} bytes of tensors, with ${what} at their end,`,
      received: `${dataBytes}`,
      hint: cutOffHint,
    });
  }
  const bits = shape.reduce(
    (product, size) => product * BigInt(size),
    BigInt(dtypeBits[dtype as SafetensorsDtype]),
  );
  if (bits !== BigInt(end - begin) * 8n) {
    throw invalid(file, `${bits} bits for ${what} ${dtype} [${shape.join(', ')}]`, `${end - begin} bytes`);
  }
  return { name, dtype: dtype as SafetensorsDtype, shape, byteOffset: begin, byteLength: end - begin };
}

/** The format wants every byte after the header to belong to exactly one tensor. */
function checkLayout(
  entries: readonly TensorEntry[],
  {
    file,
    dataOffset,
    fileBytes,
  }: { readonly file: string; readonly dataOffset: number; readonly fileBytes: number },
): void {
  let covered = dataOffset;
  const inFileOrder = entries.toSorted((a, b) => a.byteOffset - b.byteOffset || a.byteLength - b.byteLength);
  for (const { name, byteOffset, byteLength } of inFileOrder) {
    if (byteOffset !== covered) {
      const flaw = byteOffset < covered ? 'overlaps the tensor before it' : 'leaves a gap before it';
      throw invalid(file, `\`${name}\` to begin at byte ${covered}`, `${byteOffset}, which ${flaw}`);
    }
    covered += byteLength;
  }
  if (covered !== fileBytes) throw invalid(file, `a file of ${covered} bytes`, `${fileBytes}`);
}

function asObject(
  value: unknown,
  { file, what }: { readonly file: string; readonly what: string },
): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(file, `an object for ${what}`, JSON.stringify(value));
  }
  return value as Record<string, unknown>;
}

function isCountArray(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

function invalid(file: string, expected: string, received: string | undefined, cause?: unknown): EngineError {
  return invalidWeights(file, { expected, received, cause });
}
