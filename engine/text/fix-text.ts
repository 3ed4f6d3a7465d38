import { fromC1Control } from './c1-control.ts';
import { unescapeReferences } from './character-references.ts';

/** Nothing below changes printable ASCII, except for character references. */
const plain = /^[\t\n\f -%'-~]*$/;
/** Text that was escaped more often than this stays escaped. */
const maxRounds = 32;

/**
 * Text as the library `ftfy` (6.3) would clean it, which CLIP's tokenizer has done before anything else: character
 * references, C1 controls, Latin ligatures, full and half width, curly quotes, line breaks, lone surrogates, terminal
 * escapes, control characters, NFC; over and over until nothing changes. In lines that come after a `<` references stay,
 * since that may be HTML on purpose. Its repair of text in a wrong encoding (`cafÃ©`) is left out: nobody types that.
 */
export function fixText(text: string): string {
  if (plain.test(text)) return text;
  const firstTag = text.indexOf('<');
  let end = 0;
  return text
    .split(/(?<=\n)/)
    .map((line) => {
      end += line.length;
      return fixLine(line, { unescapes: firstTag === -1 || firstTag >= end });
    })
    .join('');
}

function fixLine(line: string, { unescapes }: { readonly unescapes: boolean }): string {
  let text = line;
  for (let round = 0; round < maxRounds; round++) {
    const before = text;
    if (unescapes) text = unescapeReferences(text);
    text = cleanCharacters(text).normalize('NFC');
    if (text === before) break;
  }
  return text;
}

function cleanCharacters(text: string): string {
  return (
    text
      .replace(/[\x80-\x9f]/g, fromC1Control)
      .replace(/[ĲĳŉǄ-ǌǱ-ǳﬀ-ﬆ]/g, splitLigature)
      .replace(/[\u3000\uff01-\uffef]/g, (character) => character.normalize('NFKC'))
      .replace(/[\u201c-\u201f]/g, '"')
      .replace(/[\u02bc\u2018-\u201b]/g, "'")
      .replace(/\r\n|[\r\u2028\u2029]/g, '\n')
      .replace(/\p{Cs}/gu, '\ufffd')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes of terminals begin with one
      .replace(/\x1b\[[\p{Nd};]*[a-zA-Z]/gu, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what is removed
      .replace(/[\x00-\x08\x0b\x0e-\x1f\x7f\u206a-\u206f\ufeff\ufff9-\ufffc]/g, '')
  );
}

/** NFKC would also turn the long s into a short one. */
function splitLigature(ligature: string): string {
  return ligature === 'ﬅ' ? 'ſt' : ligature.normalize('NFKC');
}
