import { EngineError } from '../errors.ts';
import type { ClipTokenizer } from './clip-tokenizer.ts';
import { parseAttention, windowBreak } from './prompt-attention.ts';
import { EmbeddingNames, type EmbeddingRow } from './textual-inversion.ts';

/** What CLIP reads at a time: the start, the prompt's ids, the end. */
export const windowLength = 77;
export const idsPerWindow = windowLength - 2;
/** How far back, in ids, a full window looks for a comma to end after: A1111's default. */
export const commaLookback = 20;
/** Far beyond any prompt that is read as a whole; the denoising network's cross-attention grows with each. */
export const maxPromptWindows = 64;

/** What CLIP encodes at once. */
export interface PromptWindow {
  /** 77 ids: start, up to 75 of the prompt, end, padding. */
  readonly ids: Int32Array;
  /** Where the end token is; behind it is padding. */
  readonly end: number;
  /** 77 weights, 1 is plain; start, end and padding are plain. */
  readonly weights: Float32Array;
  /** The positions that are not for the vocabulary's vectors, and whose instead. */
  readonly embeddings: readonly EmbeddingRow[];
}

export interface PromptOptions {
  readonly tokenizer: ClipTokenizer;
  /** The textual-inversion embeddings there are, to their number of vectors; by bare name in a prompt, as `embedding:name`, or as `<name>`. */
  readonly embeddingNames: ReadonlyMap<string, number>;
  /** After the end: 49407 for CLIP-L (Stable Diffusion 1.x), 0 for OpenCLIP-H (2.x) and bigG (XL). */
  readonly padTokenId: number;
}

/** The id that stands where an embedding's vector will be; any will do that is not the end's. */
const placeholderId = 0;

interface WindowEntry {
  readonly id: number;
  readonly weight: number;
  readonly embedding?: { readonly name: string; readonly row: number };
}

/**
 * A prompt, weights and breaks in it read by `parseAttention`, in windows as A1111 makes them: as many as it needs, at least
 * one. A window that is full ends after its last comma, if that is among its last 20 ids; an embedding stays together
 * where a window can hold it. Throws `invalid-option` for more than 64 windows, and for nothing else.
 */
export function promptWindows(prompt: string, options: PromptOptions): readonly PromptWindow[] {
  const names = new EmbeddingNames(options.embeddingNames, options.tokenizer);
  const [comma] = options.tokenizer.encode(',');
  const windows = new WindowList(comma!);
  for (const part of parseAttention(prompt)) {
    if (part === windowBreak) {
      windows.close();
      continue;
    }
    const ids = options.tokenizer.encode(names.unbracketed(part.text));
    for (let index = 0; index < ids.length; ) {
      const match = names.matchAt(ids, index);
      if (match === undefined) windows.addId(ids[index]!, part.weight);
      else windows.addEmbedding(match, part.weight);
      index += match?.tokens ?? 1;
    }
  }
  return windows.finish().map((entries) => toWindow(entries, options));
}

class WindowList {
  readonly #comma: number;
  readonly #closed: (readonly WindowEntry[])[] = [];
  #open: WindowEntry[] = [];
  /** Of the last comma in the open window. */
  #commaIndex: number | undefined;

  constructor(comma: number) {
    this.#comma = comma;
  }

  addId(id: number, weight: number): void {
    const isComma = id === this.#comma;
    if (this.#open.length === idsPerWindow) this.#closeFull({ looksBack: !isComma });
    if (isComma) this.#commaIndex = this.#open.length;
    this.#open.push({ id, weight });
  }

  addEmbedding({ name, vectors }: { readonly name: string; readonly vectors: number }, weight: number): void {
    if (this.#open.length === idsPerWindow) this.#closeFull({ looksBack: true });
    const room = idsPerWindow - this.#open.length;
    if (room < vectors && vectors <= idsPerWindow) this.close();
    for (let row = 0; row < vectors; row++) {
      if (this.#open.length === idsPerWindow) this.close();
      this.#open.push({ id: placeholderId, weight, embedding: { name, row } });
    }
  }

  close(): void {
    if (this.#closed.length === maxPromptWindows) {
      throw new EngineError(
        'invalid-option',
        `Expected a prompt of at most ${maxPromptWindows} windows of ${idsPerWindow} tokens, received a longer one`,
        { hint: 'Make the prompt shorter; a hundred words are plenty.' },
      );
    }
    this.#closed.push(this.#open);
    this.#open = [];
    this.#commaIndex = undefined;
  }

  finish(): readonly (readonly WindowEntry[])[] {
    if (this.#open.length > 0 || this.#closed.length === 0) this.close();
    return this.#closed;
  }

  /** What comes after a comma near the end goes over into the next window. */
  #closeFull({ looksBack }: { readonly looksBack: boolean }): void {
    const comma = this.#commaIndex;
    const isNear = looksBack && comma !== undefined && idsPerWindow - comma <= commaLookback;
    const carried = isNear ? this.#open.splice(comma + 1) : [];
    this.close();
    this.#open = carried;
  }
}

function toWindow(entries: readonly WindowEntry[], { tokenizer, padTokenId }: PromptOptions): PromptWindow {
  const ids = new Int32Array(windowLength).fill(padTokenId);
  const weights = new Float32Array(windowLength).fill(1);
  const embeddings: EmbeddingRow[] = [];
  ids[0] = tokenizer.startTokenId;
  entries.forEach(({ id, weight, embedding }, index) => {
    const position = index + 1;
    ids[position] = id;
    weights[position] = weight;
    if (embedding !== undefined) embeddings.push({ position, ...embedding });
  });
  const end = entries.length + 1;
  ids[end] = tokenizer.endTokenId;
  return { ids, end, weights, embeddings };
}

/** A window's ids with another padding: text encoders of one model differ in that alone. */
export function paddedIds({ ids, end }: Pick<PromptWindow, 'ids' | 'end'>, padTokenId: number): Int32Array {
  return Int32Array.from(ids).fill(padTokenId, end + 1);
}
