/** How much memory and work a recorded network takes, told from the shapes of its values alone. */
import type { RecordedGraph, RecordedNode, Value } from './graph-recorder.ts';
import { dtypeBytes, type ValueInfo } from './model-proto.ts';
import { elementsOf, type Sizes } from './shape.ts';

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

export function footprintOf(network: Network): Footprint {
  const { nodes, weights } = withoutFolded(network);
  const left = { ...network, nodes, weights };
  return {
    weightBytes: weights.reduce((sum, weight) => sum + bytesOf(weight, {}), 0),
    activationBytes: (sizes) => runNodes(left, sizes).peakBytes,
    multiplyAdds: (sizes) => runNodes(left, sizes).multiplyAdds,
  };
}

/** The nodes that are left when the runtime has computed those of weights alone, and what they take of these. */
function withoutFolded({ nodes, initializers }: Network): {
  readonly nodes: readonly RecordedNode[];
  readonly weights: readonly ValueInfo[];
} {
  const constants = new Map<string, ValueInfo>(initializers);
  const left: RecordedNode[] = [];
  for (const node of nodes) {
    const isFolded = node.inputs.length > 0 && node.inputs.every((name) => constants.has(name));
    if (isFolded) constants.set(node.output.name, node.output);
    else left.push(node);
  }
  const used = new Set(left.flatMap(({ inputs }) => inputs));
  return { nodes: left, weights: [...constants.values()].filter(({ name }) => used.has(name)) };
}

/** Walks through the nodes in their order: each value is there from the node that makes it to the last that takes it. */
function runNodes(
  { inputs, outputs, nodes, weights }: Network & { readonly weights: readonly ValueInfo[] },
  sizes: Sizes,
): { readonly peakBytes: number; readonly multiplyAdds: number } {
  const pixels = (sizes.batch ?? 1) * (sizes.height ?? 0) * (sizes.width ?? 0);
  const values = new Map<string, Value>([...weights, ...inputs].map((value) => [value.name, value]));
  const held = new HeldValues(lastUsesOf({ inputs, outputs, nodes }));
  for (const input of inputs) held.add(input.name, bytesOf(input, sizes));
  let multiplyAdds = 0;
  for (const [index, node] of nodes.entries()) {
    const { operator, output } = node;
    values.set(output.name, output);
    const sources = { node, values, bytes: (name: string) => held.bytesOf(name), sizes };
    multiplyAdds += node.multiplyAddsPerPixel * pixels + attentionMultiplyAdds(sources);
    if (sharesItsInput.has(operator)) held.share(output.name, node.inputs[0]!);
    else
      held.add(output.name, resultBytes(sources), worksInPlace.has(operator) ? { index, node } : undefined);
    held.release(index, [...node.inputs, output.name]);
  }
  return { peakBytes: held.peakBytes, multiplyAdds };
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

  /** 0 of a weight. */
  bytesOf(name: string): number {
    return this.#bytes.get(this.#ownerOf(name)) ?? 0;
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

interface Sources {
  readonly node: RecordedNode;
  readonly values: ReadonlyMap<string, Value>;
  readonly bytes: (name: string) => number;
  readonly sizes: Sizes;
}

/** From its shape; where that has a symbol that nobody counts, from what goes in. */
function resultBytes({ node: { operator, inputs, output }, values, bytes, sizes }: Sources): number {
  const own = bytesOf(output, sizes);
  if (!Number.isNaN(own)) return own;
  const [a = 0, b = 0] = inputs.map(bytes);
  if (operator !== 'MatMul') return Math.max(a, b);
  const ofWeight = (index: number) => values.get(inputs[index]!)!.shape.slice(-2) as [number, number];
  if (a === 0) return (b / ofWeight(0)[1]) * ofWeight(0)[0];
  if (b === 0) return (a / ofWeight(1)[0]) * ofWeight(1)[1];
  // [..., m, k] times [..., k, n], of which k or n is known, and so the other.
  const batchBytes = elementsOf(output.shape.slice(0, -2), sizes) * dtypeBytes[output.dtype];
  const inner = elementsOf(values.get(inputs[0]!)!.shape.slice(-1), sizes);
  const columns = elementsOf(output.shape.slice(-1), sizes);
  const size = Number.isNaN(inner) ? b / (batchBytes * columns) : inner;
  return (a * b) / size ** 2 / batchBytes;
}

/** Of the runtime's own attention: each query with each key, and each share with each value. */
function attentionMultiplyAdds({ node, bytes, sizes, values }: Sources): number {
  if (node.operator !== 'MultiHeadAttention') return 0;
  const [query = '', key = ''] = node.inputs;
  const { dtype, shape } = values.get(key)!;
  const keyRowBytes = elementsOf([shape[0]!, shape[2]!], sizes) * dtypeBytes[dtype];
  return (2 * bytes(query) * bytes(key)) / keyRowBytes / dtypeBytes[dtype];
}

function bytesOf({ dtype, shape }: Pick<ValueInfo, 'dtype' | 'shape'>, sizes: Sizes): number {
  return elementsOf(shape, sizes) * dtypeBytes[dtype];
}
