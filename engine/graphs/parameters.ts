import path from 'node:path';
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import type { Value } from '../onnx/graph-recorder.ts';
import type { Dtype } from '../onnx/model-proto.ts';
import type { Checkpoint, SafetensorsDtype, TensorEntry } from '../weights/safetensors.ts';

/** Element types of weights as ONNX names them. */
const onnxDtypes: Partial<Record<SafetensorsDtype, Dtype>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
};

export interface ParameterOptions {
  /** Shows the same elements in another shape. */
  readonly shape?: readonly number[];
  /** One of several equal parts that the tensor's rows were joined of. */
  readonly part?: { readonly index: number; readonly of: number };
}

/**
 * A checkpoint's tensors as values of a graph, under their keys. The bytes stay in the file, and a session opened with
 * the file's folder as its weights folder reads them there.
 */
export class Parameters {
  readonly #builder: GraphBuilder;
  readonly #checkpoint: Checkpoint;

  constructor(builder: GraphBuilder, checkpoint: Checkpoint) {
    this.#builder = builder;
    this.#checkpoint = checkpoint;
  }

  /**
   * One tensor as float32, whatever the file stores: the cast is folded when a session loads. The tensor must be there
   * and of a type of `onnxDtypes`, which `checkTensors` sees to.
   */
  get(key: string, options: ParameterOptions = {}): Value {
    const stored = this.#stored(key, options);
    return stored.dtype === 'float32'
      ? stored
      : this.#builder.cast(stored, 'float32', partName(key, options));
  }

  /** The rows of an embedding table at `indices`, as float32; only those are converted. */
  gather(key: string, indices: Value): Value {
    const rows = this.#builder.gather(this.#stored(key, {}), indices);
    return rows.dtype === 'float32' ? rows : this.#builder.cast(rows, 'float32');
  }

  /** A tensor's sizes as the file has them. */
  shape(key: string): readonly number[] {
    return this.#checkpoint.tensors.get(key)!.shape;
  }

  has(key: string): boolean {
    return this.#checkpoint.tensors.has(key);
  }

  #stored(key: string, options: ParameterOptions): Value {
    const entry = this.#checkpoint.tensors.get(key)!;
    const dtype = onnxDtypes[entry.dtype]!;
    const { index, of } = options.part ?? { index: 0, of: 1 };
    const [rows, ...rest] = entry.shape;
    const shape = options.shape ?? (of === 1 ? entry.shape : [rows / of, ...rest]);
    const byteLength = entry.byteLength / of;
    const name = partName(key, options);
    return this.#builder.initializer(
      { name: dtype === 'float32' ? name : `${name}:${dtype}`, dtype, shape },
      {
        file: this.#location(entry),
        byteOffset: entry.byteOffset + index * byteLength,
        byteLength,
      },
    );
  }

  /** From the weights folder, with slashes on every system. */
  #location({ file = this.#checkpoint.file }: TensorEntry): string {
    return path.relative(path.dirname(this.#checkpoint.file), file).replaceAll(path.sep, '/');
  }

  /** A stride 1 convolution with bias that keeps height and width; `key` is what its two tensors' keys share. */
  conv(input: Value, key: string, name?: string): Value {
    const weight = this.get(`${key}.weight`);
    const padding = ((weight.shape[2] as number) - 1) / 2;
    const bias = this.get(`${key}.bias`);
    return this.#builder.conv(input, weight, { bias, padding, ...(name === undefined ? {} : { name }) });
  }
}

function partName(key: string, { part }: ParameterOptions): string {
  return part === undefined ? key : `${key}[${part.index}]`;
}
