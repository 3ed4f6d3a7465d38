/**
 * Choices in a prompt: `{red|green|blue}` is one of them, and `__colour__` a line of the list of that name. They are made
 * before anything else of a prompt is read: weights, editing and the names of networks in them stay as they are written.
 */
import { EngineError } from '../errors.ts';

/** Choices within choices, and lists within lists, go no deeper: a list that names itself ends somewhere. */
export const maxChoiceDepth = 16;
/** Most choices of one prompt. */
export const maxChoices = 1_024;

export interface WildcardOptions {
  /** A number from 0 to below 1 for the choice of that index, from 0, in the order in which they are made. */
  readonly random: (choice: number) => number;
  /** The lines of the list of that name, one as likely as the other; undefined where there is none. */
  readonly linesOf?: (name: string) => readonly string[] | undefined;
}

/** The weight at the beginning of a part, as in `{2::a|b}`. */
const weightPattern = /^\s*(\d{1,6}(?:\.\d{1,6})?)::/;
const listPattern = String.raw`__(?:[\p{L}\p{N}]+(?:[_/-]?[\p{L}\p{N}]+)*)__`;
/** An escaped character, a bracket, a bar, a list, or text. */
const tokenPattern = new RegExp(String.raw`\\[\s\S]?|[{}[\]|]|${listPattern}|[^\\{}[\]|_]+|_`, 'gu');
const wholeList = new RegExp(`^${listPattern}$`, 'u');

interface Part {
  readonly weight: number;
  readonly nodes: Nodes;
}
type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly name: string; readonly text: string }
  | { readonly kind: 'choice'; readonly parts: readonly Part[] };
type Nodes = readonly Node[];

/** Whether there is anything to choose. */
export function hasChoices(prompt: string): boolean {
  return parse(prompt).some(({ kind }) => kind !== 'text');
}

/** The names of all lists that a text may ask for. */
export function listNames(text: string): readonly string[] {
  const namesIn = (nodes: Nodes): string[] =>
    nodes.flatMap((node) => {
      if (node.kind === 'list') return [node.name];
      return node.kind === 'choice' ? node.parts.flatMap((part) => namesIn(part.nodes)) : [];
    });
  return [...new Set(namesIn(parse(text)))];
}

/**
 * A prompt with its choices made. `{a|b|c}` is one of its parts, each as likely as the others or, as in `{3::a|b}`, as its
 * weight (1 where none is given); a part may be empty, and hold choices itself. A bar within square brackets is theirs:
 * `{[a|b]|c}` has two parts. `\{`, `\|` and `\}`, braces without a bar, and a list that is not there are text, as they are
 * written. The same prompt, numbers and lists give the same text.
 *
 * @throws EngineError 'invalid-option' for more choices than there may be.
 */
export function resolveWildcards(prompt: string, { random, linesOf }: WildcardOptions): string {
  let choices = 0;
  /** An index below that. */
  const next = (): number => {
    if (choices === maxChoices) {
      throw new EngineError(
        'invalid-option',
        `Expected ${maxChoices} choices in a prompt at most, received more.`,
        { hint: 'Look whether a list of words asks for itself, or make the prompt shorter.' },
      );
    }
    return random(choices++);
  };
  const resolve = (nodes: Nodes, depth: number): string => nodes.map((node) => textOf(node, depth)).join('');
  const textOf = (node: Node, depth: number): string => {
    if (node.kind === 'text') return node.text;
    if (node.kind === 'choice') return resolve(partAt(node.parts, next()).nodes, depth);
    const lines = depth < maxChoiceDepth ? linesOf?.(node.name) : undefined;
    if (lines === undefined || lines.length === 0) return node.text;
    return resolve(parse(lines[Math.floor(next() * lines.length)]!), depth + 1);
  };
  return resolve(parse(prompt), 0);
}

/** The part at a share of all weights; where they are all 0, of as many equal ones. */
function partAt(parts: readonly Part[], share: number): Part {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return parts[Math.floor(share * parts.length)]!;
  let left = share * total;
  for (const part of parts) {
    if (left < part.weight) return part;
    left -= part.weight;
  }
  return parts.findLast(({ weight }) => weight > 0)!;
}

function parse(text: string): Nodes {
  const tokens = [...text.matchAll(tokenPattern)].map(([token]) => token);
  return new Parser(tokens).parse({ start: 0, end: tokens.length, depth: 0 });
}

interface TokenRange {
  readonly start: number;
  /** One past the last token; of a pair of braces, the closing one. */
  readonly end: number;
  /** How many choices are around it. */
  readonly depth: number;
}

class Parser {
  readonly #tokens: readonly string[];
  /** For each opening bracket that is closed, where that is. */
  readonly #closing: ReadonlyMap<number, number>;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
    this.#closing = matchBrackets(tokens);
  }

  parse({ start, end, depth }: TokenRange): Nodes {
    const nodes: Node[] = [];
    for (let index = start; index < end; index++) {
      const token = this.#tokens[index]!;
      const close = token === '{' && depth < maxChoiceDepth ? this.#closing.get(index) : undefined;
      const bars = close === undefined ? [] : this.#barsBetween(index, close);
      if (close !== undefined && bars.length > 0) {
        const bounds = [index, ...bars, close];
        const parts = bounds
          .slice(1)
          .map((bound, part) => this.#parsePart({ start: bounds[part]! + 1, end: bound, depth: depth + 1 }));
        nodes.push({ kind: 'choice', parts });
        index = close;
      } else if (wholeList.test(token)) nodes.push({ kind: 'list', name: token.slice(2, -2), text: token });
      else nodes.push({ kind: 'text', text: token });
    }
    return nodes;
  }

  #parsePart(range: TokenRange): Part {
    const nodes = this.parse(range);
    const [first, ...rest] = nodes;
    const [written, weight] = (first?.kind === 'text' && weightPattern.exec(first.text)) || [];
    if (first?.kind !== 'text' || written === undefined) return { weight: 1, nodes };
    const text = first.text.slice(written.length);
    return { weight: Number(weight), nodes: [{ kind: 'text', text }, ...rest] };
  }

  /** Those of this pair of braces, not of pairs inside. */
  #barsBetween(open: number, close: number): readonly number[] {
    const bars: number[] = [];
    for (let index = open + 1; index < close; index++) {
      if (this.#tokens[index] === '|') bars.push(index);
      else index = this.#closing.get(index) ?? index;
    }
    return bars;
  }
}

const openers: Readonly<Record<string, string>> = { '}': '{', ']': '[' };

/**
 * Pairs of brackets that are properly nested. One that nobody opened is text; one that nobody closed before the one around
 * it is, is text as well.
 */
function matchBrackets(tokens: readonly string[]): ReadonlyMap<number, number> {
  const closing = new Map<number, number>();
  const open: number[] = [];
  tokens.forEach((token, index) => {
    if (token === '{' || token === '[') open.push(index);
    const opener = openers[token];
    if (opener === undefined) return;
    const place = open.findLastIndex((start) => tokens[start] === opener);
    if (place === -1) return;
    closing.set(open[place]!, index);
    open.length = place;
  });
  return closing;
}
