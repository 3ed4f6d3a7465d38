import { GraphRecorder, type NodeOptions, type Value } from './graph-recorder.ts';
import { type Attribute, type Dtype, dataTypeNumber } from './model-proto.ts';
import {
  broadcastShapes,
  type Dimension,
  dimensionFactor,
  formatShape,
  type Shape,
  sameShape,
} from './shape.ts';

/** https://onnx.ai/onnx/operators/ has their formulas and attributes. */
export type ElementFunction =
  | 'Celu'
  | 'Elu'
  | 'HardSigmoid'
  | 'Selu'
  | 'Shrink'
  | 'Sigmoid'
  | 'Softplus'
  | 'Softsign';

/** The operations of `GraphBuilder` on tensors of any rank; those on images are in `GraphBuilder` itself. */
export class TensorOperations extends GraphRecorder {
  add(a: Value, b: Value, name?: string): Value {
    return this.#elementwise('Add', a, b, name);
  }

  /** Of `input`'s shape: `addend` has its sizes or 1, whichever turns out when it is run. */
  addBroadcast(input: Value, addend: Value): Value {
    checkDtype('addBroadcast', input, addend);
    return this.node('Add', [input, addend], { dtype: input.dtype, shape: input.shape });
  }

  mul(a: Value, b: Value, name?: string): Value {
    return this.#elementwise('Mul', a, b, name);
  }

  div(a: Value, b: Value, name?: string): Value {
    return this.#elementwise('Div', a, b, name);
  }

  sin(input: Value): Value {
    return this.#unary('Sin', input);
  }

  cos(input: Value): Value {
    return this.#unary('Cos', input);
  }

  tanh(input: Value): Value {
    return this.#unary('Tanh', input);
  }

  relu(input: Value): Value {
    return this.#unary('Relu', input);
  }

  /** x for x >= 0, `negativeSlope` * x below. */
  leakyRelu(input: Value, negativeSlope: number): Value {
    return this.#unary('LeakyRelu', input, { alpha: { float: negativeSlope } });
  }

  /** One of the standard's functions of each number by itself. */
  elementwise(
    operator: ElementFunction,
    input: Value,
    attributes: Readonly<Record<string, number>> = {},
  ): Value {
    const floats = Object.entries(attributes).map(([name, float]) => [name, { float }] as const);
    return this.#unary(operator, input, Object.fromEntries(floats));
  }

  /** No less than `min`, no more than `max`. */
  clip(input: Value, min: number, max: number): Value {
    const limits = [min, max].map((limit) => this.scalar(`clip.${limit}`, limit));
    return this.node('Clip', [input, ...limits], { dtype: input.dtype, shape: input.shape });
  }

  /** x for x >= 0, `slope` * x below; the slope broadcasts to the input, e.g. `[C, 1, 1]`. */
  prelu(input: Value, slope: Value, name?: string): Value {
    checkDtype('prelu', input, slope);
    const broadcast = broadcastShapes(input.shape, slope.shape);
    if (broadcast === undefined || !sameShape(broadcast, input.shape)) {
      throw new Error(`Expected a slope that fits ${describe(input)} for prelu, received ${describe(slope)}`);
    }
    return this.node('PRelu', [input, slope], { dtype: input.dtype, shape: input.shape, name });
  }

  /** x * sigmoid(x) (arXiv 1702.03118). */
  silu(input: Value): Value {
    return this.mul(input, this.#unary('Sigmoid', input));
  }

  /** x * sigmoid(1.702 x), the approximation of GELU that CLIP was trained with. */
  quickGelu(input: Value): Value {
    const alpha = this.scalar('quickgelu.alpha', 1.702);
    return this.mul(input, this.#unary('Sigmoid', this.mul(input, alpha)));
  }

  /** x * (1 + erf(x / sqrt 2)) / 2 (arXiv 1606.08415), in the five nodes that the runtime knows to fuse. */
  gelu(input: Value): Value {
    const scaled = this.div(input, this.scalar('gelu.sqrt2', Math.SQRT2));
    const shifted = this.add(this.#unary('Erf', scaled), this.scalar('gelu.one', 1));
    return this.mul(this.mul(input, shifted), this.scalar('gelu.half', 0.5));
  }

  softmax(input: Value): Value {
    return this.#unary('Softmax', input, { axis: { int: -1 } });
  }

  /** Joins values along `axis`; all other dimensions must be equal. */
  concat(values: readonly Value[], axis: number): Value {
    const [first, ...others] = values;
    checkDtype('concat', first, ...others);
    let joined = 0;
    for (const value of values) {
      const size = value.shape[axis];
      const fits = value.shape.length === first.shape.length;
      if (
        !fits ||
        typeof size !== 'number' ||
        value.shape.some((d, i) => i !== axis && d !== first.shape[i])
      ) {
        throw new Error(
          `Expected shapes that differ on axis ${axis} only for concat, received ${describe(...values)}`,
        );
      }
      joined += size;
    }
    const shape = first.shape.map((dimension, index) => (index === axis ? joined : dimension));
    return this.node('Concat', values, { dtype: first.dtype, shape, attributes: { axis: { int: axis } } });
  }

  /**
   * The same elements in the same order as `shape`, which `target` tells the runtime: -1 once for what is left, 0 for the
   * input's own size.
   */
  reshape(
    input: Value,
    target: Value | readonly number[],
    { shape, name }: { readonly shape: Shape; readonly name?: string },
  ): Value {
    const known = [input.shape, shape].map((dimensions) =>
      dimensions.every((dimension) => typeof dimension === 'number')
        ? dimensions.reduce<number>((product, dimension) => product * dimension, 1)
        : undefined,
    );
    if (known[0] !== undefined && known[1] !== undefined && known[0] !== known[1]) {
      throw new Error(
        `Expected ${formatShape(shape)} to hold the elements of ${describe(input)} for reshape`,
      );
    }
    const targetValue = 'name' in target ? target : this.integers(target);
    return this.node('Reshape', [input, targetValue], { dtype: input.dtype, shape, name });
  }

  /** Axis i of the result is axis `order[i]` of the input. */
  transpose(input: Value, order: readonly number[]): Value {
    if (order.toSorted().some((axis, index) => axis !== index) || order.length !== input.shape.length) {
      throw new Error(
        `Expected an order of all axes of ${describe(input)} for transpose, received [${order}]`,
      );
    }
    return this.node('Transpose', [input], {
      dtype: input.dtype,
      shape: order.map((axis) => input.shape[axis]),
      attributes: { perm: { ints: order } },
    });
  }

  /** The sizes of axes `start` to `end` (not included) as int64, settled when the graph runs. */
  sizes(input: Value, start: number, end: number): Value {
    return this.node('Shape', [input], {
      dtype: 'int64',
      shape: [end - start],
      attributes: { start: { int: start }, end: { int: end } },
    });
  }

  /** What is one along the first axis repeated as often as `count`, a list of one, says; what is as many already, as it is. */
  repeatFirst(input: Value, count: Value, dimension: Dimension): Value {
    const rest = input.shape.slice(1);
    const target = this.concat([count, this.integers(rest.map(() => 1))], 0);
    return this.node('Expand', [input, target], { dtype: input.dtype, shape: [dimension, ...rest] });
  }

  /** The rows of `table` `[rows, ...]` at `indices`: `[...indices, ...]`. */
  gather(table: Value, indices: Value, name?: string): Value {
    const shape = [...indices.shape, ...table.shape.slice(1)];
    return this.node('Gather', [table, indices], { dtype: table.dtype, shape, name });
  }

  /** Matrix product of the last two axes; those before broadcast. */
  matMul(a: Value, b: Value, options: Pick<NodeOptions, 'multiplyAddsPerPixel' | 'name'> = {}): Value {
    checkDtype('matMul', a, b);
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
    if (batch === undefined || a.shape.at(-1) !== b.shape.at(-2)) {
      throw new Error(`Expected matrices that multiply for matMul, received ${describe(a, b)}`);
    }
    const shape = [...batch, a.shape.at(-2)!, b.shape.at(-1)!];
    return this.node('MatMul', [a, b], { dtype: a.dtype, shape, ...options });
  }

  /** `input` `[rows, I]` times `weight` `[O, I]` as PyTorch's `Linear` stores it, plus `bias` `[O]`. */
  linear(
    input: Value,
    weight: Value,
    { bias, name }: { readonly bias?: Value; readonly name?: string } = {},
  ): Value {
    const what = `linear \`${name ?? weight.name}\``;
    checkDtype(what, input, weight, ...(bias === undefined ? [] : [bias]));
    const [rows, inputs] = input.shape;
    const [outputs, weightInputs] = weight.shape;
    if (input.shape.length !== 2 || weight.shape.length !== 2 || inputs !== weightInputs) {
      throw new Error(`Expected [rows, ${weightInputs}] for ${what}, received ${describe(input)}`);
    }
    if (bias !== undefined && !sameShape(bias.shape, [outputs])) {
      throw new Error(`Expected a bias of [${outputs}] for ${what}, received ${describe(bias)}`);
    }
    return this.node('Gemm', [input, weight, bias], {
      dtype: input.dtype,
      shape: [rows, outputs],
      name: name ?? weight.name.replace(/\.weight$/, ''),
      attributes: { transB: { int: 1 } },
      multiplyAddsPerPixel:
        typeof outputs === 'number' && typeof inputs === 'number' ? rowsPerPixel(rows) * outputs * inputs : 0,
    });
  }

  /**
   * Attention of `[batch, tokens, channels]` with the runtime's own operator, which takes the tokens in blocks and never
   * holds all scores: softmax(query key' / sqrt(channels / heads)) value.
   */
  multiHeadAttention(
    { query, key, value }: { readonly query: Value; readonly key: Value; readonly value: Value },
    heads: number,
  ): Value {
    const [, keyTokens, channels] = key.shape;
    const fits =
      query.shape.length === 3 &&
      query.shape[2] === channels &&
      sameShape(value.shape.slice(1), [keyTokens, channels]);
    if (!fits || (channels as number) % heads !== 0) {
      throw new Error(
        `Expected ${heads} heads of tokens for attention, received ${describe(query, key, value)}`,
      );
    }
    return this.node('MultiHeadAttention', [query, key, value], {
      domain: 'com.microsoft',
      dtype: query.dtype,
      shape: query.shape,
      attributes: { num_heads: { int: heads } },
    });
  }

  /** Each row of the last axis less its mean, over its deviation, times `scale` plus `bias` (arXiv 1607.06450). */
  layerNormalization(
    input: Value,
    { scale, bias, epsilon }: { readonly scale: Value; readonly bias: Value; readonly epsilon: number },
  ): Value {
    const size = [input.shape.at(-1)!];
    if (!sameShape(scale.shape, size) || !sameShape(bias.shape, size)) {
      throw new Error(`Expected scale and bias for ${describe(input)}, received ${describe(scale, bias)}`);
    }
    return this.node('LayerNormalization', [input, scale, bias], {
      dtype: input.dtype,
      shape: input.shape,
      attributes: { axis: { int: -1 }, epsilon: { float: epsilon } },
    });
  }

  /** The same numbers in another type. Of an initializer it is folded when the graph is loaded. */
  cast(input: Value, dtype: Dtype, name?: string): Value {
    const attributes = { to: { int: dataTypeNumber(dtype) } };
    return this.node('Cast', [input], { dtype, shape: input.shape, name, attributes });
  }

  /** A number that operations share, made once. */
  scalar(name: string, value: number): Value {
    return this.sharedConstant(name, [], [value]);
  }

  /** A float32 constant that operations share, made once: who asks for `name` again gives the same. */
  sharedConstant(name: string, shape: readonly number[], values: readonly number[]): Value {
    let constant = this.#sharedConstants.get(name);
    if (constant === undefined) {
      constant = this.constant(name, shape, values);
      this.#sharedConstants.set(name, constant);
    }
    return constant;
  }

  readonly #sharedConstants = new Map<string, Value>();

  #unary(operator: string, input: Value, attributes: Readonly<Record<string, Attribute>> = {}): Value {
    return this.node(operator, [input], { dtype: input.dtype, shape: input.shape, attributes });
  }

  #elementwise(operator: 'Add' | 'Mul' | 'Div', a: Value, b: Value, name?: string): Value {
    checkDtype(operator, a, b);
    const shape = broadcastShapes(a.shape, b.shape);
    if (shape === undefined) {
      throw new Error(`Expected shapes that broadcast for ${operator}, received ${describe(a, b)}`);
    }
    return this.node(operator, [a, b], { dtype: a.dtype, shape, name });
  }
}

/** Rows that pixels make are named so, e.g. `rows/4`; others, such as those of a text, do not grow with the picture. */
function rowsPerPixel(rows: Dimension): number {
  return typeof rows === 'string' && /^rows\b/.test(rows) ? dimensionFactor(rows) : 0;
}

export function describe(...values: readonly Value[]): string {
  return values.map(({ name, dtype, shape }) => `\`${name}\` ${dtype} ${formatShape(shape)}`).join(' and ');
}

export function checkDtype(what: string, first: Value, ...others: readonly Value[]): void {
  if (others.some(({ dtype }) => dtype !== first.dtype)) {
    throw new Error(`Expected one dtype for ${what}, received ${describe(first, ...others)}`);
  }
}
