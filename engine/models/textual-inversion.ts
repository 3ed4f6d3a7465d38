import { EngineError } from '../errors.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import { readFloat32 } from '../weights/tensor-values.ts';

/** As many as fit one window of a prompt. */
export const maxEmbeddingVectors = 75;

/** Vectors that stand in a prompt for the embedding's name. */
export interface TextualInversion {
  readonly rows: number;
  /** For each text encoder that it is for: one, or CLIP-L and bigG (SDXL). */
  readonly parts: readonly EmbeddingPart[];
}

export interface EmbeddingPart {
  /** Of that text encoder. */
  readonly width: number;
  /** Row-major, `rows` of `width` each. */
  readonly vectors: Float32Array;
}

interface EmbeddingTensors {
  readonly rows: number;
  readonly parts: readonly { readonly key: string; readonly width: number }[];
}

/** Where a file's embedding is and how large; undefined where it is no such file. Throws `unsupported-architecture`. */
export function findEmbedding(checkpoint: Checkpoint): EmbeddingTensors | undefined {
  const keys = embeddingKeys(checkpoint);
  if (keys === undefined) return undefined;
  const sized = keys.map((key) => {
    const { shape } = checkpoint.tensors.get(key)!;
    const [rows, width] = shape.length === 1 ? [1, ...shape] : shape;
    const isSound = shape.length <= 2 && rows! >= 1 && rows! <= maxEmbeddingVectors && width! >= 1;
    if (isSound) return { key, rows: rows!, width: width! };
    throw new EngineError(
      'unsupported-architecture',
      `Expected an embedding of 1 to ${maxEmbeddingVectors} vectors in ${checkpoint.file}, received [${shape.join(', ')}].`,
    );
  });
  const first = sized[0]!;
  const other = sized.find(({ rows }) => rows !== first.rows);
  if (other === undefined) return { rows: first.rows, parts: sized };
  throw new EngineError(
    'unsupported-architecture',
    `Expected an embedding of as many vectors for each text encoder in ${checkpoint.file}, received ${first.rows} and ${other.rows}.`,
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
  const parts: EmbeddingPart[] = [];
  for (const { key, width } of found.parts) {
    const vectors = await readFloat32(checkpoint, key);
    if (!vectors.every(Number.isFinite)) {
      throw new EngineError(
        'invalid-weights',
        `Expected finite numbers in ${checkpoint.file}, received others.`,
      );
    }
    parts.push({ width, vectors });
  }
  return { rows: found.rows, parts };
}

/** SDXL's, for its two text encoders in their order. */
const xlKeys = ['clip_l', 'clip_g'] as const;

/** The tensors of a textual inversion: SDXL's two, A1111's, that of its `.safetensors` form, or a single tensor named as its token. */
function embeddingKeys(checkpoint: Checkpoint): readonly string[] | undefined {
  const { tensors } = checkpoint;
  if (tensors.size === xlKeys.length && xlKeys.every((key) => tensors.has(key))) return xlKeys;
  const key = embeddingKey(checkpoint);
  return key === undefined ? undefined : [key];
}

function embeddingKey({ tensors }: Checkpoint): string | undefined {
  if (tensors.has('emb_params')) return 'emb_params';
  const token = [...tensors.keys()].find((key) => key.startsWith('string_to_param.'));
  if (token !== undefined) return token;
  const [only] = tensors.values();
  if (tensors.size !== 1 || only === undefined || only.name.includes('.')) return undefined;
  return only.shape.length === 1 || only.shape.length === 2 ? only.name : undefined;
}
