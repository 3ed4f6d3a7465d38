import { basename } from 'node:path';
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import type { Value } from '../onnx/graph-recorder.ts';
import type { Dtype } from '../onnx/model-proto.ts';
import type { Checkpoint, SafetensorsDtype } from '../weights/safetensors.ts';

/** Element types of weights as ONNX names them. */
const onnxDtypes: Partial<Record<SafetensorsDtype, Dtype>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
};

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
   * One tensor as float32, whatever the file stores: the cast is folded when a session loads. `shape` shows the same
   * elements in another shape. The tensor must be there and of a type of `onnxDtypes`, which `checkTensors` sees to.
   */
  get(key: string, shape?: readonly number[]): Value {
    const entry = this.#checkpoint.tensors.get(key)!;
    const dtype = onnxDtypes[entry.dtype]!;
    const { byteOffset, byteLength } = entry;
    const stored = this.#builder.initializer(
      { name: dtype === 'float32' ? key : `${key}:${dtype}`, dtype, shape: shape ?? entry.shape },
      { file: basename(this.#checkpoint.file), byteOffset, byteLength },
    );
    return dtype === 'float32' ? stored : this.#builder.cast(stored, 'float32', key);
  }

  /** A stride 1 convolution with bias that keeps height and width; `key` is what its two tensors' keys share. */
  conv(input: Value, key: string, name?: string): Value {
    const weight = this.get(`${key}.weight`);
    const padding = ((weight.shape[2] as number) - 1) / 2;
    const bias = this.get(`${key}.bias`);
    return this.#builder.conv(input, weight, { bias, padding, ...(name === undefined ? {} : { name }) });
  }
}
