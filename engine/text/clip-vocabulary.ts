/**
 * CLIP's byte-pair vocabulary, as OpenAI published it with CLIP (MIT, see NOTICE): a list of merges, best first. The ids
 * follow from it: 256 bytes, the same bytes as the end of a word, one id a merge, then start and end of the text.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Beside this file, as in a build beside the bundle. */
const file = new URL('./bpe_simple_vocab_16e6.txt.gz', import.meta.url);

const byteCount = 256;
/** Added to the id of a byte that ends a word. */
export const endOfWord = byteCount;
/** The file lists more merges than CLIP was trained with. */
const mergeCount = 48_894;
const firstMergeId = 2 * byteCount;
export const startTokenId = firstMergeId + mergeCount;
export const endTokenId = startTokenId + 1;
export const vocabularySize = endTokenId + 1;

const endOfWordMark = '</w>';

/** Bytes that the file writes as the Latin-1 character of the same number; the others follow from U+0100 on. */
const printableRanges = [
  [0x21, 0x7e],
  [0xa1, 0xac],
  [0xae, 0xff],
] as const;

export class ClipVocabulary {
  /** Id of each byte inside a word. */
  readonly byteIds: Uint16Array;
  /** `left * vocabularySize + right` to the id that the two become; the lower that id, the earlier they merge. */
  readonly #merges: ReadonlyMap<number, number>;

  /** From the published list of merges, a version line first. */
  constructor(text: string) {
    const { byteIds, characters } = byteAlphabet();
    const ids = new Map<string, number>();
    characters.forEach((character, id) => {
      ids.set(character, id);
      ids.set(character + endOfWordMark, id + endOfWord);
    });
    const merges = new Map<number, number>();
    let lineStart = text.indexOf('\n') + 1;
    for (let id = firstMergeId; id < startTokenId; id++) {
      const lineEnd = text.indexOf('\n', lineStart);
      const [left, right] = text.slice(lineStart, lineEnd).split(' ') as [string, string];
      merges.set(ids.get(left)! * vocabularySize + ids.get(right)!, id);
      ids.set(left + right, id);
      lineStart = lineEnd + 1;
    }
    this.byteIds = byteIds;
    this.#merges = merges;
  }

  /** The id that two neighbours become, or undefined where they stay apart. */
  mergedId(left: number, right: number): number | undefined {
    return this.#merges.get(left * vocabularySize + right);
  }
}

/** The order of the bytes' ids: the printable ones, then the others, each in its own order. */
function byteAlphabet(): { readonly byteIds: Uint16Array; readonly characters: readonly string[] } {
  const isPrintable = (byte: number) =>
    printableRanges.some(([first, last]) => byte >= first && byte <= last);
  const bytes = Array.from({ length: byteCount }, (_, byte) => byte);
  const printable = bytes.filter(isPrintable);
  const others = bytes.filter((byte) => !isPrintable(byte));
  const byteIds = new Uint16Array(byteCount);
  [...printable, ...others].forEach((byte, id) => {
    byteIds[byte] = id;
  });
  const characters = [
    ...printable.map((byte) => String.fromCodePoint(byte)),
    ...others.map((_, index) => String.fromCodePoint(byteCount + index)),
  ];
  return { byteIds, characters };
}

let shipped: ClipVocabulary | undefined;

/** The vocabulary that comes with Inlay, read once. */
export function shippedVocabulary(): ClipVocabulary {
  shipped ??= new ClipVocabulary(gunzipSync(readFileSync(file)).toString('utf8'));
  return shipped;
}
