/**
 * A prompt of tags in the order that a checkpoint was trained with. Which tags are characters and series nobody can tell, so
 * only those of known kinds are moved: before all others or behind them, as the order has it.
 */

/** Kinds of tags that can be told, by what an order calls them. */
const knownKinds: readonly { readonly kind: RegExp; readonly tag: RegExp }[] = [
  { kind: /^1girl/, tag: /^(?:\d+\+?(?:girl|boy|other)s?|no humans|solo)$/ },
  { kind: /^source$/, tag: /^source_\w+$/ },
  { kind: /^rating$/, tag: /^(?:rating[_:]\w+|safe|general|sensitive|questionable|nsfw|explicit)$/ },
  {
    kind: /^quality$/,
    tag: /^(?:masterpiece|absurdres|highres|newest|very (?:aesthetic|awa)|(?:best|amazing|great|good|high) quality|(?:high|great) score|score_\d(?:_up)?)$/,
  },
];

/** The tags of `prompt` in that order, those of a kind as they were; a prompt where nothing has to move stays as it is. */
export function inTagOrder(prompt: string, tagOrder: readonly string[]): string {
  const kinds = tagOrder.map((name) => knownKinds.find(({ kind }) => kind.test(name)));
  const firstUnknown = kinds.indexOf(undefined);
  const lastUnknown = kinds.lastIndexOf(undefined);
  const placeOf = (text: string): number => {
    const place = kinds.findIndex((known) => known?.tag.test(bareTag(text)));
    // Between tags that cannot be told apart it stays where it is.
    const isAmong = place === -1 || (place > firstUnknown && place < lastUnknown);
    return isAmong ? firstUnknown : place;
  };
  const placed = splitTags(prompt).map((text) => ({ text, place: placeOf(text) }));
  const isOrdered = placed.every(({ place }, index) => index === 0 || placed[index - 1]!.place <= place);
  if (isOrdered) return prompt;
  return placed
    .sort((a, b) => a.place - b.place)
    .map(({ text }) => text)
    .join(', ');
}

/** Without the brackets and the number of a weight. */
function bareTag(text: string): string {
  return text
    .toLowerCase()
    .replace(/^[\s([]+|(?::\s*[\d.]+)?[\s)\]]+$/g, '')
    .trim();
}

/** At commas that are in no brackets. */
function splitTags(prompt: string): readonly string[] {
  const tags: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= prompt.length; at++) {
    const character = prompt[at];
    if (character === '\\') at += 1;
    else if (character !== undefined && '([{<'.includes(character)) depth += 1;
    else if (character !== undefined && ')]}>'.includes(character)) depth = Math.max(0, depth - 1);
    else if (at >= prompt.length || (character === ',' && depth === 0)) {
      tags.push(prompt.slice(start, at).trim());
      start = at + 1;
    }
  }
  // A bracket that is left open, or a backslash at the end, takes in all that follows.
  if (start < prompt.length) tags.push(prompt.slice(start).trim());
  return tags.filter((tag) => tag !== '');
}
