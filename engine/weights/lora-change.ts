/** What one module of an adaptation adds to a weight, whichever way its file says it. */
import type { LoraModule, LoraRole } from './lora-modules.ts';
import { khatriRao, kronecker, type Matrix, matrix, product, transposed } from './matrix.ts';
import type { Checkpoint } from './safetensors.ts';
import { readFloat32 } from './tensor-values.ts';
import { invalidWeights } from './weights-file.ts';

/** Published ones have 256 and fewer; those that are extracted from whole models reach 1024. */
export const maxLoraRank = 1024;

/** up [rows, rank] times down [rank, columns]; kernels of a convolution are rows, one an output channel. */
export interface Factors {
  readonly up: Matrix;
  readonly down: Matrix;
}

/** For a strength of 1. */
export interface LoraChange {
  /** What is added: factors where they are fewer numbers than the matrix, else the matrix. */
  readonly added: Factors | Matrix;
  /** Weight-decomposed (DoRA, arXiv 2402.09353): how long the changed weight's rows, or input channels, are made. */
  readonly magnitude?: { readonly values: Float32Array; readonly of: 'rows' | 'inputs' };
  /** How many columns one input channel has: the pixels of a kernel. */
  readonly kernelPixels: number;
  /** Whether the factors are the file's own, the first of whose ranks may be used without the others. */
  readonly isLowRank?: true;
}

export function isFactors(added: LoraChange['added']): added is Factors {
  return 'up' in added;
}

/** With the first of its ranks alone, at the scale of all; what has none of its own is as it is. */
export function withFirstRanks(change: LoraChange, rank: number): LoraChange {
  const { added, isLowRank } = change;
  if (isLowRank !== true || !isFactors(added) || rank >= added.down.rows) return change;
  const { up, down } = added;
  const data = new Float32Array(up.rows * rank);
  for (let row = 0; row < up.rows; row++) {
    data.set(up.data.subarray(row * up.columns, row * up.columns + rank), row * rank);
  }
  return {
    ...change,
    added: {
      up: { rows: up.rows, columns: rank, data },
      down: { ...down, rows: rank, data: down.data.subarray(0, rank * down.columns) },
    },
  };
}

/** All that is added, multiplied out. */
export function denseOf(added: LoraChange['added']): Matrix {
  return isFactors(added) ? product(added.up, added.down) : added;
}

/** Throws `invalid-weights` for parts that are missing, do not fit each other, or are not finite. */
export async function readLoraChange(checkpoint: Checkpoint, module: LoraModule): Promise<LoraChange> {
  const reader = new ModuleReader(checkpoint, module);
  const change = await readAdded(reader);
  const { added, kernelPixels } = change;
  const magnitude = await reader.optional('magnitude');
  if (magnitude === undefined) return change;
  const { rows, columns } = isFactors(added) ? { rows: added.up.rows, columns: added.down.columns } : added;
  const { shape, data } = magnitude;
  const isOfRows = shape[0] === rows && data.length === rows;
  if (!isOfRows && data.length * kernelPixels !== columns) {
    throw reader.misfit('magnitude', `${rows} magnitudes of rows, or ${columns / kernelPixels} of inputs`);
  }
  return { ...change, magnitude: { values: data, of: isOfRows ? 'rows' : 'inputs' } };
}

type Added = Omit<LoraChange, 'magnitude'>;

function readAdded(reader: ModuleReader): Promise<Added> {
  if (reader.has('hada_w1_a')) return readLoha(reader);
  if (reader.has('lokr_w1') || reader.has('lokr_w1_a')) return readLokr(reader);
  if (reader.has('diff')) return readDiff(reader);
  return readLora(reader);
}

/** LoRA (arXiv 2106.09685), of convolutions too (LoCon), whose kernels may have a core of their own between two 1 x 1. */
async function readLora(reader: ModuleReader): Promise<Added> {
  const up = await reader.required('up');
  const down = await reader.required('down');
  const mid = await reader.optional('mid');
  const rank = down.shape[0]!;
  const upMatrix = reader.matrixOf('up', up, { rows: up.shape[0]!, columns: mid?.shape[0] ?? rank });
  const scale = await reader.scale(rank);
  if (mid === undefined) {
    const factors = { up: scaled(upMatrix, scale), down: matrix(down.data, rank) };
    return { added: factors, kernelPixels: kernelPixelsOf(down.shape), isLowRank: true };
  }
  const middle = reader.coreMatrix('mid', mid, rank);
  return {
    added: { up: scaled(upMatrix, scale), down: throughCore(middle, matrix(down.data, rank)) },
    kernelPixels: middle.pixels,
  };
}

/** LoHa (arXiv 2108.06098): two low-rank matrices multiplied number by number, which is one of rank r squared. */
async function readLoha(reader: ModuleReader): Promise<Added> {
  const [first, second] = [await readHadamard(reader, 1), await readHadamard(reader, 2)];
  const scale = await reader.scale(first.rank);
  const fits =
    first.up.rows === second.up.rows &&
    first.down.columns === second.down.columns &&
    first.rank === second.rank;
  if (!fits) throw reader.misfit('hada_w2_a', 'two products of one shape');
  const { kernelPixels } = first;
  const { rows } = first.up;
  const { columns } = first.down;
  // The factors hold more than the matrix itself where the squared rank is large.
  if (first.rank ** 2 * (rows + columns) > rows * columns) {
    const left = product(first.up, first.down);
    const right = product(second.up, second.down);
    return {
      added: { ...left, data: left.data.map((value, index) => value * right.data[index]! * scale) },
      kernelPixels,
    };
  }
  return {
    added: {
      up: scaled(transposed(khatriRao(transposed(first.up), transposed(second.up))), scale),
      down: khatriRao(first.down, second.down),
    },
    kernelPixels,
  };
}

async function readHadamard(
  reader: ModuleReader,
  index: 1 | 2,
): Promise<Factors & { readonly rank: number; readonly kernelPixels: number }> {
  const a = await reader.required(`hada_w${index}_a`);
  const b = await reader.required(`hada_w${index}_b`);
  const core = await reader.optional(`hada_t${index}`);
  const rank = b.shape[0]!;
  const down = matrix(b.data, rank);
  if (core === undefined) {
    const up = reader.matrixOf(`hada_w${index}_a`, a, { rows: a.shape[0]!, columns: rank });
    return { up, down, rank, kernelPixels: kernelPixelsOf(b.shape) };
  }
  const middle = reader.coreMatrix(`hada_t${index}`, core, rank);
  const left = matrix(a.data, a.shape[0]!);
  return {
    up: transposed(left),
    down: throughCore(middle, down),
    rank,
    kernelPixels: middle.pixels,
  };
}

/** LoKr (LyCORIS, arXiv 2309.14859): the Kronecker product of a small matrix and a larger one, either of them as factors. */
async function readLokr(reader: ModuleReader): Promise<Added> {
  const first = await readKronecker(reader, 1);
  const second = await readKronecker(reader, 2);
  // Of two whole matrices there is no rank that alpha could be of; the last that there is counts.
  const rank = second.rank ?? first.rank;
  const scale = rank === undefined ? 1 : await reader.scale(rank);
  const { kernelPixels } = second;
  const [left, right] = [first.factors, second.factors];
  if (!isFactors(right)) {
    const small = isFactors(left) ? product(left.up, left.down) : left;
    return { added: scaled(kronecker(small, right), scale), kernelPixels };
  }
  // kron(L, U D) = kron(L, U) kron(1, D) = kron(1, U) kron(L, D), and the side that is smaller makes the lower rank.
  const small = isFactors(left) ? left : smallFactors(left);
  return {
    added: {
      up: scaled(kronecker(small.up, right.up), scale),
      down: kronecker(small.down, right.down),
    },
    kernelPixels,
  };
}

async function readKronecker(
  reader: ModuleReader,
  index: 1 | 2,
): Promise<{
  readonly factors: Factors | Matrix;
  readonly rank?: number;
  readonly kernelPixels: number;
}> {
  if (reader.has(`lokr_w${index}`)) {
    const { shape, data } = await reader.required(`lokr_w${index}`);
    return { factors: matrix(data, shape[0]!), kernelPixels: kernelPixelsOf(shape) };
  }
  const a = await reader.required(`lokr_w${index}_a`);
  const b = await reader.required(`lokr_w${index}_b`);
  const core = index === 2 ? await reader.optional('lokr_t2') : undefined;
  const rank = b.shape[0]!;
  const down = matrix(b.data, rank);
  if (core === undefined) {
    const up = reader.matrixOf(`lokr_w${index}_a`, a, { rows: a.shape[0]!, columns: rank });
    return { factors: { up, down }, rank, kernelPixels: kernelPixelsOf(b.shape) };
  }
  const middle = reader.coreMatrix('lokr_t2', core, rank);
  const up = transposed(matrix(a.data, a.shape[0]!));
  return { factors: { up, down: throughCore(middle, down) }, rank, kernelPixels: middle.pixels };
}

/** A matrix as itself times one, on its longer side. */
function smallFactors(whole: Matrix): Factors {
  const { rows, columns } = whole;
  return rows < columns ? { up: identity(rows), down: whole } : { up: whole, down: identity(columns) };
}

function identity(size: number): Matrix {
  const data = new Float32Array(size ** 2);
  for (let index = 0; index < size; index++) data[index * (size + 1)] = 1;
  return { rows: size, columns: size, data };
}

/** All that a fine-tune changed. */
async function readDiff(reader: ModuleReader): Promise<Added> {
  const { shape, data } = await reader.required('diff');
  return { added: matrix(data, shape[0]!), kernelPixels: kernelPixelsOf(shape) };
}

/** Of a kernel in [outputs, inputs, height, width]; 1 of a matrix. */
function kernelPixelsOf([, , ...sides]: readonly number[]): number {
  return sides.reduce((product, side) => product * side, 1);
}

interface Core {
  readonly rows: number;
  readonly inner: number;
  readonly pixels: number;
  readonly data: Float32Array;
}

/** Tucker's: core [n, m, pixels] times down [m, inputs] as [n, inputs * pixels]. */
function throughCore({ rows, inner, pixels, data }: Core, down: Matrix): Matrix {
  const inputs = down.columns;
  const result = new Float32Array(rows * inputs * pixels);
  for (let n = 0; n < rows; n++) {
    for (let m = 0; m < inner; m++) {
      for (let input = 0; input < inputs; input++) {
        const factor = down.data[m * inputs + input]!;
        const to = (n * inputs + input) * pixels;
        const from = (n * inner + m) * pixels;
        for (let pixel = 0; pixel < pixels; pixel++) result[to + pixel]! += factor * data[from + pixel]!;
      }
    }
  }
  return { rows, columns: inputs * pixels, data: result };
}

function scaled(whole: Matrix, scale: number): Matrix {
  return scale === 1 ? whole : { ...whole, data: whole.data.map((value) => value * scale) };
}

interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The tensors of one module by role. */
class ModuleReader {
  readonly #checkpoint: Checkpoint;
  readonly #module: LoraModule;

  constructor(checkpoint: Checkpoint, module: LoraModule) {
    this.#checkpoint = checkpoint;
    this.#module = module;
  }

  has(role: LoraRole): boolean {
    return this.#module.keys.has(role);
  }

  async optional(role: LoraRole): Promise<Tensor | undefined> {
    return this.has(role) ? this.required(role) : undefined;
  }

  async required(role: LoraRole): Promise<Tensor> {
    const { file, tensors } = this.#checkpoint;
    const key = this.#module.keys.get(role);
    if (key === undefined) {
      throw invalidWeights(file, {
        expected: `a tensor \`${role}\` beside \`${[...this.#module.keys.values()][0]}\``,
        received: `${[...this.#module.keys.keys()].map((name) => `\`${name}\``).join(', ')} only`,
      });
    }
    const { shape } = tensors.get(key)!;
    const data = await readFloat32(this.#checkpoint, key, { maxBytes: maxModuleBytes });
    if (!data.every(Number.isFinite)) {
      throw invalidWeights(file, { expected: `finite numbers in \`${key}\``, received: 'others' });
    }
    return { shape, data };
  }

  /** What alpha makes of a product of that rank. */
  async scale(rank: number): Promise<number> {
    if (rank > maxLoraRank || rank < 1) {
      throw invalidWeights(this.#checkpoint.file, {
        expected: `a rank from 1 to ${maxLoraRank} of \`${this.#module.name}\``,
        received: String(rank),
      });
    }
    const alpha = await this.optional('alpha');
    return alpha === undefined ? 1 : alpha.data[0]! / rank;
  }

  /** Throws where it has not that many numbers. */
  matrixOf(
    role: LoraRole,
    { shape, data }: Tensor,
    { rows, columns }: { readonly rows: number; readonly columns: number },
  ): Matrix {
    if (data.length === rows * columns && shape[0] === rows) return { rows, columns, data };
    throw this.misfit(role, `[${rows}, ${columns}]`);
  }

  coreMatrix(role: LoraRole, { shape, data }: Tensor, inner: number): Core {
    const [rows = 0, columns = 0] = shape;
    if (columns !== inner || rows < 1) throw this.misfit(role, `[${rows}, ${inner}, height, width]`);
    return { rows, inner, pixels: kernelPixelsOf(shape), data };
  }

  misfit(role: LoraRole, expected: string): Error {
    const key = this.#module.keys.get(role)!;
    return invalidWeights(this.#checkpoint.file, {
      expected: `${expected} for \`${key}\``,
      received: `[${this.#checkpoint.tensors.get(key)!.shape.join(', ')}]`,
    });
  }
}

/** A whole kernel of the largest convolution takes 236 MB. */
const maxModuleBytes = 512 * 1024 * 1024;
