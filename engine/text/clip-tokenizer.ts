import { mergeBytePairs } from './byte-pair-merge.ts';
import {
  type ClipVocabulary,
  endOfWord,
  endTokenId,
  shippedVocabulary,
  startTokenId,
} from './clip-vocabulary.ts';
import { fixText } from './fix-text.ts';

const specialTokenIds: ReadonlyMap<string, number> = new Map([
  ['<|startoftext|>', startTokenId],
  ['<|endoftext|>', endTokenId],
]);

/** In what was typed, before anything is done to it; the group keeps them in what `split` gives. */
const specialTokens = /(<\|startoftext\|>|<\|endoftext\|>)/;

/** Words: special tokens, English endings, runs of letters, each number character by itself, runs of anything else. */
const words = /<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/giu;

/** A combining letter that Python's `regex`, telling cases apart or not, takes for neither a letter nor anything else. */
const combiningIota = '\u0345';

const utf8 = new TextEncoder();

/**
 * CLIP's tokenizer, which Stable Diffusion 1.x and 2.x share: text to byte-pair ids.
 *
 * It gives exactly what the `CLIPTokenizer` of `transformers` gives where `ftfy` is installed (`tests/golden/text/`), but for
 * text in a wrong encoding (`cafÃ©`), which ftfy would repair.
 * `CLIPTokenizerFast` gives others where ftfy repairs something (curly quotes, full-width characters and punctuation,
 * ligatures, character references such as `&amp;`, control characters) and for a Greek sigma at the end of a
 * word in capitals. Plain prompts are the same for both.
 *
 * Own code, although the library `@huggingface/tokenizers` exists: it follows `CLIPTokenizerFast` (a third of
 * the golden prompts come out differently), and wants the vocabulary as a `tokenizer.json` of 3.6 MB where 1.4 MB are published.
 */
export class ClipTokenizer {
  readonly startTokenId = startTokenId;
  readonly endTokenId = endTokenId;
  readonly #vocabulary: ClipVocabulary;

  constructor(vocabulary: ClipVocabulary = shippedVocabulary()) {
    this.#vocabulary = vocabulary;
  }

  /**
   * Ids of a text of any length, without start, end and padding. Any string will do, lone surrogates included. The time
   * is n log n at most, also for one word of a megabyte.
   */
  encode(text: string): number[] {
    const ids: number[] = [];
    for (const part of text.split(specialTokens)) {
      const special = specialTokenIds.get(part);
      if (special === undefined) this.#encodePart(part, ids);
      else ids.push(special);
    }
    return ids;
  }

  #encodePart(part: string, ids: number[]): void {
    const text = fixText(part).toLowerCase().replaceAll(combiningIota, ' ');
    for (const [word] of text.matchAll(words)) {
      const special = specialTokenIds.get(word);
      if (special !== undefined) {
        ids.push(special);
        continue;
      }
      const symbols = Uint16Array.from(utf8.encode(word), (byte) => this.#vocabulary.byteIds[byte]!);
      symbols[symbols.length - 1]! += endOfWord;
      for (const id of mergeBytePairs(symbols, this.#vocabulary)) ids.push(id);
    }
  }
}
