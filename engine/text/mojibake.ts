import { looksBad, utf8InText } from './mojibake-signs.ts';
import { fromC1Control, type SingleByteEncoding, singleByteEncodings } from './single-byte-encoding.ts';

/** Text that went wrong more often than this stays as it then is. */
const maxRounds = 16;

// Bytes are strings of U+0000 to U+00FF here, so that patterns can look for them.

/** UTF-8 whose byte 0xA0, a no-break space where it was misread, has become a plain space. */
const spacedUtf8 =
  /[\xc2\xc3\xc5\xce\xd0\xd9] |[\xe2\xe3] [\x80-\x84\x86-\x9f\xa1-\xbf]|[\xe0-\xe3][\x80-\x84\x86-\x9f\xa1-\xbf] |\xf0 [\x80-\xbf]{2}|\xf0[\x80-\xbf] [\x80-\xbf]|\xf0[\x80-\xbf]{2} /g;
/** `à` as a word by itself, but for Portuguese contractions: its own space stays. */
const spacedAGrave = /\xc3 (?! |quele|quela|quilo|s )/g;
/** UTF-8 some bytes of which were lost: 0x1A, or one question mark. */
const lossyUtf8 =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: bytes
  /[\xc2-\xdf]\x1a|[\xc2-\xc3]\?|\xed[\xa0-\xaf][\x1a?]\xed[\xb0-\xbf][\x1a?\x80-\xbf]|\xed[\xa0-\xaf][\x1a?\x80-\xbf]\xed[\xb0-\xbf][\x1a?]|[\xe0-\xef][\x1a?][\x1a\x80-\xbf]|[\xe0-\xef][\x1a\x80-\xbf][\x1a?]|[\xf0-\xf4][\x1a?][\x1a\x80-\xbf]{2}|[\xf0-\xf4][\x1a\x80-\xbf][\x1a?][\x1a\x80-\xbf]|[\xf0-\xf4][\x1a\x80-\xbf]{2}[\x1a?]|\x1a/g;
const replacementBytes = '\xef\xbf\xbd';
/** A character beyond U+FFFF as two surrogates of three bytes each (CESU-8). */
const surrogatePairs = /\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]/g;
/** How Java writes U+0000. */
const longNull = /\xc0\x80/g;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Undoes mojibake: where a text looks like it, the first single-byte encoding in which it is UTF-8 is taken to be what it
 * was wrongly read as; else parts of it that would be UTF-8 are repaired by themselves. Again, until nothing changes.
 * The steps, and the cases, are those of `ftfy` (6.3, Copyright Robyn Speer, Apache-2.0; see NOTICE).
 */
export function fixMojibake(text: string): string {
  let fixed = text;
  for (let round = 0; round < maxRounds; round++) {
    const before = fixed;
    fixed = fixOnce(before);
    if (fixed === before) break;
  }
  return fixed;
}

function fixOnce(text: string): string {
  if (!looksBad(text)) return text;
  for (const encoding of singleByteEncodings) {
    const bytes = encoding.encode(text);
    const decoded = bytes === undefined ? undefined : decodeUtf8(restoreBytes(bytes, encoding));
    if (decoded !== undefined) return decoded;
  }
  const repaired = text.replace(utf8InText, (part) =>
    part.length < text.length && looksBad(part) ? fixMojibake(part) : part,
  );
  if (repaired !== text) return repaired;
  return text.replace(/[\x80-\x9f]/g, fromC1Control);
}

/** Puts back bytes that a likely sequence of UTF-8 has lost. */
function restoreBytes(bytes: string, { name, marksLostBytes }: SingleByteEncoding): string {
  let restored = bytes;
  // In MacRoman these would be a dash and a space.
  if (name !== 'macintosh' && restored.search(spacedUtf8) !== -1) {
    restored = restored
      .replace(spacedAGrave, '\xc3\xa0 ')
      .replace(spacedUtf8, (sequence) => sequence.replace(' ', '\xa0'));
  }
  return marksLostBytes ? restored.replace(lossyUtf8, replacementBytes) : restored;
}

/** Undefined where the bytes are no UTF-8, not even that of Java or of Windows' surrogates. */
function decodeUtf8(bytes: string): string | undefined {
  const wellFormed = bytes
    .replace(surrogatePairs, (pair) => {
      const [, high, low, , highOfLow, lowOfLow] = Array.from(pair, (byte) => byte.charCodeAt(0));
      const codePoint =
        0x10000 +
        ((high! & 0x0f) << 16) +
        ((low! & 0x3f) << 10) +
        ((highOfLow! & 0x0f) << 6) +
        (lowOfLow! & 0x3f);
      return Buffer.from(String.fromCodePoint(codePoint), 'utf8').toString('latin1');
    })
    .replace(longNull, '\0');
  try {
    return utf8.decode(Buffer.from(wellFormed, 'latin1'));
  } catch {
    return undefined;
  }
}
