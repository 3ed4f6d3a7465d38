/**
 * How `ftfy` (6.3, Copyright Robyn Speer, Apache-2.0; see NOTICE) tells mojibake, UTF-8 that was read as another encoding, from
 * text that is meant: by pairs of characters that people do not write. The classes and pairs are that library's, so
 * that both judge alike.
 */
import { latin1, windowsEncodings } from './single-byte-encoding.ts';

const common = '\\xa0\\xad·´–—―…’';
const c1 = '\\x80-\\x9f';
const bad = '¦¤¨¬¯¸ƒˆˇ˘˛˜†‡‰⌐◊\\ufffdªº';
const law = '¶§';
const currency = '¢£¥₧€';
const opening = '¡«¿©΄΅‘‚“„•‹\\uf8ff';
const closing = '®»˝”›™';
const numeric = '²³¹±¼½¾×µ÷⁄∂∆∏∑√∞∩∫≈≠≡≤≥№';
/** Letters that faces are made of; they may stand next to anything. */
const faces = 'Ò-ÖÙ-Üò-öø-üŐŌŪŲ°';
const upper = 'À-ÑØÜÝĂĀĄĆČĎĐĘĚĒĖĞĢİĪĶĹĽŁĻŃŇŅŒŘŚŞŠŢŤŮŰŸŹŻŽҐ';
const lower = 'ßà-ñăąāćčďđęěēėğģįīķĺľłļœŕśşšťüźżžґﬁﬂ';
const upperOther = 'ÞΑ-ΩΆΈΉΊΌΎΏΪΫЁ-Я';
const lowerOther = 'α-ωάέήίΰа-џ';
const box = '│┌┐┘├┤┬┼═-╬▀▄█▌▐░▒▓';
const space = '\\t-\\r\\x1c-\\x20\\x85\\p{Zs}\\u2028\\u2029';
const word = '\\p{L}\\p{N}_';
const arabic = `[ØÙ][${common}${currency}${bad}${numeric}${opening}ŸŠ®°µ»]`;

const improbable = [
  `[${c1}]`,
  `[${bad}${lower}${upper}${box}${opening}${closing}${currency}${numeric}${law}][${bad}]`,
  `[a-zA-Z][${lowerOther}${upperOther}][${bad}]`,
  `[${bad}][${lower}${upper}${box}${opening}${closing}${currency}${numeric}${law}]`,
  `[${lower}${lowerOther}${box}${closing}${currency}${numeric}][${upper}]`,
  `[${box}${closing}${currency}${numeric}][${lower}]`,
  `[${lower}${box}${closing}][${currency}]`,
  `[${space}][${upper}][${currency}]`,
  `[${upper}${box}][${numeric}${law}]`,
  `[${lower}${upper}${box}${currency}${closing}][${opening}][${numeric}]`,
  `[${lower}${upper}${currency}${numeric}${box}${law}][${closing}][${opening}]`,
  `[${currency}${numeric}${box}][${opening}]`,
  `[a-z][${upper}][${opening}${currency}]`,
  `[${box}][${faces}]`,
  `[${lower}${upper}${currency}${numeric}${opening}${closing}${law}][${box}]`,
  `[${box}][${closing}]`,
  `[${lower}${upper}][${opening}${closing}][${word}]`,
  '[Œœ][^A-Za-z]',
  `[${upper}]°`,
  // Windows-1252, two characters.
  `[ÂÃÎÐ][€œŠš¢£Ÿž\\xa0\\xad®©°·»${opening}${closing}–—´]`,
  '×[²³]',
  // Windows-1252 of Arabic words, of alphabets of South Asia.
  arabic + arabic,
  'à[²µ¹¼½¾]',
  // MacRoman.
  '√[±∂†≠®™´≤≥¥µø]',
  '≈[°¢]',
  '‚Ä[ìîïòôúùû†°¢π]',
  '‚[âó][àä°ê]',
  // Windows-1251.
  'вЂ',
  `[ВГРС][${c1}${bad}${opening}${closing}${currency}°µ][ВГРС]`,
  'ГўВЂВ[^\\n][A-Za-z\\x20]',
  // Windows-1252 of à, á and of a no-break space, the latter perhaps a plain one by now.
  'Ã[\\xa0¡]',
  `[a-z][${space}]?[ÃÂ]\\x20`,
  '^[ÃÂ]\\x20',
  `[a-z.,?!${closing}]Â[\\x20${opening}${closing}]`,
  // Windows-1253.
  'β€[™\\xa0Ά\\xad®°]',
  `[ΒΓΞΟ][${c1}${bad}${opening}${closing}${currency}°][ΒΓΞΟ]`,
  // Windows-1257.
  'ā€',
];
const improbablePattern = new RegExp(improbable.join('|'), 'u');

/** Whether some of a text looks like mojibake. */
export function looksBad(text: string): boolean {
  return improbablePattern.test(text);
}

/** What the bytes of UTF-8 look like where they were read as Latin-1 or a Windows encoding. */
function bytesAsCharacters(first: number, last: number): string {
  const encodings = [latin1, ...windowsEncodings];
  return encodings.map((encoding) => encoding.charactersOf(first, last)).join('');
}

const leadOfTwo = bytesAsCharacters(0xc2, 0xdf);
const leadOfThree = bytesAsCharacters(0xe0, 0xef);
/** Of U+10000 to U+3FFFF, and of the tag characters; fewer than could be, because the others are common letters. */
const leadOfFour = 'đðğóšπσру';
const continuation = bytesAsCharacters(0x80, 0xbf);
/** Punctuation that often stands before a letter. */
const strictContinuation = [...continuation].filter((c) => !'–—―‘’‚“”„•…'.includes(c)).join('');

/** A text's parts that would be UTF-8 in some encoding, whatever the rest of it is. */
export const utf8InText = new RegExp(
  `(?<![${strictContinuation}])(?:[${leadOfTwo}][${continuation}\\x20]|[${leadOfThree}][${continuation}\\x20]{2}|` +
    `[${leadOfFour}][${continuation}\\x20]{3})+`,
  'gu',
);
