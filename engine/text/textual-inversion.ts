import type { ClipTokenizer } from './clip-tokenizer.ts';

/** One vector of a textual-inversion embedding, and the position in its window that it takes. */
export interface EmbeddingRow {
  /** In the window's 77 ids. */
  readonly position: number;
  readonly name: string;
  /** Which of the embedding's vectors. */
  readonly row: number;
}

export interface EmbeddingMatch {
  readonly name: string;
  /** How many vectors it has. */
  readonly vectors: number;
  /** How many ids of the prompt they stand for. */
  readonly tokens: number;
}

interface NameNode {
  readonly children: Map<number, NameNode>;
  embedding?: { readonly name: string; readonly vectors: number };
}

/** How ComfyUI writes an embedding in a prompt; A1111 takes the bare name. */
const prefix = 'embedding:';

/** Finds the names of textual-inversion embeddings (Gal et al., arXiv 2208.01618) in a prompt's ids, as A1111 does. */
export class EmbeddingNames {
  readonly #root: NameNode = { children: new Map() };

  /** Names to their number of vectors. */
  constructor(names: ReadonlyMap<string, number>, tokenizer: ClipTokenizer) {
    for (const [name, vectors] of names) {
      for (const written of [name, prefix + name]) {
        let node = this.#root;
        for (const id of tokenizer.encode(written)) {
          const child: NameNode = node.children.get(id) ?? { children: new Map() };
          node.children.set(id, child);
          node = child;
        }
        if (node !== this.#root) node.embedding = { name, vectors };
      }
    }
  }

  /** The embedding with the longest name that begins at `start`. */
  matchAt(ids: readonly number[], start: number): EmbeddingMatch | undefined {
    let match: EmbeddingMatch | undefined;
    let node = this.#root.children.get(ids[start]!);
    for (let end = start + 1; node !== undefined; end++) {
      if (node.embedding !== undefined) match = { ...node.embedding, tokens: end - start };
      node = node.children.get(ids[end]!);
    }
    return match;
  }
}

/**
 * Puts an embedding's vectors where the prompt names them: `tokenEmbeddings` is what the encoder's table has for a window's
 * ids, [77, dim], before positions are added; `vectors` has each embedding's [vectors, dim] by name. Changes `tokenEmbeddings`.
 */
export function placeEmbeddings(
  tokenEmbeddings: Float32Array,
  rows: readonly EmbeddingRow[],
  { dim, vectors }: { readonly dim: number; readonly vectors: ReadonlyMap<string, Float32Array> },
): void {
  for (const { position, name, row } of rows) {
    tokenEmbeddings.set(vectors.get(name)!.subarray(row * dim, (row + 1) * dim), position * dim);
  }
}
