/** Words that are added to a prompt by a press. */

/** With a comma between those that say something. */
export function joinedWords(...texts: readonly string[]): string {
  return texts
    .map((text) => text.trim().replace(/,$/, ''))
    .filter(Boolean)
    .join(', ');
}

export function saysWords(prompt: string, words: string): boolean {
  return prompt.toLowerCase().includes(words.toLowerCase());
}
