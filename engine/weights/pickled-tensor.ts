import { PickleRefusal } from './pickle-error.ts';
import { type PickledStorage, PickledTensor, PickleTuple, type PickleValue } from './pickle-values.ts';
import { dtypeBits, type SafetensorsDtype } from './safetensors.ts';

/** No network of ours has more; torch itself allows 64. */
export const maxTensorRank = 8;

/** The types that torch stores are whole bytes. */
export function dtypeBytes(dtype: SafetensorsDtype): number {
  return dtypeBits[dtype] / 8;
}

/** Checks that a tensor lies within its storage. Throws a refusal. */
export function rebuildTensor(
  storage: PickledStorage,
  {
    dtype,
    ...layout
  }: {
    readonly dtype: SafetensorsDtype;
    readonly offset: PickleValue | undefined;
    readonly shape: PickleValue | undefined;
    readonly strides: PickleValue | undefined;
  },
): PickledTensor {
  const [offset] = counts([layout.offset], 'an offset');
  const shape = counts(layout.shape, 'a shape');
  const strides = counts(layout.strides, 'strides');
  if (shape.length > maxTensorRank) {
    throw new PickleRefusal(`a tensor of ${shape.length} dimensions, ${maxTensorRank} at most are taken`);
  }
  if (strides.length !== shape.length)
    throw new PickleRefusal('a tensor with more or fewer strides than sizes');
  // As big integers: the products of hostile sizes leave the safe range.
  const elements = shape.includes(0)
    ? 0n
    : shape.reduce((last, size, axis) => last + BigInt(size - 1) * BigInt(strides[axis]!), 1n);
  const storedBytes = BigInt(storage.elements) * BigInt(dtypeBytes(storage.dtype));
  const neededBytes = (BigInt(offset!) + elements) * BigInt(dtypeBytes(dtype));
  if (neededBytes > storedBytes) {
    throw new PickleRefusal(`a tensor that ends ${neededBytes} bytes into a storage of ${storedBytes} bytes`);
  }
  return new PickledTensor(storage, { dtype, offset: offset!, shape, strides });
}

/** Whether the elements lie one after the other in row-major order, so that they can be used where they are. */
export function isContiguous({ shape, strides }: PickledTensor): boolean {
  if (shape.includes(0)) return true;
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 1) continue;
    if (strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

function counts(
  value: PickleValue | undefined | readonly (PickleValue | undefined)[],
  what: string,
): number[] {
  const items = value instanceof PickleTuple ? value.items : value;
  const isSound =
    Array.isArray(items) &&
    items.every(
      (item): item is number => typeof item === 'number' && Number.isSafeInteger(item) && item >= 0,
    );
  if (!isSound) throw new PickleRefusal(`a tensor with ${what} that is not of whole numbers from 0`);
  return items;
}
