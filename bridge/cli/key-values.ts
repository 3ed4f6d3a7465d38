/** Option values of several parts, such as `model=canny,image="a, b.png",strength=0.8`. */
import { InvalidArgumentError } from 'commander';

/**
 * The parts by their keys. A value with a comma is put in quotes, `"` or `'`; a part that is no `key=` at all goes on with
 * the value before it, as of a path with a comma in it. Throws `InvalidArgumentError` for a key that is none of `keys` or
 * there twice, for an empty value, and for a quote without its end.
 */
export function readKeyValues<Key extends string>(
  text: string,
  keys: readonly Key[],
): Partial<Record<Key, string>> {
  const values = new Map<Key, string>();
  let last: Key | undefined;
  for (const part of splitParts(text)) {
    const equals = part.search(/=/);
    if (equals === -1 && last !== undefined && values.get(last) !== '') {
      values.set(last, `${values.get(last)},${part}`);
      continue;
    }
    const name = equals === -1 ? part : part.slice(0, equals);
    const key = keys.find((known) => known === name.trim());
    if (key === undefined || equals === -1) {
      throw new InvalidArgumentError(
        `Expected key=value with one of the keys ${keys.join(', ')}, received "${part}"; a value with a comma needs quotes.`,
      );
    }
    if (values.has(key)) throw new InvalidArgumentError(`Expected ${key} once, received it twice.`);
    values.set(key, part.slice(equals + 1));
    last = key;
  }
  for (const [key, value] of values) {
    values.set(key, unquoted(value));
    if (unquoted(value) === '') throw new InvalidArgumentError(`Expected a value for ${key}, received none.`);
  }
  return Object.fromEntries(values) as Partial<Record<Key, string>>;
}

/** At the commas outside quotes; a quote counts at the beginning of a value only, as `it's.png` has one too. */
function splitParts(text: string): readonly string[] {
  const parts: string[] = [];
  let rest = text;
  for (;;) {
    const quoted = /^[^,=]*=\s*(["'])/.exec(rest);
    const quote = quoted?.[1];
    const from = quote === undefined ? 0 : closingQuote(rest, { quote, start: quoted![0].length }) + 1;
    const comma = rest.indexOf(',', from);
    parts.push(comma === -1 ? rest : rest.slice(0, comma));
    if (comma === -1) return parts;
    rest = rest.slice(comma + 1);
  }
}

function closingQuote(
  text: string,
  { quote, start }: { readonly quote: string; readonly start: number },
): number {
  const end = text.indexOf(quote, start);
  if (end === -1) throw new InvalidArgumentError(`Expected a second ${quote} after ${text.slice(0, start)}.`);
  return end;
}

function unquoted(value: string): string {
  const trimmed = value.trim();
  return /^(["']).*\1$/s.test(trimmed) ? trimmed.slice(1, -1) : trimmed;
}

/** Reads a number of that range for a key. */
export function numberOf(
  key: string,
  text: string,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const value = Number(text);
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text) && value >= min && value <= max) return value;
  throw new InvalidArgumentError(`Expected ${key} to be a number from ${min} to ${max}, received "${text}".`);
}

/** Reads one of several words for a key. */
export function wordOf<Word extends string>(key: string, text: string, words: readonly Word[]): Word {
  const word = words.find((known) => known === text);
  if (word !== undefined) return word;
  throw new InvalidArgumentError(`Expected ${key} to be one of ${words.join(', ')}, received "${text}".`);
}
