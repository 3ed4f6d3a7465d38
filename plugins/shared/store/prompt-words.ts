/** Words that are added to a prompt by a press. */

/** With a comma between those that say something. */
export function joinedWords(...texts: readonly string[]): string {
  return texts
    .map((text) => text.trim().replace(/,$/, ''))
    .filter(Boolean)
    .join(', ');
}

/** Quality tags stand first where the order of a checkpoint's tags has them there, else at the end. */
export function withQualityTags(
  prompt: string,
  { tagOrder = [], qualityTags }: { readonly tagOrder?: readonly string[]; readonly qualityTags: string },
): string {
  const isFirst = tagOrder[0] === 'quality';
  return isFirst ? joinedWords(qualityTags, prompt) : joinedWords(prompt, qualityTags);
}

export function saysWords(prompt: string, words: string): boolean {
  return prompt.toLowerCase().includes(words.toLowerCase());
}
