/**
 * `JSON.parse` keeps the last of two equal keys, silently, and takes any depth. A weights file is untrusted, so its
 * header is looked through first: this finds the first duplicate key, or nesting past a limit.
 */
export function findHeaderJsonProblem(text: string, maxDepth: number): string | undefined {
  const keysOfOpenObjects: Set<string>[] = [];
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '{' || character === '[') {
      if (keysOfOpenObjects.length === maxDepth) return `nesting at most ${maxDepth} deep, received deeper`;
      keysOfOpenObjects.push(new Set());
    } else if (character === '}' || character === ']') {
      keysOfOpenObjects.pop();
    } else if (character === '"') {
      const start = index;
      index = closingQuote(text, start);
      if (!isFollowedByColon(text, index + 1)) continue;
      const key = text.slice(start, index + 1);
      const keys = keysOfOpenObjects.at(-1);
      // Compared as written; a key spelled twice with different escapes is found by its equal parsed form below.
      const parsed = key.includes('\\') ? parseKey(key) : key;
      if (keys?.has(parsed)) return `each key once, received ${key} twice`;
      keys?.add(parsed);
    }
  }
  return undefined;
}

function closingQuote(text: string, openingQuote: number): number {
  let index = openingQuote + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index;
}

const colon = /[ \t\r\n]*:/y;

function isFollowedByColon(text: string, index: number): boolean {
  colon.lastIndex = index;
  return colon.test(text);
}

/** A key in one spelling; text that is no JSON string is left to `JSON.parse` of the whole to refuse. */
function parseKey(key: string): string {
  try {
    return JSON.stringify(JSON.parse(key));
  } catch {
    return key;
  }
}
