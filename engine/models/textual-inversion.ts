import { EngineError } from '../errors.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import { readFloat32 } from '../weights/tensor-values.ts';

/** As many as fit one window of a prompt. */
export const maxEmbeddingVectors = 75;

/** Vectors that stand in a prompt for the embedding's name. */
export interface TextualInversion {
  /** Row-major, `rows` of `width` each. */
  readonly vectors: Float32Array;
  readonly rows: number;
  /** Of the text encoder that it is for. */
  readonly width: number;
}

interface EmbeddingTensor extends Omit<TextualInversion, 'vectors'> {
  readonly key: string;
}

/** Where a file's embedding is and how large; undefined where it is no such file. Throws `unsupported-architecture`. */
export function findEmbedding(checkpoint: Checkpoint): EmbeddingTensor | undefined {
  const key = embeddingKey(checkpoint);
  if (key === undefined) return undefined;
  const { shape } = checkpoint.tensors.get(key)!;
  const [rows, width] = shape.length === 1 ? [1, ...shape] : shape;
  const isSound = shape.length <= 2 && rows! >= 1 && rows! <= maxEmbeddingVectors && width! >= 1;
  if (isSound) return { key, rows: rows!, width: width! };
  throw new EngineError(
    'unsupported-architecture',
    `Expected an embedding of 1 to ${maxEmbeddingVectors} vectors in ${checkpoint.file}, received [${shape.join(', ')}].`,
  );
}

/** The vectors of an embedding's file. Throws `unsupported-architecture` or `invalid-weights`. */
export async function readTextualInversion(checkpoint: Checkpoint): Promise<TextualInversion> {
  const found = findEmbedding(checkpoint);
  if (found === undefined) {
    throw new EngineError(
      'unsupported-architecture',
      `Expected an embedding in ${checkpoint.file}, received other tensors.`,
    );
  }
  const { key, rows, width } = found;
  const vectors = await readFloat32(checkpoint, key);
  if (!vectors.every(Number.isFinite)) {
    throw new EngineError(
      'invalid-weights',
      `Expected finite numbers in ${checkpoint.file}, received others.`,
    );
  }
  return { vectors, rows, width };
}

/** The tensor of a textual inversion: A1111's, that of its `.safetensors` form, or a single tensor named as its token. */
function embeddingKey({ tensors }: Checkpoint): string | undefined {
  if (tensors.has('emb_params')) return 'emb_params';
  const token = [...tensors.keys()].find((key) => key.startsWith('string_to_param.'));
  if (token !== undefined) return token;
  const [only] = tensors.values();
  if (tensors.size !== 1 || only === undefined || only.name.includes('.')) return undefined;
  return only.shape.length === 1 || only.shape.length === 2 ? only.name : undefined;
}
