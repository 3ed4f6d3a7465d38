/**
 * Hypernetworks of the A1111 kind in a UNet: small networks between the context of each attention and what its keys and values
 * are made of. Their numbers and strengths are inputs of the graph, so that another strength, and another file of the same
 * structure, loads nothing.
 */
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import type { Value } from '../onnx/graph-recorder.ts';
import type {
  HypernetworkActivation,
  HypernetworkLayer,
  HypernetworkModule,
  HypernetworkTensor,
} from '../weights/hypernetwork-modules.ts';

const layerNormEpsilon = 1e-5;

/** What keys and values are made of. */
export interface AttentionContexts {
  readonly key: Value;
  readonly value: Value;
}

/** The names of the inputs of the hypernetwork `index` of a graph. */
export function hypernetworkInputs(index: number): {
  readonly strength: string;
  tensor(tensor: Pick<HypernetworkTensor, 'key'>): string;
} {
  const stem = `hypernetwork_${index}`;
  return { strength: `${stem}:strength`, tensor: ({ key }) => `${stem}:${key}` };
}

/** Those of one graph; each changes what the one before it gives. */
export class Hypernetworks {
  readonly #builder: GraphBuilder;
  readonly #networks: readonly (readonly HypernetworkModule[])[];
  readonly #inputs = new Map<string, Value>();
  #products = 0;
  /** A text is the context of many attentions. */
  readonly #changed = new Map<Value, AttentionContexts>();

  constructor(builder: GraphBuilder, networks: readonly (readonly HypernetworkModule[])[]) {
    this.#builder = builder;
    this.#networks = networks;
  }

  /** Of contexts as rows, by their width. */
  contexts(rows: Value): AttentionContexts {
    let contexts = this.#changed.get(rows);
    if (contexts === undefined) {
      contexts = this.#contextsOf(rows);
      this.#changed.set(rows, contexts);
    }
    return contexts;
  }

  #contextsOf(rows: Value): AttentionContexts {
    let contexts: AttentionContexts = { key: rows, value: rows };
    for (const [index, modules] of this.#networks.entries()) {
      const module = modules.find(({ width }) => width === rows.shape[1]);
      if (module === undefined) continue;
      contexts = {
        key: this.#add(contexts.key, module.key, index),
        value: this.#add(contexts.value, module.value, index),
      };
    }
    return contexts;
  }

  /** x + layers(x) * strength */
  #add(rows: Value, layers: readonly HypernetworkLayer[], index: number): Value {
    const builder = this.#builder;
    const names = hypernetworkInputs(index);
    const tensor = (of: HypernetworkTensor) => this.#input(names.tensor(of), of.shape);
    let hidden = rows;
    for (const { weight, bias, activation, slope, norm } of layers) {
      this.#products += 1;
      const name = `hypernetworks.${this.#products}`;
      hidden = builder.linear(hidden, tensor(weight), { bias: tensor(bias), name });
      if (activation !== undefined) {
        hidden = activated(builder, hidden, { activation, slope: slope && tensor(slope) });
      }
      if (norm !== undefined) {
        const affine = { scale: tensor(norm.scale), bias: tensor(norm.bias) };
        hidden = builder.layerNormalization(hidden, { ...affine, epsilon: layerNormEpsilon });
      }
    }
    return builder.add(rows, builder.mul(hidden, this.#input(names.strength, [1])));
  }

  #input(name: string, shape: readonly number[]): Value {
    let input = this.#inputs.get(name);
    if (input === undefined) {
      input = this.#builder.input({ name, dtype: 'float32', shape });
      this.#inputs.set(name, input);
    }
    return input;
  }
}

type Activate = (builder: GraphBuilder, input: Value) => Value;

/** As torch has them, their parameters those that it has where none are given. */
const activations: Readonly<Record<Exclude<HypernetworkActivation, 'prelu'>, Activate>> = {
  celu: (builder, input) => builder.elementwise('Celu', input, { alpha: 1 }),
  elu: (builder, input) => builder.elementwise('Elu', input, { alpha: 1 }),
  gelu: (builder, input) => builder.gelu(input),
  hardshrink: (builder, input) => builder.elementwise('Shrink', input, { lambd: 0.5, bias: 0 }),
  hardsigmoid: hardSigmoid,
  hardswish: hardSwish,
  hardtanh: (builder, input) => builder.clip(input, -1, 1),
  leakyrelu: (builder, input) => builder.leakyRelu(input, 0.01),
  logsigmoid: (builder, input) => {
    const minus = builder.scalar('hypernetwork.minus', -1);
    return builder.mul(builder.elementwise('Softplus', builder.mul(input, minus)), minus);
  },
  mish: (builder, input) => builder.mul(input, builder.tanh(builder.elementwise('Softplus', input))),
  relu: (builder, input) => builder.relu(input),
  relu6: (builder, input) => builder.clip(input, 0, 6),
  // Its slope is drawn in training only, from 1/8 to 1/3.
  rrelu: (builder, input) => builder.leakyRelu(input, (1 / 8 + 1 / 3) / 2),
  selu: (builder, input) => builder.elementwise('Selu', input),
  sigmoid: (builder, input) => builder.elementwise('Sigmoid', input),
  silu: (builder, input) => builder.silu(input),
  softplus: (builder, input) => builder.elementwise('Softplus', input),
  softshrink: (builder, input) => builder.elementwise('Shrink', input, { lambd: 0.5, bias: 0.5 }),
  softsign: (builder, input) => builder.elementwise('Softsign', input),
  // What the file format calls so; torch's SiLU is the function that others call swish.
  swish: hardSwish,
  tanh: (builder, input) => builder.tanh(input),
  tanhshrink: (builder, input) =>
    builder.add(input, builder.mul(builder.tanh(input), builder.scalar('hypernetwork.minus', -1))),
};

function activated(
  builder: GraphBuilder,
  input: Value,
  { activation, slope }: { readonly activation: HypernetworkActivation; readonly slope: Value | undefined },
): Value {
  return activation === 'prelu' ? builder.prelu(input, slope!) : activations[activation](builder, input);
}

/** (x + 3) / 6, from 0 to 1. */
function hardSigmoid(builder: GraphBuilder, input: Value): Value {
  return builder.elementwise('HardSigmoid', input, { alpha: 1 / 6, beta: 0.5 });
}

function hardSwish(builder: GraphBuilder, input: Value): Value {
  return builder.mul(input, hardSigmoid(builder, input));
}
