/**
 * What the restricted pickle machine can make: plain data, and inert stand-ins for the few things of torch that tensor
 * files hold. Dictionaries are maps, so that no key of a file ever becomes a property.
 */
import type { SafetensorsDtype } from './safetensors.ts';

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleValue[]
  | PickleTuple
  | PickleDict
  | PickleGlobal
  | PickleObject
  | PickledStorage
  | PickledTensor;

export type PickleDict = Map<PickleValue, PickleValue>;

export class PickleTuple {
  readonly items: readonly PickleValue[];

  constructor(items: readonly PickleValue[]) {
    this.items = items;
  }
}

/** A Python name that a file refers to. It stands for itself: nothing is looked up, nothing imported. */
export class PickleGlobal {
  /** Module and name with a dot between. */
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** What the call of a name would have made in Python, where only its being there matters, or its state. */
export class PickleObject {
  readonly className: string;
  state: PickleValue = null;

  constructor(className: string) {
    this.className = className;
  }
}

/** A run of numbers of one type, in the file under `key`. */
export class PickledStorage {
  readonly key: string;
  readonly dtype: SafetensorsDtype;
  readonly elements: number;

  constructor(key: string, dtype: SafetensorsDtype, elements: number) {
    this.key = key;
    this.dtype = dtype;
    this.elements = elements;
  }
}

/** A view of a storage; counted in elements of `dtype`. */
export class PickledTensor {
  readonly storage: PickledStorage;
  readonly dtype: SafetensorsDtype;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(
    storage: PickledStorage,
    {
      dtype,
      offset,
      shape,
      strides,
    }: {
      readonly dtype: SafetensorsDtype;
      readonly offset: number;
      readonly shape: readonly number[];
      readonly strides: readonly number[];
    },
  ) {
    this.storage = storage;
    this.dtype = dtype;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/** A value in an error: never its content where that could be long. */
export function describeValue(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Map) return 'a dictionary';
  if (value instanceof PickleTuple) return 'a tuple';
  if (value instanceof PickleGlobal) return `\`${value.name}\``;
  if (value instanceof PickleObject) return `an object of \`${value.className}\``;
  if (value instanceof PickledStorage) return 'a storage';
  if (value instanceof PickledTensor) return 'a tensor';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value).slice(0, 40);
}
