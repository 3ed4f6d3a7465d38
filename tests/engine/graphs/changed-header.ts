import type { Checkpoint, SafetensorsDtype, TensorEntry } from '../../../engine/weights/safetensors.ts';

export type Changes = Readonly<Record<string, Partial<Pick<TensorEntry, 'shape' | 'dtype'>> | 'missing'>>;

/** A header with some tensors taken out, changed, or put in; detection reads nothing else. */
export function changed(checkpoint: Checkpoint, changes: Changes): Checkpoint {
  const tensors = new Map(checkpoint.tensors);
  for (const [name, change] of Object.entries(changes)) {
    if (change === 'missing') tensors.delete(name);
    else {
      const { shape = tensors.get(name)?.shape ?? [1], dtype = 'F16' } = change;
      tensors.set(name, entry(name, shape, dtype));
    }
  }
  return { ...checkpoint, file: 'some.safetensors', tensors };
}

export function entry(name: string, shape: readonly number[], dtype: SafetensorsDtype = 'F16'): TensorEntry {
  const byteLength = shape.reduce((product, size) => product * size, 2);
  return { name, dtype, shape, byteOffset: 0, byteLength };
}

/** A header of tensors that are nowhere. */
export function headerOf(tensors: Readonly<Record<string, readonly number[]>>): Checkpoint {
  const entries = Object.entries(tensors).map(([name, shape]) => [name, entry(name, shape)] as const);
  return { file: 'some.safetensors', tensors: new Map(entries), metadata: new Map() };
}
