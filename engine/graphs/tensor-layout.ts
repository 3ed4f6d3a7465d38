/** What a network expects of a weights file, and what is wrong with a file that does not fit. */
import { EngineError } from '../errors.ts';
import { formatShape } from '../onnx/shape.ts';
import type { Checkpoint } from '../weights/safetensors.ts';

/** Keys and their shapes; NaN stands for a size that the file does not let us know. */
export type TensorLayout = ReadonlyMap<string, readonly number[]>;
export type MutableTensorLayout = Map<string, readonly number[]>;

/** Key prefixes that training frameworks wrap a network's own names in, best weights first. */
const wrappers = ['params_ema.', 'params.', ''] as const;

/** The keys of a checkpoint that start with the wrapper which its network is under. */
export function unwrapKeys(checkpoint: Checkpoint): {
  readonly prefix: string;
  readonly keys: readonly string[];
} {
  const keys = [...checkpoint.tensors.keys()];
  const prefix = wrappers.find((wrapper) => keys.some((key) => key.startsWith(wrapper))) ?? '';
  return {
    prefix,
    keys: keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)),
  };
}

/** The size of one axis of a tensor, NaN where the file has no such tensor or axis. */
export function axisSize(checkpoint: Checkpoint, key: string, axis: number): number {
  return checkpoint.tensors.get(key)?.shape[axis] ?? Number.NaN;
}

/** The largest of any number of numbers; `Math.max(...numbers)` overflows the stack on a hostile file's many keys. */
export function largest(numbers: Iterable<number>): number {
  let result = Number.NEGATIVE_INFINITY;
  for (const number of numbers) result = Math.max(result, number);
  return result;
}

/** The layout of a convolution, linear layer or norm with a bias, by the part of its keys that the two tensors share. */
export function convLayout(
  key: string,
  weightShape: readonly number[],
): readonly [string, readonly number[]][] {
  return [
    [`${key}.weight`, weightShape],
    [`${key}.bias`, weightShape.slice(0, 1)],
  ];
}

/** How many of a file's keys an error names. */
const maxNamedKeys = 5;

/** A file's tensors as an error names them: how many there are, and the first few. */
export function namedKeys({ tensors }: Checkpoint): string {
  const keys = [...tensors.keys()].slice(0, maxNamedKeys).map((key) => `\`${key}\``);
  return `${tensors.size} tensors, such as ${keys.join(', ') || 'none'}`;
}

/** How many flaws of a file an error tells before it only counts them. */
export const maxListedFlaws = 20;

const weightDtypes: ReadonlySet<string> = new Set(['F32', 'F16', 'BF16']);

export interface TensorCheck {
  /** Keys without it belong to something else. */
  readonly prefix: string;
  /** The network as a sentence names it. */
  readonly looksLike: string;
  /** Whether a tensor, by its key without the prefix, is known to be in published files and of no use. */
  readonly isIgnored?: (key: string) => boolean;
}

/**
 * Holds a file against the layout of the network that it looks like. Throws one `tensor-mismatch` with every missing,
 * misshapen and unexpected tensor.
 */
export function checkTensors(
  checkpoint: Checkpoint,
  layout: TensorLayout,
  { prefix, looksLike, isIgnored = () => false }: TensorCheck,
): void {
  const flaws: string[] = [];
  for (const [key, shape] of layout) {
    const tensor = checkpoint.tensors.get(key);
    if (tensor === undefined) {
      flaws.push(`\`${key}\` ${describeShape(shape)} is missing`);
    } else if (!fits(tensor.shape, shape)) {
      flaws.push(`\`${key}\` is ${formatShape(tensor.shape)}, expected ${describeShape(shape)}`);
    } else if (!weightDtypes.has(tensor.dtype)) {
      flaws.push(`\`${key}\` is ${tensor.dtype}, expected ${[...weightDtypes].join(', ')}`);
    }
  }
  for (const key of checkpoint.tensors.keys()) {
    if (key.startsWith(prefix) && !layout.has(key) && !isIgnored(key.slice(prefix.length)))
      flaws.push(`\`${key}\` is unexpected`);
  }
  if (flaws.length === 0) return;
  const listed = flaws.slice(0, maxListedFlaws).join('; ');
  const rest = flaws.length > maxListedFlaws ? `; and ${flaws.length - maxListedFlaws} more` : '';
  throw new EngineError(
    'tensor-mismatch',
    `${checkpoint.file} looks like ${looksLike}, but ${listed}${rest}.`,
  );
}

function fits(shape: readonly number[], expected: readonly number[]): boolean {
  const sizeFits = (size: number, axis: number) => Number.isNaN(expected[axis]) || size === expected[axis];
  return shape.length === expected.length && shape.every(sizeFits);
}

function describeShape(shape: readonly number[]): string {
  return formatShape(shape.map((size) => (Number.isNaN(size) ? '?' : size)));
}
