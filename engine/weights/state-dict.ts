/** From what a torch file holds to named tensors: training code wraps a state dictionary in others. */

import { PickleRefusal } from './pickle-error.ts';
import { parameterDictionary } from './pickle-globals.ts';
import {
  describeValue,
  type PickleDict,
  PickledTensor,
  PickleObject,
  PickleTuple,
  type PickleValue,
} from './pickle-values.ts';

/** What the weights are under where they are not at the top (A1111, spandrel). The first that has tensors counts. */
const wrappers = ['state_dict', 'model_state_dict', 'model', 'net'] as const;
/** Of dictionaries within the state dictionary, as embeddings and hypernetworks have. */
export const maxStateDictDepth = 4;
/** A shared value may be met by many ways: what is looked at is counted, not what there is. */
export const maxVisitedValues = 1_000_000;
/** Longer text says nothing of a file. */
const maxMetadataCharacters = 1000;

export interface StateDict {
  readonly tensors: ReadonlyMap<string, PickledTensor>;
  /** Short text, numbers and lists of numbers beside the tensors, such as the name of an embedding, as JSON but for text. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Tensors by name; of nested dictionaries, lists and tuples the names are joined with dots. Throws a `PickleRefusal`. */
export function stateDictOf(root: PickleValue): StateDict {
  const top = asDict(root);
  if (top === undefined) throw new PickleRefusal(`${describeValue(root)} instead of a dictionary of tensors`);
  const metadata = new Map<string, string>();
  for (const [key, value] of top) {
    const told = typeof key === 'string' ? plainText(value) : undefined;
    if (told !== undefined) metadata.set(key as string, told.slice(0, maxMetadataCharacters));
  }
  const tensors = new Map<string, PickledTensor>();
  let visits = 0;
  const visit = (value: PickleValue, name: string, depth: number): void => {
    visits += 1;
    if (visits > maxVisitedValues) throw new PickleRefusal(`more than ${maxVisitedValues} values`);
    if (value instanceof PickledTensor) {
      if (tensors.has(name)) throw new PickleRefusal(`two tensors named ${JSON.stringify(name)}`);
      tensors.set(name, value);
      return;
    }
    const children = asDict(value) ?? itemsOf(value)?.entries();
    if (children === undefined || depth === maxStateDictDepth) return;
    for (const [key, child] of children) {
      if (typeof key !== 'string' && typeof key !== 'number') continue;
      visit(child, name === '' ? String(key) : `${name}.${key}`, depth + 1);
    }
  };
  visit(unwrap(top), '', 0);
  return { tensors, metadata };
}

function unwrap(top: PickleDict): PickleDict {
  for (const wrapper of wrappers) {
    const inner = asDict(top.get(wrapper));
    if (inner !== undefined && [...inner.values()].some((value) => value instanceof PickledTensor))
      return inner;
  }
  return top;
}

function plainText(value: PickleValue): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const numbers = itemsOf(value)?.slice(0, maxMetadataCharacters);
  const isTold =
    numbers !== undefined && numbers.length > 0 && numbers.every((item) => typeof item === 'number');
  return isTold ? JSON.stringify(numbers) : undefined;
}

function itemsOf(value: PickleValue): readonly PickleValue[] | undefined {
  return value instanceof PickleTuple ? value.items : Array.isArray(value) ? value : undefined;
}

/** A `ParameterDict` keeps its parameters in its state. */
function asDict(value: PickleValue | undefined): PickleDict | undefined {
  if (value instanceof Map) return value;
  if (!(value instanceof PickleObject) || value.className !== parameterDictionary) return undefined;
  const { state } = value;
  const parameters = state instanceof Map ? state.get('_parameters') : undefined;
  return parameters instanceof Map ? parameters : undefined;
}
