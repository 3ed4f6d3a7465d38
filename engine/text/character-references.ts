import { fromC1Control } from './c1-control.ts';
import entities from './html-entities.json' with { type: 'json' };

/** HTML's named characters, and their names in capitals where that is no other's name; without `&` and `;`. */
const namedCharacters: ReadonlyMap<string, string> = new Map(Object.entries(entities));

const references = /&(#?)([0-9A-Za-z]{1,24});/g;
const numeric = /^(?:([0-9]+)|[xX]([0-9a-fA-F]+))$/;

/** HTML's character references as the characters that they stand for; only whole ones, with their semicolon. */
export function unescapeReferences(text: string): string {
  return text.replace(references, (reference, hash: string, name: string) => {
    if (hash === '') return namedCharacters.get(name) ?? reference;
    const [, decimal, hexadecimal] = numeric.exec(name) ?? [];
    if (decimal !== undefined) return characterOf(Number(decimal)) ?? reference;
    if (hexadecimal !== undefined) return characterOf(Number.parseInt(hexadecimal, 16)) ?? reference;
    return reference;
  });
}

const semicolon = 0x3b;

/** By HTML's rules for numbers that are no characters. */
function characterOf(code: number): string | undefined {
  // Its reference is left alone, for it looks as if the reference had not ended.
  if (code === semicolon) return undefined;
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd';
  const character = String.fromCodePoint(code);
  if (code >= 0x80 && code <= 0x9f) return fromC1Control(character);
  const isNoncharacter = (code & 0xfffe) === 0xfffe || (code >= 0xfdd0 && code <= 0xfdef);
  const isControl = (code < 0x20 && !/\s/.test(character)) || code === 0x0b || code === 0x7f;
  return isNoncharacter || isControl ? '' : character;
}
