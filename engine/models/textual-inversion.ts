import { EngineError } from '../errors.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import { readFloat32 } from '../weights/tensor-values.ts';
import { embeddingKey } from './file-family.ts';

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

/** The vectors of an embedding's file. Throws `unsupported-architecture` or `invalid-weights`. */
export async function readTextualInversion(checkpoint: Checkpoint): Promise<TextualInversion> {
  const key = embeddingKey(checkpoint);
  const shape = key === undefined ? undefined : checkpoint.tensors.get(key)!.shape;
  const [rows, width] = shape?.length === 1 ? [1, ...shape] : (shape ?? []);
  const isSound =
    shape !== undefined && shape.length <= 2 && rows! >= 1 && rows! <= maxEmbeddingVectors && width! >= 1;
  if (!isSound) {
    throw new EngineError(
      'unsupported-architecture',
      `Expected an embedding of 1 to ${maxEmbeddingVectors} vectors in ${checkpoint.file}, received ${shape === undefined ? 'other tensors' : `[${shape.join(', ')}]`}.`,
    );
  }
  const vectors = await readFloat32(checkpoint, key!);
  if (!vectors.every(Number.isFinite)) {
    throw new EngineError(
      'invalid-weights',
      `Expected finite numbers in ${checkpoint.file}, received others.`,
    );
  }
  return { vectors, rows: rows!, width: width! };
}
