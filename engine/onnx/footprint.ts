/** How much memory and work a recorded network takes, told from the shapes of its values alone. */
import type { RecordedGraph, RecordedNode, Value } from './graph-recorder.ts';
import { dtypeBytes, type ValueInfo } from './model-proto.ts';
import { dimensionSymbols, elementsOf, type Sizes } from './shape.ts';

export interface Footprint {
  /** What the network holds while it is loaded: its weights in the type that it computes in. */
  readonly weightBytes: number;
  /** Most that its values take at a time while it runs, inputs and outputs included. */
  activationBytes(sizes: Sizes): number;
  /** Of one run; those of operations on weights alone are left out. */
  multiplyAdds(sizes: Sizes): number;
}

type Network = Pick<RecordedGraph, 'inputs' | 'outputs' | 'nodes' | 'initializers'>;

/** The runtime shows the same bytes in another shape. */
const sharesItsInput: ReadonlySet<string> = new Set(['Reshape']);
/** Those whose result the runtime writes over an input that nobody needs any more. */
const worksInPlace: ReadonlySet<string> = new Set(['Add', 'Mul', 'Div', 'Sigmoid', 'Tanh', 'Erf', 'Relu']);

/** A large network takes some tens of milliseconds to walk through, and the same few sizes are asked for again and again. */
const maxKeptWalks = 32;

export function footprintOf(network: Network): Footprint {
  const { nodes, weightBytes } = withoutFolded(network);
  const walks = new Map<string, Walk>();
  const walk = (sizes: Sizes): Walk => {
    const key = JSON.stringify(sizes);
    const known = walks.get(key) ?? walkThrough({ ...network, nodes }, sizes);
    if (walks.size >= maxKeptWalks) walks.clear();
    walks.set(key, known);
    return known;
  };
  return {
    weightBytes,
    activationBytes: (sizes) => walk(sizes).peakBytes,
    multiplyAdds: (sizes) => walk(sizes).multiplyAdds,
  };
}

/** The nodes that are left when the runtime has computed those of weights alone, and the bytes of what these give. */
function withoutFolded({ nodes, initializers }: Network): {
  readonly nodes: readonly RecordedNode[];
  readonly weightBytes: number;
} {
  const constants = new Map<string, number>();
  for (const [name, initializer] of initializers) constants.set(name, bytesOf(initializer, {}));
  const left: RecordedNode[] = [];
  for (const node of nodes) {
    const isFolded = node.inputs.length > 0 && node.inputs.every((name) => constants.has(name));
    if (isFolded) constants.set(node.output.name, bytesOf(node.output, {}));
    else left.push(node);
  }
  const used = new Set(left.flatMap(({ inputs }) => inputs));
  let weightBytes = 0;
  for (const [name, bytes] of constants) if (used.has(name)) weightBytes += bytes;
  return { nodes: left, weightBytes };
}

interface Walk {
  readonly peakBytes: number;
  readonly multiplyAdds: number;
}

/** Node by node in their order: each value is there from the node that makes it to the last that takes it. */
function walkThrough({ inputs, outputs, nodes }: Network, sizes: Sizes): Walk {
  const pixels = (sizes.batch ?? 1) * (sizes.height ?? 0) * (sizes.width ?? 0);
  const settled = new SettledValues(sizes);
  const held = new HeldValues(lastUsesOf({ inputs, outputs, nodes }));
  for (const input of inputs) held.add(input.name, settled.add(input));
  let multiplyAdds = 0;
  for (const [index, node] of nodes.entries()) {
    const { operator, output } = node;
    const bytes = settled.add(output, node);
    multiplyAdds += node.multiplyAddsPerPixel * pixels;
    if (operator === 'MultiHeadAttention') multiplyAdds += settled.attentionMultiplyAdds(node);
    if (sharesItsInput.has(operator)) held.share(output.name, node.inputs[0]!);
    else held.add(output.name, bytes, worksInPlace.has(operator) ? { index, node } : undefined);
    held.release(index, [...node.inputs, output.name]);
  }
  return { peakBytes: held.peakBytes, multiplyAdds };
}

/** Values whose shapes' symbols all stand for numbers. */
class SettledValues {
  readonly #sizes: Sizes;
  readonly #values = new Map<string, { readonly value: Value; readonly sizes: Sizes }>();

  constructor(sizes: Sizes) {
    this.#sizes = sizes;
  }

  /** Its bytes. A symbol that nobody counts is what it is in what goes in; of a reshape, what is left of the elements. */
  add(value: Value, node?: Pick<RecordedNode, 'operator' | 'inputs'>): number {
    const sources = (node?.inputs ?? []).flatMap((name) => this.#values.get(name) ?? []);
    let sizes: Sizes = Object.assign({}, ...sources.map((source) => source.sizes), this.#sizes);
    const [source] = sources;
    if (node?.operator === 'Reshape' && source !== undefined) {
      const symbol = dimensionSymbols(value.shape).find((name) => this.#sizes[name] === undefined);
      const elements = elementsOf(source.value.shape, source.sizes);
      if (symbol !== undefined) {
        sizes = { ...sizes, [symbol]: elements / elementsOf(value.shape, { ...sizes, [symbol]: 1 }) };
      }
    }
    this.#values.set(value.name, { value, sizes });
    return bytesOf(value, sizes);
  }

  /** Each query with each key, and each share with each value. */
  attentionMultiplyAdds({ inputs }: RecordedNode): number {
    const [query, key] = inputs.map((name) => this.#values.get(name)!);
    return 2 * elementsOf(query!.value.shape, query!.sizes) * elementsOf([key!.value.shape[1]!], key!.sizes);
  }
}

/** The index of the last node that takes each value, in whatever shape. Inputs and outputs are held to the end. */
function lastUsesOf({
  inputs: given,
  outputs,
  nodes,
}: Omit<Network, 'initializers'>): ReadonlyMap<string, number> {
  const owners = new Map<string, string>();
  const lastUses = new Map<string, number>();
  for (const [index, { operator, inputs, output }] of nodes.entries()) {
    for (const name of [...inputs, output.name]) lastUses.set(owners.get(name) ?? name, index);
    if (sharesItsInput.has(operator)) owners.set(output.name, owners.get(inputs[0]!) ?? inputs[0]!);
  }
  for (const { name } of [...given, ...outputs]) lastUses.set(owners.get(name) ?? name, nodes.length);
  return lastUses;
}

/** The values that are in memory at one point of a run. */
class HeldValues {
  peakBytes = 0;
  #heldBytes = 0;
  readonly #bytes = new Map<string, number>();
  /** The value whose memory a value is in. */
  readonly #owners = new Map<string, string>();
  readonly #lastUses: ReadonlyMap<string, number>;

  constructor(lastUses: ReadonlyMap<string, number>) {
    this.#lastUses = lastUses;
  }

  share(name: string, input: string): void {
    this.#owners.set(name, this.#ownerOf(input));
  }

  /** `over`: the node may write it over an input that it is the last to take. */
  add(name: string, bytes: number, over?: { readonly index: number; readonly node: RecordedNode }): void {
    this.#bytes.set(name, bytes);
    this.#heldBytes += bytes;
    const isWrittenOver = over?.node.inputs.some((input) => {
      const owner = this.#ownerOf(input);
      return this.#bytes.get(owner) === bytes && this.#lastUses.get(owner) === over.index;
    });
    this.peakBytes = Math.max(this.peakBytes, this.#heldBytes - (isWrittenOver === true ? bytes : 0));
  }

  release(index: number, names: readonly string[]): void {
    for (const name of names) {
      const owner = this.#ownerOf(name);
      const bytes = this.#bytes.get(owner);
      if (bytes === undefined || (this.#lastUses.get(owner) ?? -1) > index) continue;
      this.#heldBytes -= bytes;
      this.#bytes.delete(owner);
    }
  }

  #ownerOf(name: string): string {
    return this.#owners.get(name) ?? name;
  }
}

function bytesOf({ dtype, shape }: Pick<ValueInfo, 'dtype' | 'shape'>, sizes: Sizes): number {
  return elementsOf(shape, sizes) * dtypeBytes[dtype];
}
