/** What Windows-1252 has where Latin-1 has the control characters U+0080 to U+009F; unassigned bytes stay as they are. */
const windows1252Block =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';

/** The upper half of the code page of the first PCs. */
const cp437Half =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐' +
  '└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\xa0';

const upperBytes = Uint8Array.from({ length: 128 }, (_, index) => 128 + index);
const latin1Half = String.fromCharCode(...upperBytes);
const replacement = '\ufffd';
/** The control character "substitute". */
const substitute = '\x1a';

/** A character as Windows-1252 has it at the place that the character has in Latin-1. */
export function fromC1Control(character: string): string {
  return windows1252Block[character.charCodeAt(0) - 0x80]!;
}

/** Which character each byte from 0x80 on is; what an encoding leaves unassigned is Latin-1's, as browsers take it. */
function upperHalf(label: string): string {
  const decoded = new TextDecoder(label).decode(upperBytes);
  return [...decoded]
    .map((character, i) => (character === replacement ? latin1Half[i]! : character))
    .join('');
}

/** One of the encodings, a byte a character, that UTF-8 is wrongly read as. Bytes are strings of U+0000 to U+00FF here. */
export class SingleByteEncoding {
  readonly name: string;
  /** Whether a byte that was lost, and is U+FFFD since, can be told apart: it is the byte 0x1A. */
  readonly marksLostBytes: boolean;
  readonly #bytes: ReadonlyMap<string, string>;

  constructor(name: string, half: string, { marksLostBytes }: { readonly marksLostBytes: boolean }) {
    const bytes = new Map([...half].map((character, i) => [character, latin1Half[i]!]));
    for (let byte = 0; byte < 128; byte++) bytes.set(String.fromCharCode(byte), String.fromCharCode(byte));
    if (marksLostBytes) {
      bytes.delete(substitute);
      bytes.set(replacement, substitute);
    }
    this.name = name;
    this.marksLostBytes = marksLostBytes;
    this.#bytes = bytes;
  }

  /** The bytes of a text, or undefined where the encoding lacks one of its characters. */
  encode(text: string): string | undefined {
    let bytes = '';
    for (const character of text) {
      const byte = this.#bytes.get(character);
      if (byte === undefined) return undefined;
      bytes += byte;
    }
    return bytes;
  }

  /** The characters of the bytes from `first` to `last`, both at least 0x80. */
  charactersOf(first: number, last: number): string {
    const characters = [...this.#bytes].filter(([, byte]) => {
      const code = byte.charCodeAt(0);
      return code >= first && code <= last;
    });
    return characters.map(([character]) => character).join('');
  }
}

const windowsNames = [
  'windows-1251',
  'windows-1250',
  'windows-1253',
  'windows-1254',
  'windows-1257',
] as const;

export const latin1 = new SingleByteEncoding('latin-1', latin1Half, { marksLostBytes: false });

/** Of Windows and Latin-1. */
export const windowsEncodings: readonly SingleByteEncoding[] = [
  new SingleByteEncoding('windows-1252', windows1252Block + latin1Half.slice(32), { marksLostBytes: true }),
  ...windowsNames.map((name) => new SingleByteEncoding(name, upperHalf(name), { marksLostBytes: true })),
];

/** In the order in which they are to be tried. */
export const singleByteEncodings: readonly SingleByteEncoding[] = [
  latin1,
  ...windowsEncodings,
  new SingleByteEncoding('iso-8859-2', upperHalf('iso-8859-2'), { marksLostBytes: false }),
  new SingleByteEncoding('macintosh', upperHalf('macintosh'), { marksLostBytes: false }),
  new SingleByteEncoding('cp437', cp437Half, { marksLostBytes: false }),
];
