/**
 * Shapes known before a graph runs. A dimension is a number, or a symbol with a rational factor, written `height`,
 * `height*4`, `height/2` or `height*3/2`; a symbol divided by n stands for sizes that are multiples of n.
 */
export type Dimension = number | string;
export type Shape = readonly Dimension[];

const symbolicDimension = /^([a-z]\w*?)(?:\*(\d+))?(?:\/(\d+))?$/i;

interface ScaledSymbol {
  readonly symbol: string;
  readonly numerator: number;
  readonly denominator: number;
}

function parseSymbol(dimension: string): ScaledSymbol {
  const match = symbolicDimension.exec(dimension);
  if (match === null) {
    throw new Error(
      `Expected a symbolic dimension such as \`height\` or \`height*2\`, received \`${dimension}\``,
    );
  }
  const [, symbol, numerator = '1', denominator = '1'] = match;
  return { symbol, numerator: Number(numerator), denominator: Number(denominator) };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** `dimension * numerator / denominator`; throws where a known dimension does not divide. */
export function scaleDimension(dimension: Dimension, numerator: number, denominator = 1): Dimension {
  if (typeof dimension === 'number') {
    const scaled = (dimension * numerator) / denominator;
    if (!Number.isInteger(scaled))
      throw new Error(`${dimension} times ${numerator} does not divide by ${denominator}`);
    return scaled;
  }
  const parsed = parseSymbol(dimension);
  const divisor = greatestCommonDivisor(parsed.numerator * numerator, parsed.denominator * denominator);
  const multiplied = (parsed.numerator * numerator) / divisor;
  const divided = (parsed.denominator * denominator) / divisor;
  return `${parsed.symbol}${multiplied === 1 ? '' : `*${multiplied}`}${divided === 1 ? '' : `/${divided}`}`;
}

/** How many there are of a dimension for each 1 of its symbol; a plain number counts as itself. */
export function dimensionFactor(dimension: Dimension): number {
  if (typeof dimension === 'number') return dimension;
  const { numerator, denominator } = parseSymbol(dimension);
  return numerator / denominator;
}

/** What symbols stand for. */
export type Sizes = Readonly<Record<string, number>>;

/** How many elements a value of that shape has; NaN where it has a symbol that `sizes` does not tell. */
export function elementsOf(shape: Shape, sizes: Sizes): number {
  return shape.reduce<number>((product, dimension) => {
    const factor = dimensionFactor(dimension);
    if (typeof dimension === 'number') return product * factor;
    return product * factor * (sizes[parseSymbol(dimension).symbol] ?? Number.NaN);
  }, 1);
}

/** The symbols in a shape, without their factors. */
export function dimensionSymbols(shape: Shape): readonly string[] {
  return shape.flatMap((dimension) => (typeof dimension === 'number' ? [] : [parseSymbol(dimension).symbol]));
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}

/** The shape of an element-wise operation's result after numpy's broadcasting, or `undefined` where they do not fit. */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const result: Dimension[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return undefined;
    result.push(left === 1 ? right : left);
  }
  return result;
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}
