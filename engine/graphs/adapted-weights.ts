/**
 * Weights of a network that change while it is loaded (LoRA, arXiv 2106.09685, and its kin): what is added to each is an
 * input of the graph. A graph with such inputs is loaded once, and every adaptation at any strength is fed to it.
 *
 * Folding the sum into the weights while a session loads would cost a step nothing, but each strength and each file a load: 8 s
 * of a full-size UNet at best. As inputs a step costs a few hundredths more (docs/benchmarks.md).
 */
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import type { Value } from '../onnx/graph-recorder.ts';
import { dimensionFactor } from '../onnx/shape.ts';

/**
 * What a graph takes for a change: two factors, up [rows, rank] and down [rank, columns], or, for what has no low rank, the
 * whole matrix.
 */
export type AdaptedForm = 'low-rank' | 'dense';

/** Which weights can change: those of matrices, as most adaptations need, or kernels of convolutions as well. */
export type AdaptedReach = 'linear' | 'all';

/** A matrix of the graph: a linear layer's weight or a part of its rows, or kernels, one row an output channel. */
export interface AdaptedWeight {
  /** What its inputs' names begin with. */
  readonly name: string;
  /** The tensor's key in the checkpoint. */
  readonly key: string;
  /** One of several equal parts that the tensor's rows were joined of. */
  readonly part?: { readonly index: number; readonly of: number };
  readonly rows: number;
  readonly columns: number;
}

/** The names of a weight's inputs. */
export function adaptedInputs({ name }: Pick<AdaptedWeight, 'name'>): {
  readonly up: string;
  readonly down: string;
  readonly delta: string;
} {
  return { up: `${name}:up`, down: `${name}:down`, delta: `${name}:delta` };
}

/** The rank of all factors of one run, which are fed with as many rows and columns. */
export const rankSymbol = 'rank';

/**
 * A matrix is added up before it is used where a run has at least this many rows for each pixel of the network's input: it
 * is then made once for thousands of rows. Of fewer rows each takes its way through both factors, which is less.
 */
const minMergedRowsPerPixel = 1 / 4;
/**
 * But not one with as many times more inputs than outputs: the way through its factors is short, and the runtime multiplies
 * by a matrix that it has not arranged beforehand an eighth to a third slower.
 */
const minInputsPerOutput = 4;

export interface LinearOptions extends Pick<AdaptedWeight, 'key' | 'part' | 'name'> {
  readonly weight: Value;
  readonly bias?: Value;
}

export class AdaptedWeights {
  /** In the order that the graph has them. */
  readonly list: AdaptedWeight[] = [];
  readonly form: AdaptedForm;
  readonly reach: AdaptedReach;

  constructor({ form, reach }: { readonly form: AdaptedForm; readonly reach: AdaptedReach }) {
    this.form = form;
    this.reach = reach;
  }

  /** `input` [rows, I] times the changed weight [O, I], plus the bias. */
  linear(builder: GraphBuilder, input: Value, options: LinearOptions): Value {
    const { weight, bias, name } = options;
    const product = { ...(bias !== undefined && { bias }), name };
    const [rows, columns] = weight.shape as [number, number];
    const adapted = this.#add({ ...options, rows, columns });
    if (this.form === 'dense' || (isLong(input) && columns < minInputsPerOutput * rows)) {
      return builder.linear(input, builder.add(weight, this.#delta(builder, adapted)), product);
    }
    const { up, down } = this.#factors(builder, adapted);
    const inner = builder.linear(input, down, { name: `${name}:inner` });
    return builder.add(
      builder.linear(input, weight, product),
      builder.linear(inner, up, { name: `${name}:change` }),
    );
  }

  /** The changed kernels of a convolution, [O, I, height, width]. */
  kernels(builder: GraphBuilder, weight: Value, key: string): Value {
    const [rows, ...sizes] = weight.shape as number[];
    const columns = sizes.reduce((product, size) => product * size, 1);
    const adapted = this.#add({ name: key.replace(/\.weight$/, ''), key, rows: rows!, columns });
    const delta = this.#delta(builder, adapted);
    const shape = weight.shape as readonly number[];
    return builder.add(weight, builder.reshape(delta, shape, { shape }));
  }

  #add({ name, key, part, rows, columns }: AdaptedWeight): AdaptedWeight {
    const weight = { name, key, ...(part !== undefined && { part }), rows, columns };
    this.list.push(weight);
    return weight;
  }

  #delta(builder: GraphBuilder, weight: AdaptedWeight): Value {
    if (this.form === 'low-rank') {
      const { up, down } = this.#factors(builder, weight);
      return builder.matMul(up, down);
    }
    const shape = [weight.rows, weight.columns];
    return builder.input({ name: adaptedInputs(weight).delta, dtype: 'float32', shape });
  }

  #factors(builder: GraphBuilder, weight: AdaptedWeight): { readonly up: Value; readonly down: Value } {
    const names = adaptedInputs(weight);
    const input = (name: string, shape: Value['shape']) => builder.input({ name, dtype: 'float32', shape });
    return {
      up: input(names.up, [weight.rows, rankSymbol]),
      down: input(names.down, [rankSymbol, weight.columns]),
    };
  }
}

/** Rows that pixels make are named so, e.g. `rows/4`. */
function isLong({ shape: [rows] }: Value): boolean {
  return typeof rows === 'string' && /^rows\b/.test(rows) && dimensionFactor(rows) >= minMergedRowsPerPixel;
}
