/**
 * The small networks of a hypernetwork file as AUTOMATIC1111's web UI trains them: for each width of an attention's context one
 * that changes what its keys are made of, and one for its values. What is beside the tensors (`layer_structure`,
 * `activation_func`, `is_layer_norm`, `activate_output`) tells the layers, and the tensors have to be those.
 */
import { EngineError } from '../errors.ts';
import type { Checkpoint } from './safetensors.ts';
import { invalidWeights } from './weights-file.ts';

/** Functions by the names that the file format has for them: those of torch's modules. */
export const hypernetworkActivations = [
  'celu',
  'elu',
  'gelu',
  'hardshrink',
  'hardsigmoid',
  'hardswish',
  'hardtanh',
  'leakyrelu',
  'logsigmoid',
  'mish',
  'prelu',
  'relu',
  'relu6',
  'rrelu',
  'selu',
  'sigmoid',
  'silu',
  'softplus',
  'softshrink',
  'softsign',
  'swish',
  'tanh',
  'tanhshrink',
] as const;
export type HypernetworkActivation = (typeof hypernetworkActivations)[number];

/** What it is called when there is none. */
const noActivation = 'linear';

export interface HypernetworkTensor {
  readonly key: string;
  readonly shape: readonly number[];
}

/** A linear layer, then its activation, then its norm. */
export interface HypernetworkLayer {
  readonly weight: HypernetworkTensor;
  readonly bias: HypernetworkTensor;
  readonly activation?: HypernetworkActivation;
  /** What the activation `prelu` has learnt. */
  readonly slope?: HypernetworkTensor;
  readonly norm?: { readonly scale: HypernetworkTensor; readonly bias: HypernetworkTensor };
}

/** Of contexts of that width; what its layers make of one is added to it. */
export interface HypernetworkModule {
  readonly width: number;
  readonly key: readonly HypernetworkLayer[];
  readonly value: readonly HypernetworkLayer[];
}

/** Trained ones have two to ten. */
export const maxHypernetworkLayers = 32;
/** Contexts of a family's UNet have four widths. */
export const maxHypernetworkWidths = 16;

const moduleKey = /^(\d+)\.0\.linear/;

/** The modules of a file by rising width; undefined where it is none. Throws `invalid-weights` or `unsupported-architecture`. */
export function hypernetworkModules(checkpoint: Checkpoint): readonly HypernetworkModule[] | undefined {
  const widths = new Set<number>();
  for (const key of checkpoint.tensors.keys()) {
    const width = moduleKey.exec(key)?.[1];
    if (width !== undefined) widths.add(Number(width));
  }
  if (widths.size === 0) return undefined;
  if (widths.size > maxHypernetworkWidths) {
    throw invalidWeights(checkpoint.file, {
      expected: `a hypernetwork for at most ${maxHypernetworkWidths} widths`,
      received: `one for ${widths.size}`,
    });
  }
  const structure = readStructure(checkpoint);
  return [...widths]
    .sort((a, b) => a - b)
    .map((width) => ({
      width,
      // In the file's order.
      key: layersOf(checkpoint, `${width}.0`, { ...structure, width }),
      value: layersOf(checkpoint, `${width}.1`, { ...structure, width }),
    }));
}

/** Of all modules of a file. */
interface Structure {
  /** How many times as wide as the context is what goes into the first layer, and what comes out of each. */
  readonly multipliers: readonly number[];
  readonly activation: HypernetworkActivation | undefined;
  readonly activatesOutput: boolean;
  readonly isNormed: boolean;
}

function readStructure(checkpoint: Checkpoint): Structure {
  const { metadata } = checkpoint;
  return {
    multipliers: readMultipliers(checkpoint),
    activation: readActivation(checkpoint),
    // Files from before it could be chosen activate their output, if anything.
    activatesOutput: !isFalse(metadata.get('activate_output') ?? 'true'),
    isNormed: !isFalse(metadata.get('is_layer_norm') ?? 'false'),
  };
}

/** The first files have none, and this structure. */
const firstMultipliers = '[1, 2, 1]';

function readMultipliers({ file, metadata }: Checkpoint): readonly number[] {
  const text = metadata.get('layer_structure') ?? firstMultipliers;
  const wrong = (expected: string) => invalidWeights(file, { expected, received: text });
  const multipliers = numbersOf(text);
  if (multipliers === undefined || multipliers.length < 2) {
    throw wrong('a list of two numbers or more as `layer_structure`');
  }
  const isSound =
    multipliers.every((multiplier) => multiplier > 0) && multipliers[0] === 1 && multipliers.at(-1) === 1;
  if (!isSound) throw wrong('a `layer_structure` of numbers above 0 that begins and ends with 1');
  if (multipliers.length - 1 > maxHypernetworkLayers) {
    throw invalidWeights(file, {
      expected: `a hypernetwork of at most ${maxHypernetworkLayers} layers`,
      received: `one of ${multipliers.length - 1}`,
    });
  }
  return multipliers;
}

function numbersOf(json: string): readonly number[] | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) && value.every(Number.isFinite) ? value : undefined;
  } catch {
    return undefined;
  }
}

function readActivation({ file, metadata }: Checkpoint): HypernetworkActivation | undefined {
  const name = metadata.get('activation_func') ?? noActivation;
  if (name === noActivation) return undefined;
  const known = hypernetworkActivations.find((activation) => activation === name);
  if (known !== undefined) return known;
  throw new EngineError(
    'unsupported-architecture',
    `Expected a hypernetwork with an activation of numbers by themselves in ${file}, received ${JSON.stringify(name.slice(0, 40))}.`,
    { hint: `Known are ${[noActivation, ...hypernetworkActivations].join(', ')}.` },
  );
}

function isFalse(text: string): boolean {
  return ['false', '0', ''].includes(text.toLowerCase());
}

/**
 * Layers are numbered with what is between them, of which dropout, in training alone, may or may not be there. Throws
 * `invalid-weights` unless the file has just these tensors.
 */
function layersOf(
  checkpoint: Checkpoint,
  module: string,
  { width, multipliers, activation, activatesOutput, isNormed }: Structure & { readonly width: number },
): readonly HypernetworkLayer[] {
  const tensors = new ModuleTensors(checkpoint, module);
  const layers: HypernetworkLayer[] = [];
  const widthOf = (index: number) => Math.trunc(width * multipliers[index]!);
  let place = 0;
  for (let index = 0; index < multipliers.length - 1; index++) {
    const outputs = widthOf(index + 1);
    if (index > 0 && !tensors.has(place)) place += 1;
    const layer = {
      weight: tensors.take(place, 'weight', [outputs, widthOf(index)]),
      bias: tensors.take(place, 'bias', [outputs]),
    };
    place += 1;
    const isLast = index === multipliers.length - 2;
    const own = isLast && !activatesOutput ? undefined : activation;
    const slope = own === 'prelu' ? tensors.take(place, 'weight', [1]) : undefined;
    if (own !== undefined) place += 1;
    const norm = isNormed
      ? { scale: tensors.take(place, 'weight', [outputs]), bias: tensors.take(place, 'bias', [outputs]) }
      : undefined;
    if (isNormed) place += 1;
    layers.push({
      ...layer,
      ...(own !== undefined && { activation: own }),
      ...(slope !== undefined && { slope }),
      ...(norm !== undefined && { norm }),
    });
  }
  tensors.requireAllTaken();
  return layers;
}

/** The tensors of one module, named by the places of their layers. */
class ModuleTensors {
  readonly #checkpoint: Checkpoint;
  readonly #module: string;
  readonly #left: Set<string>;

  constructor(checkpoint: Checkpoint, module: string) {
    this.#checkpoint = checkpoint;
    this.#module = module;
    this.#left = new Set([...checkpoint.tensors.keys()].filter((key) => key.startsWith(`${module}.`)));
  }

  has(place: number): boolean {
    return this.#left.has(this.#key(place, 'weight'));
  }

  take(place: number, part: 'weight' | 'bias', shape: readonly number[]): HypernetworkTensor {
    const key = this.#key(place, part);
    const received = this.#checkpoint.tensors.get(key)?.shape;
    if (received?.length !== shape.length || received.some((size, axis) => size !== shape[axis])) {
      throw invalidWeights(this.#checkpoint.file, {
        expected: `\`${key}\` [${shape.join(', ')}]`,
        received: received === undefined ? 'none' : `[${received.join(', ')}]`,
        hint: 'The layers of a hypernetwork are those that its `layer_structure`, `activation_func` and `is_layer_norm` tell of.',
      });
    }
    this.#left.delete(key);
    return { key, shape };
  }

  requireAllTaken(): void {
    const [left] = this.#left;
    if (left === undefined) return;
    throw invalidWeights(this.#checkpoint.file, {
      expected: 'a hypernetwork of the layers that it tells of',
      received: `\`${left}\` besides`,
    });
  }

  /** The first files number two layers from 1 and have no list of them. */
  #key(place: number, part: string): string {
    const first = `${this.#module}.linear${place + 1}.${part}`;
    return this.#checkpoint.tensors.has(first) ? first : `${this.#module}.linear.${place}.${part}`;
  }
}
