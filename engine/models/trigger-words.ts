/** The words that an adaptation was trained to hear, from what its trainer wrote into the file. */
import { plainText } from './model-spec.ts';

/** As many as fit a line. */
export const maxTriggerWords = 10;
/** Longer metadata is not read: a file of a million captions is nobody's help. */
const maxTagBytes = 8 * 1024 * 1024;

/** ModelSpec's phrase, else the commonest tags of kohya's training pictures; none where neither says. */
export function triggerWords(metadata: ReadonlyMap<string, string>): readonly string[] {
  const phrase = plainText(metadata.get('modelspec.trigger_phrase'));
  if (phrase !== undefined) return [phrase];
  const counts = new Map<string, number>();
  for (const tags of Object.values(asObject(parsed(metadata.get('ss_tag_frequency'))))) {
    for (const [tag, count] of Object.entries(asObject(tags))) {
      const word = plainText(tag);
      if (word !== undefined && typeof count === 'number') counts.set(word, (counts.get(word) ?? 0) + count);
    }
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, maxTriggerWords)
    .map(([word]) => word);
}

function parsed(text: string | undefined): unknown {
  if (text === undefined || text.length > maxTagBytes) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
