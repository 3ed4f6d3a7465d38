import {
  type Attribute,
  dtypeBytes,
  type Initializer,
  type Node,
  type OperatorDomain,
  type ValueInfo,
} from './model-proto.ts';
import { dimensionFactor, type Shape } from './shape.ts';

/** What an operation gives: a handle to use in the next one. */
export type Value = ValueInfo;

export interface RecordedNode extends Node {
  readonly output: Value;
  /** Multiply-adds for each pixel (1 of `height` times 1 of `width`) of a batch of one. */
  readonly multiplyAddsPerPixel: number;
  /** How far beyond its own place it looks, in pixels of the network's input. */
  readonly reachPixels: number;
}

/** A whole network as it was recorded: nodes in an order that they can run in. */
export interface RecordedGraph {
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly nodes: readonly RecordedNode[];
  readonly initializers: ReadonlyMap<string, Initializer>;
  /** Node indices in front of which the network may be cut into stages, ascending. */
  readonly cuts: readonly number[];
}

export interface NodeOptions {
  readonly domain?: OperatorDomain;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** The value's name; without one it is the operator's with a number. */
  readonly name?: string | undefined;
  readonly multiplyAddsPerPixel?: number;
  readonly reachPixels?: number;
}

/** Keeps the nodes, initializers and names of a graph in the making; `GraphBuilder` has the operations. */
export class GraphRecorder {
  readonly #name: string;
  readonly #names = new Set<string>();
  readonly #inputs: Value[] = [];
  readonly #outputs: Value[] = [];
  readonly #nodes: RecordedNode[] = [];
  readonly #initializers = new Map<string, Initializer>();
  /** What is made of initializers alone: the runtime does so once, when a session loads. */
  readonly #folded = new Set<string>();
  readonly #cuts: number[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  /** Declares an input of the graph. */
  input(value: ValueInfo): Value {
    this.#claimName(value.name);
    this.#inputs.push(value);
    return value;
  }

  /** Declares a value as an output of the graph. */
  output(value: Value): void {
    this.#outputs.push(value);
  }

  /** A tensor that is part of the graph, its bytes inside the model or in a weights file. */
  initializer(info: Omit<Initializer, 'data'>, data: Initializer['data']): Value {
    const byteLength = info.shape.reduce((product, size) => product * size, dtypeBytes[info.dtype]);
    if (byteLength !== data.byteLength) {
      throw new Error(
        `Expected ${byteLength} bytes of ${info.dtype} for \`${info.name}\`, received ${data.byteLength}`,
      );
    }
    this.#claimName(info.name);
    this.#initializers.set(info.name, { ...info, data });
    return info;
  }

  /** A float32 constant inside the model. */
  constant(name: string, shape: readonly number[], values: readonly number[]): Value {
    const bytes = new Uint8Array(values.length * 4);
    const view = new DataView(bytes.buffer);
    for (const [index, value] of values.entries()) view.setFloat32(index * 4, value, true);
    return this.initializer({ name, dtype: 'float32', shape }, bytes);
  }

  /** A list of int64 numbers inside the model, such as a shape. */
  integers(values: readonly number[]): Value {
    const bytes = new Uint8Array(values.length * 8);
    const view = new DataView(bytes.buffer);
    for (const [index, value] of values.entries()) view.setBigInt64(index * 8, BigInt(value), true);
    const name = this.freshName('integers');
    return this.initializer({ name, dtype: 'int64', shape: [values.length] }, bytes);
  }

  /** Here, in front of the next node, the network may be cut into stages: few values cross this line. */
  allowCut(): void {
    this.#cuts.push(this.#nodes.length);
  }

  finish(): RecordedGraph {
    return {
      name: this.#name,
      inputs: this.#inputs,
      outputs: this.#outputs,
      nodes: this.#nodes,
      initializers: this.#initializers,
      cuts: this.#cuts,
    };
  }

  /** Adds one operation with one output. `inputs` may hold `undefined` for an optional input that is left out. */
  protected node(
    operator: string,
    inputs: readonly (Value | undefined)[],
    output: { readonly dtype: Value['dtype']; readonly shape: Shape } & NodeOptions,
  ): Value {
    const { domain, dtype, shape, attributes = {}, multiplyAddsPerPixel = 0, reachPixels = 0 } = output;
    const value = { name: output.name ?? this.freshName(operator.toLowerCase()), dtype, shape };
    this.#claimName(value.name);
    const isFolded = inputs.every((input) => input === undefined || this.#isConstant(input));
    if (isFolded) this.#folded.add(value.name);
    this.#nodes.push({
      operator,
      domain,
      inputs: withoutTrailingGaps(inputs).map((input) => input?.name ?? ''),
      outputs: [value.name],
      attributes,
      output: value,
      multiplyAddsPerPixel: isFolded ? 0 : multiplyAddsPerPixel,
      reachPixels: isFolded ? 0 : reachPixels,
    });
    return value;
  }

  #isConstant({ name }: Value): boolean {
    return this.#initializers.has(name) || this.#folded.has(name);
  }

  protected freshName(stem: string): string {
    return `${stem}_${this.#names.size}`;
  }

  #claimName(name: string): void {
    if (this.#names.has(name))
      throw new Error(`Expected names to be unique in a graph, \`${name}\` is taken`);
    this.#names.add(name);
  }
}

/** An optional input at the end is left out, not written empty: on an empty bias the WebGPU provider (1.30) crashes. */
function withoutTrailingGaps(inputs: readonly (Value | undefined)[]): readonly (Value | undefined)[] {
  return inputs.slice(0, inputs.findLastIndex((input) => input !== undefined) + 1);
}

/** Multiply-adds of a whole network for each input pixel. */
export function multiplyAddsPerPixel(graph: RecordedGraph): number {
  return graph.nodes.reduce((sum, node) => sum + node.multiplyAddsPerPixel, 0);
}

/** Elements of a `[N, C, H, W]` value for each input pixel and batch item. */
export function elementsPerPixel([, ...dimensions]: Shape): number {
  return dimensions.reduce<number>((product, dimension) => product * dimensionFactor(dimension), 1);
}
