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
/** And diffusers. The brackets are looked for before the text is cut into tokens, which join them with what is beside. */
const bracketed = /<([^<>]+)>/g;

/** Finds the names of textual-inversion embeddings (Gal et al., arXiv 2208.01618) in a prompt's ids, as A1111 does. */
export class EmbeddingNames {
  readonly #root: NameNode = { children: new Map() };
  readonly #lowerCased: ReadonlySet<string>;

  /** Names to their number of vectors. */
  constructor(names: ReadonlyMap<string, number>, tokenizer: ClipTokenizer) {
    this.#lowerCased = new Set([...names.keys()].map((name) => name.toLowerCase()));
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

  /** A prompt's text with `<name>` as the bare name, where there is an embedding of that name. */
  unbracketed(text: string): string {
    return text.replaceAll(bracketed, (whole, name: string) =>
      this.#lowerCased.has(name.trim().toLowerCase()) ? ` ${name} ` : whole,
    );
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

/** What a text encoder takes in place of its vocabulary's vectors, before positions are added. */
export interface TokenVectors {
  /** [tokens]: 1 where the vocabulary's vector is kept, 0 where it is not. */
  readonly kept: Float32Array;
  /** [tokens, dim]: the vectors that stand there instead, 0 elsewhere. */
  readonly vectors: Float32Array;
}

export interface TokenVectorOptions {
  readonly dim: number;
  /** Each embedding's [vectors, dim] by name. */
  readonly vectors: ReadonlyMap<string, Float32Array>;
}

/** Puts the embeddings' vectors where the windows of a prompt name them; a window has `windowLength` tokens. */
export function tokenVectors(
  windows: readonly { readonly ids: Int32Array; readonly embeddings: readonly EmbeddingRow[] }[],
  { dim, vectors: byName }: TokenVectorOptions,
): TokenVectors {
  const tokens = windows.reduce((count, { ids }) => count + ids.length, 0);
  const kept = new Float32Array(tokens).fill(1);
  const vectors = new Float32Array(tokens * dim);
  let start = 0;
  for (const { ids, embeddings } of windows) {
    for (const { position, name, row } of embeddings) {
      const at = start + position;
      kept[at] = 0;
      vectors.set(byName.get(name)!.subarray(row * dim, (row + 1) * dim), at * dim);
    }
    start += ids.length;
  }
  return { kept, vectors };
}
