export interface WeightedText {
  readonly text: string;
  /** 1 is plain. */
  readonly weight: number;
}

/** Where a prompt goes on in a new window, whatever room the last one has left. */
export const windowBreak = 'break';

const perRoundBracket = 1.1;
const perSquareBracket = 1 / 1.1;
/** Beyond this either way a weight would only drive the encoder's 32-bit floats out of their range. */
export const maxWeight = 1e6;

/** An escaped character, a bracket, the weight that ends a round bracket, or text; in the order of A1111's. */
const pieces = /\\([()[\]\\]?)|([([\])])|:\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*\)|[^\\()[\]:]+|:/g;
const breaks = /(?<![\p{L}\p{N}_])BREAK(?![\p{L}\p{N}_])/u;

type BracketKind = 'round' | 'square';

interface Bracket {
  readonly kind: BracketKind;
  /** The first segment inside. */
  readonly start: number;
  /** One past the last segment inside; no bracket is open beyond the end of the prompt. */
  end: number;
  multiplier: number;
}

/**
 * A prompt as texts of one weight each and window breaks, in A1111's grammar: `(a)` counts 1.1 times, `[a]` 1 / 1.1 times,
 * `(a:1.3)` 1.3 times, all of them multiplied where they are nested; `\(`, `\)`, `\[`, `\]` and `\\` are the characters
 * themselves; `BREAK` as a word by itself starts a new window. Brackets that nobody opened are text; those that nobody closed
 * reach to the end. Neighbours of equal weight are one text, as there: `(un)(real)` is the word "unreal".
 * Takes any string, in time proportional to its length.
 */
export function parseAttention(prompt: string): readonly (WeightedText | typeof windowBreak)[] {
  const { segments, brackets } = parseSegments(prompt);
  const parts: ({ text: string; readonly weight: number } | typeof windowBreak)[] = [];
  const open: Record<BracketKind, { readonly end: number; readonly weight: number }[]> = {
    round: [],
    square: [],
  };
  const weightOf = (kind: BracketKind): number => open[kind].at(-1)?.weight ?? 1;
  let nextBracket = 0;
  segments.forEach((text, index) => {
    for (const stack of [open.round, open.square])
      while (stack.at(-1) && stack.at(-1)!.end <= index) stack.pop();
    for (; brackets[nextBracket] && brackets[nextBracket]!.start <= index; nextBracket++) {
      const { kind, end, multiplier } = brackets[nextBracket]!;
      if (end > index) open[kind].push({ end, weight: clamp(weightOf(kind) * multiplier) });
    }
    const last = parts.at(-1);
    const weight = Math.fround(clamp(weightOf('round') * weightOf('square')));
    if (text === windowBreak) parts.push(windowBreak);
    else if (last === undefined || last === windowBreak || last.weight !== weight) {
      parts.push({ text: text.text, weight });
    } else last.text += text.text;
  });
  return parts;
}

function parseSegments(prompt: string) {
  const segments: ({ readonly text: string } | typeof windowBreak)[] = [];
  const brackets: Bracket[] = [];
  const unclosed: Record<BracketKind, Bracket[]> = { round: [], square: [] };
  const opening = (kind: BracketKind, multiplier: number): void => {
    const bracket = { kind, start: segments.length, end: Number.POSITIVE_INFINITY, multiplier };
    brackets.push(bracket);
    unclosed[kind].push(bracket);
  };
  /** False where there is nothing to close. */
  const closing = (kind: BracketKind, multiplier?: number): boolean => {
    const bracket = unclosed[kind].pop();
    if (bracket === undefined) return false;
    bracket.end = segments.length;
    bracket.multiplier = multiplier ?? bracket.multiplier;
    return true;
  };

  for (const [piece, escaped, bracket, weight] of prompt.matchAll(pieces)) {
    if (escaped !== undefined) segments.push({ text: escaped });
    else if (bracket === '(') opening('round', perRoundBracket);
    else if (bracket === '[') opening('square', perSquareBracket);
    else if (bracket === ')' && closing('round')) continue;
    else if (bracket === ']' && closing('square')) continue;
    else if (weight !== undefined && closing('round', clamp(Number(weight)))) continue;
    else {
      piece.split(breaks).forEach((text, index) => {
        if (index > 0) segments.push(windowBreak);
        segments.push({ text });
      });
    }
  }
  return { segments, brackets };
}

function clamp(weight: number): number {
  return Math.min(Math.max(weight, -maxWeight), maxWeight);
}
