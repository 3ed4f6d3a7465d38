/**
 * Reads the parts of an ncnn model that the Real-ESRGAN networks use: a text `.param` (one layer a line: type, name,
 * input count, output count, blobs, `key=value`) and a `.bin` with the weights of its layers in the same order.
 */
const paramMagic = '7767517';
/** In front of a layer's weights: they are float16, padded to 4 bytes. Zero: they are float32. */
const float16Tag = 0x01306b47;

export interface NcnnTensor {
  readonly dtype: 'F16' | 'F32';
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

export type NcnnLayer =
  | {
      readonly type: 'Convolution';
      readonly name: string;
      readonly weight: NcnnTensor;
      readonly bias: NcnnTensor;
    }
  | { readonly type: 'PReLU'; readonly name: string; readonly slope: NcnnTensor };

/** The layers that have weights, in the order of the file. Throws where the `.bin` is not used up exactly. */
export function parseNcnnModel(param: string, bin: Uint8Array): readonly NcnnLayer[] {
  const [magic, , ...lines] = param.trim().split('\n');
  if (magic.trim() !== paramMagic)
    throw new Error(`Expected ${paramMagic} in the first line, received ${magic}`);
  const reader = new BinReader(bin);
  const layers: NcnnLayer[] = [];
  for (const line of lines) {
    const [type, name, inputCount, outputCount, ...rest] = line.trim().split(/\s+/);
    const settings = rest.slice(Number(inputCount) + Number(outputCount));
    const keys = new Map(settings.map((setting) => setting.split('=') as [string, string]));
    const number = (key: string, otherwise: number) => Number(keys.get(key) ?? otherwise);
    if (type === 'Convolution') {
      const outChannels = number('0', 0);
      const kernel = number('1', 0);
      const [stride, padding, hasBias] = [number('3', 1), number('4', 0), number('5', 0)];
      if (stride !== 1 || padding !== (kernel - 1) / 2 || hasBias !== 1) {
        throw new Error(
          `Expected stride 1, equal size and a bias of convolution ${name}, received ${settings}`,
        );
      }
      const inChannels = number('6', 0) / (outChannels * kernel ** 2);
      const weight = reader.taggedTensor([outChannels, inChannels, kernel, kernel]);
      layers.push({ type, name, weight, bias: reader.float32Tensor([outChannels]) });
    } else if (type === 'PReLU') {
      layers.push({ type, name, slope: reader.float32Tensor([number('0', 0)]) });
    }
  }
  reader.expectEnd();
  return layers;
}

class BinReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  taggedTensor(shape: readonly number[]): NcnnTensor {
    const tag = new DataView(this.#take(4).buffer).getUint32(0, true);
    if (tag === 0) return this.float32Tensor(shape);
    if (tag !== float16Tag) throw new Error(`Expected float16 or float32 weights, received the tag ${tag}`);
    const data = this.#take(count(shape) * 2);
    this.#offset = Math.ceil(this.#offset / 4) * 4;
    return { dtype: 'F16', shape, data };
  }

  float32Tensor(shape: readonly number[]): NcnnTensor {
    return { dtype: 'F32', shape, data: this.#take(count(shape) * 4) };
  }

  expectEnd(): void {
    const rest = this.#bytes.byteLength - this.#offset;
    if (rest !== 0)
      throw new Error(`Expected the weights to end with the last layer, received ${rest} more bytes`);
  }

  #take(byteLength: number): Uint8Array {
    const end = this.#offset + byteLength;
    if (!(end <= this.#bytes.byteLength)) {
      throw new Error(`Expected ${byteLength} bytes at ${this.#offset}, received the end of the file`);
    }
    const taken = Uint8Array.from(this.#bytes.subarray(this.#offset, end));
    this.#offset = end;
    return taken;
  }
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
