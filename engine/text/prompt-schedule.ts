export interface PromptAtSteps {
  /** The last step, counted from 1, that this prompt is for. */
  readonly untilStep: number;
  readonly prompt: string;
}

/** Edits nested deeper than this are text: no prompt needs it, and reading one must not run out of stack. */
export const maxNesting = 64;

type Node =
  | { readonly kind: 'text'; readonly text: string }
  /** `before` up to the step `untilStep`, then `after`. */
  | { readonly kind: 'switch'; readonly before: Nodes; readonly after: Nodes; readonly untilStep: number }
  | { readonly kind: 'alternation'; readonly choices: readonly Nodes[] };
type Nodes = readonly Node[];

const tokens = /\\[\s\S]|[()[\]:|]|[^\\()[\]:|]+|\\/g;
const closers: Readonly<Record<string, string>> = { '[': ']', '(': ')' };
const number = /^\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*$/;

/**
 * What a prompt with A1111's prompt editing says at which of `steps` steps (from 1): `[a:b:0.4]` is `a` for the first 0.4 of
 * the steps, then `b`; `[a:b:10]` for the first ten steps; `[b:10]` and `[:b:10]` add `b`, `[a::10]` takes `a` away; `[a|b|c]`
 * takes turns, step by step. A number with a point is a share of the steps, without one a step. All of it nests, and what
 * it leaves is for `promptWindows` to read. Whatever is not quite such a bracket stays text. Steps in a row with the same
 * prompt are one entry; the last entry ends with `steps`, which is 1 or more.
 */
export function promptAtSteps(prompt: string, steps: number): readonly PromptAtSteps[] {
  const nodes = new ScheduleParser(prompt, steps).parse();
  const ends = new Set([steps]);
  collectEnds(nodes, { steps, ends });
  const entries: PromptAtSteps[] = [];
  for (const untilStep of [...ends].sort((a, b) => a - b)) {
    const text = textAt(nodes, untilStep);
    if (entries.at(-1)?.prompt === text) entries.pop();
    entries.push({ untilStep, prompt: text });
  }
  return entries;
}

interface TokenRange {
  readonly start: number;
  /** One past the last token; for a pair of brackets, the closing one. */
  readonly end: number;
  /** How many edits are around it, its own included. */
  readonly depth: number;
}

class ScheduleParser {
  readonly #tokens: readonly string[];
  /** For each opening bracket that counts, where it closes. */
  readonly #closing: ReadonlyMap<number, number>;
  readonly #steps: number;

  constructor(prompt: string, steps: number) {
    this.#tokens = [...prompt.matchAll(tokens)].map(([token]) => token);
    this.#closing = matchBrackets(this.#tokens);
    this.#steps = steps;
  }

  parse(): Nodes {
    return this.#parseRange({ start: 0, end: this.#tokens.length, depth: 0 });
  }

  #parseRange({ start, end, depth }: TokenRange): Nodes {
    const nodes: Node[] = [];
    for (let index = start; index < end; index++) {
      const token = this.#tokens[index]!;
      const close = token === '[' && depth < maxNesting ? this.#closing.get(index) : undefined;
      const choice =
        close === undefined ? undefined : this.#parseSquare({ start: index, end: close, depth: depth + 1 });
      if (choice === undefined) nodes.push({ kind: 'text', text: token });
      else {
        nodes.push(choice);
        index = close!;
      }
    }
    return nodes;
  }

  /** A switch or an alternation between two brackets, or undefined where they only weaken what they hold. */
  #parseSquare({ start: open, end: close, depth }: TokenRange): Node | undefined {
    const separators = this.#separators(open, close);
    const bounds = [open, ...separators, close];
    const kinds = new Set(separators.map((index) => this.#tokens[index]));
    if (separators.length === 0 || kinds.size > 1) return undefined;
    const part = (index: number): Nodes =>
      this.#parseRange({ start: bounds[index]! + 1, end: bounds[index + 1]!, depth });
    if (kinds.has('|'))
      return { kind: 'alternation', choices: bounds.slice(1).map((_, index) => part(index)) };

    const when = number.exec(this.#tokens.slice(separators.at(-1)! + 1, close).join(''))?.[1];
    if (when === undefined || separators.length > 2) return undefined;
    const untilStep = Math.trunc(when.includes('.') ? Number(when) * this.#steps : Number(when));
    const isReplacement = separators.length === 2;
    return {
      kind: 'switch',
      before: isReplacement ? part(0) : [],
      after: part(isReplacement ? 1 : 0),
      untilStep: Math.min(untilStep, this.#steps),
    };
  }

  /** The separators of this pair of brackets, not those of pairs inside. */
  #separators(open: number, close: number): number[] {
    const separators: number[] = [];
    for (let index = open + 1; index < close; index++) {
      const token = this.#tokens[index]!;
      if (token === ':' || token === '|') separators.push(index);
      else index = this.#closing.get(index) ?? index;
    }
    return separators;
  }
}

/** Pairs of brackets that are properly nested; one that is not, and all those around it, are left out, and are text. */
function matchBrackets(all: readonly string[]): ReadonlyMap<number, number> {
  const closing = new Map<number, number>();
  const open: number[] = [];
  all.forEach((token, index) => {
    if (closers[token] !== undefined) open.push(index);
    else if (token === ')' || token === ']') {
      const place = open.findLastIndex((start) => closers[all[start]!] === token);
      if (place !== -1 && place === open.length - 1) closing.set(open[place]!, index);
      open.length = Math.max(place, 0);
    }
  });
  return closing;
}

function collectEnds(
  nodes: Nodes,
  { steps, ends }: { readonly steps: number; readonly ends: Set<number> },
): void {
  for (const node of nodes) {
    if (node.kind === 'switch') {
      if (node.untilStep >= 1) ends.add(node.untilStep);
      collectEnds(node.before, { steps, ends });
      collectEnds(node.after, { steps, ends });
    } else if (node.kind === 'alternation') {
      for (let step = 1; step <= steps; step++) ends.add(step);
      for (const choice of node.choices) collectEnds(choice, { steps, ends });
    }
  }
}

function textAt(nodes: Nodes, step: number): string {
  let text = '';
  for (const node of nodes) {
    if (node.kind === 'text') text += node.text;
    else if (node.kind === 'switch') text += textAt(step <= node.untilStep ? node.before : node.after, step);
    else text += textAt(node.choices[(step - 1) % node.choices.length]!, step);
  }
  return text;
}
