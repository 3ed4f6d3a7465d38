/** UTF-8 (RFC 3629) in plain code: Photoshop's UXP has no TextEncoder or TextDecoder. */

/** A lone surrogate becomes U+FFFD, as TextEncoder does it. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  // A UTF-16 unit needs 3 bytes at most; a pair of them 4.
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (const character of text) {
    let codePoint = character.codePointAt(0) as number;
    if (codePoint >= 0xd800 && codePoint <= 0xdfff) codePoint = 0xfffd;
    if (codePoint < 0x80) {
      bytes[length++] = codePoint;
    } else if (codePoint < 0x800) {
      bytes[length++] = 0xc0 | (codePoint >> 6);
      bytes[length++] = 0x80 | (codePoint & 0x3f);
    } else if (codePoint < 0x10000) {
      bytes[length++] = 0xe0 | (codePoint >> 12);
      bytes[length++] = 0x80 | ((codePoint >> 6) & 0x3f);
      bytes[length++] = 0x80 | (codePoint & 0x3f);
    } else {
      bytes[length++] = 0xf0 | (codePoint >> 18);
      bytes[length++] = 0x80 | ((codePoint >> 12) & 0x3f);
      bytes[length++] = 0x80 | ((codePoint >> 6) & 0x3f);
      bytes[length++] = 0x80 | (codePoint & 0x3f);
    }
  }
  return bytes.slice(0, length);
}

/** The smallest code point that needs so many continuation bytes: anything less is an overlong form. */
const smallestCodePoint = [0, 0x80, 0x800, 0x10000] as const;

/** Throws a RangeError on bytes that are not well-formed UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = '';
  let index = 0;
  while (index < bytes.length) {
    const lead = bytes[index++] as number;
    if (lead < 0x80) {
      text += String.fromCharCode(lead);
      continue;
    }
    const continuations =
      lead >= 0xc2 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xf0 && lead < 0xf5 ? 3 : 0;
    if (continuations === 0) throw notUtf8(index - 1);
    let codePoint = lead & (0x3f >> continuations);
    for (let count = 0; count < continuations; count++) {
      const byte = bytes[index++];
      if (byte === undefined || (byte & 0xc0) !== 0x80) throw notUtf8(index - 1);
      codePoint = (codePoint << 6) | (byte & 0x3f);
    }
    const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
    if (codePoint < (smallestCodePoint[continuations] as number) || codePoint > 0x10ffff || isSurrogate) {
      throw notUtf8(index - 1);
    }
    text += String.fromCodePoint(codePoint);
  }
  return text;
}

function notUtf8(offset: number): RangeError {
  return new RangeError(`Expected UTF-8, received an ill-formed sequence at byte ${offset}.`);
}
