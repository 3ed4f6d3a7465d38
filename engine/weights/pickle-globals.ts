/**
 * The Python names that tensor files need, and what a call of each makes here. Whatever is not in this table is refused
 * by its name. The list follows what `torch.load(weights_only=True)` takes (torch/_weights_only_unpickler.py), with what
 * the published checkpoints hold besides: numpy's scalars and the callbacks' names of Lightning.
 */
import { PickleRefusal } from './pickle-error.ts';
import {
  describeValue,
  PickledStorage,
  PickledTensor,
  PickleGlobal,
  PickleObject,
  PickleTuple,
  type PickleValue,
} from './pickle-values.ts';
import { dtypeBytes, rebuildTensor } from './pickled-tensor.ts';
import type { SafetensorsDtype } from './safetensors.ts';

type Call = (args: readonly PickleValue[]) => PickleValue;

interface KnownGlobal {
  /** Absent: a name that may be there and not be called. */
  readonly call?: Call;
  /** Absent: a name of which no object is made without its constructor. */
  readonly newObject?: () => PickleValue;
}

/** Storages by the name of their class. */
const storageDtypes: ReadonlyMap<string, SafetensorsDtype> = new Map([
  ['torch.FloatStorage', 'F32'],
  ['torch.HalfStorage', 'F16'],
  ['torch.BFloat16Storage', 'BF16'],
  ['torch.DoubleStorage', 'F64'],
  ['torch.LongStorage', 'I64'],
  ['torch.IntStorage', 'I32'],
  ['torch.ShortStorage', 'I16'],
  ['torch.CharStorage', 'I8'],
  ['torch.ByteStorage', 'U8'],
  ['torch.BoolStorage', 'BOOL'],
  ['torch.storage.UntypedStorage', 'U8'],
]);

/** Types of elements by name, for tensors whose storage has none. */
const tensorDtypes: ReadonlyMap<string, SafetensorsDtype> = new Map([
  ['torch.float32', 'F32'],
  ['torch.float16', 'F16'],
  ['torch.bfloat16', 'BF16'],
  ['torch.float64', 'F64'],
  ['torch.int64', 'I64'],
  ['torch.int32', 'I32'],
  ['torch.int16', 'I16'],
  ['torch.int8', 'I8'],
  ['torch.uint8', 'U8'],
  ['torch.bool', 'BOOL'],
  ['torch.float8_e4m3fn', 'F8_E4M3'],
  ['torch.float8_e5m2', 'F8_E5M2'],
]);

export const parameterDictionary = 'torch.nn.modules.container.ParameterDict';

/** Kept as a sign that something was there: nobody needs what it was. */
const opaqueCalls = [
  '_codecs.encode',
  'numpy.core.multiarray.scalar',
  'numpy._core.multiarray.scalar',
  'numpy.core.multiarray._reconstruct',
  'numpy._core.multiarray._reconstruct',
  'numpy.dtype',
  '__builtin__.set',
  'torch.Size',
  'torch.device',
] as const;

const plainNames = [
  ...storageDtypes.keys(),
  ...tensorDtypes.keys(),
  'numpy.ndarray',
  'pytorch_lightning.callbacks.ModelCheckpoint',
  'pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint',
] as const;

const knownGlobals: ReadonlyMap<string, KnownGlobal> = new Map<string, KnownGlobal>([
  ...plainNames.map((name): [string, KnownGlobal] => [name, {}]),
  ...opaqueCalls.map((name): [string, KnownGlobal] => [name, { call: () => new PickleObject(name) }]),
  ['collections.OrderedDict', { call: orderedDict }],
  [parameterDictionary, { newObject: () => new PickleObject(parameterDictionary) }],
  ['torch._utils._rebuild_tensor', { call: rebuildTyped }],
  ['torch._utils._rebuild_tensor_v2', { call: rebuildTyped }],
  ['torch._utils._rebuild_tensor_v3', { call: rebuildUntyped }],
  ['torch._utils._rebuild_parameter', { call: rebuildParameter }],
]);

/** All names that are taken; a test holds each. */
export const knownGlobalNames: readonly string[] = [...knownGlobals.keys()];

const maxShownCharacters = 100;

/** Throws a refusal that names what the file wants. */
export function resolveGlobal(module: string, name: string): PickleGlobal {
  const whole = `${module}.${name}`;
  if (knownGlobals.has(whole)) return new PickleGlobal(whole);
  const shown = JSON.stringify(whole.slice(0, maxShownCharacters)).slice(1, -1);
  const script = module.startsWith('__torch__');
  throw new PickleRefusal(
    script
      ? `a TorchScript program (\`${shown}\`), which holds code`
      : `\`${shown}\`, which no file of weights needs; it may be an attempt to run code`,
    { isSuspicious: !script },
  );
}

export function callGlobal(callee: PickleValue | undefined, args: PickleValue | undefined): PickleValue {
  const call = callee instanceof PickleGlobal ? knownGlobals.get(callee.name)?.call : undefined;
  if (call === undefined) throw refuseUse('a call of', callee);
  if (!(args instanceof PickleTuple)) throw new PickleRefusal(`a call with ${describeValue(args)}`);
  return call(args.items);
}

export function newObjectOf(callee: PickleValue | undefined, args: PickleValue | undefined): PickleValue {
  const make = callee instanceof PickleGlobal ? knownGlobals.get(callee.name)?.newObject : undefined;
  if (make === undefined) throw refuseUse('a new object of', callee);
  if (!(args instanceof PickleTuple) || args.items.length > 0) {
    throw new PickleRefusal(`a new object with ${describeValue(args)}`);
  }
  return make();
}

/**
 * Gives an object its state. What a state dictionary has besides its items (`_metadata`) is not kept; other objects may
 * have none.
 */
export function buildState(target: PickleValue | undefined, state: PickleValue | undefined): void {
  if (target instanceof Map && state instanceof Map) return;
  if (target instanceof PickleObject && state !== undefined) {
    target.state = state;
    return;
  }
  throw refuseUse('a state for', target);
}

/** A storage by what the file says of it: (`storage`, class, key, device, number of elements). */
export function storageOf(id: PickleValue | undefined): PickledStorage {
  const items = id instanceof PickleTuple ? id.items : [];
  const [marker, type, key, location, elements, view] = items;
  const dtype = type instanceof PickleGlobal ? storageDtypes.get(type.name) : undefined;
  const isSound =
    marker === 'storage' &&
    typeof location === 'string' &&
    isCount(elements) &&
    (items.length === 5 || items.length === 6);
  if (!isSound || dtype === undefined || typeof key !== 'string' || !storageKey.test(key)) {
    throw new PickleRefusal(`a persistent id that is no storage (${describeValue(marker ?? id)})`, {
      isSuspicious: true,
    });
  }
  if (view !== undefined && view !== null)
    throw new PickleRefusal('a view of a storage, from torch before 0.4');
  return new PickledStorage(key, dtype, elements);
}

/** They are numbers written out; anything else could be a path. */
const storageKey = /^\d{1,20}$/;

function orderedDict(args: readonly PickleValue[]): PickleValue {
  const [pairs, ...rest] = args;
  const dict = new Map<PickleValue, PickleValue>();
  if (pairs === undefined) return dict;
  // As Python 2 wrote them: with a list of pairs.
  if (rest.length > 0 || !Array.isArray(pairs)) throw new PickleRefusal('an OrderedDict of no pairs');
  for (const pair of pairs) {
    const [key, value, ...more] = pair instanceof PickleTuple ? pair.items : Array.isArray(pair) ? pair : [];
    if (typeof key !== 'string' || value === undefined || more.length > 0) {
      throw new PickleRefusal('an OrderedDict of no pairs');
    }
    dict.set(key, value);
  }
  return dict;
}

function rebuildTyped(args: readonly PickleValue[]): PickleValue {
  const [storage, offset, shape, strides] = args;
  if (!(storage instanceof PickledStorage)) throw new PickleRefusal(`a tensor of ${describeValue(storage)}`);
  return rebuildTensor(storage, { dtype: storage.dtype, offset, shape, strides });
}

function rebuildUntyped(args: readonly PickleValue[]): PickleValue {
  const [storage, offset, shape, strides, , , type] = args;
  const dtype = type instanceof PickleGlobal ? tensorDtypes.get(type.name) : undefined;
  if (!(storage instanceof PickledStorage) || dtype === undefined || dtypeBytes(storage.dtype) !== 1) {
    throw new PickleRefusal(`a tensor of ${describeValue(storage)} as ${describeValue(type)}`);
  }
  return rebuildTensor(storage, { dtype, offset, shape, strides });
}

function rebuildParameter(args: readonly PickleValue[]): PickleValue {
  const [tensor] = args;
  if (!(tensor instanceof PickledTensor)) throw new PickleRefusal(`a parameter of ${describeValue(tensor)}`);
  return tensor;
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function refuseUse(what: string, target: PickleValue | undefined): PickleRefusal {
  return new PickleRefusal(`${what} ${describeValue(target)}`, { isSuspicious: true });
}
