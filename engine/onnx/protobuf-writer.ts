/**
 * Writes the protobuf wire format (https://protobuf.dev/programming-guides/encoding): just the field kinds that ONNX
 * messages use. Chunks are kept by reference until `finish`, so tensor bytes are copied once however deep they nest.
 */
const wireTypes = { varint: 0, lengthDelimited: 2, fixed32: 5 } as const;

const textEncoder = new TextEncoder();

export class ProtobufWriter {
  readonly #chunks: Uint8Array[] = [];
  #byteLength = 0;

  /** An int32, int64 or enum field. Negative numbers take ten bytes, as the format wants it. */
  int(field: number, value: number): this {
    this.#tag(field, 'varint');
    this.#append(encodeVarint(value));
    return this;
  }

  float(field: number, value: number): this {
    this.#tag(field, 'fixed32');
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.#append(bytes);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, textEncoder.encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, 'lengthDelimited');
    this.#append(encodeVarint(value.byteLength));
    this.#append(value);
    return this;
  }

  message(field: number, message: ProtobufWriter): this {
    this.#tag(field, 'lengthDelimited');
    this.#append(encodeVarint(message.#byteLength));
    for (const chunk of message.#chunks) this.#append(chunk);
    return this;
  }

  finish(): Uint8Array {
    const bytes = new Uint8Array(this.#byteLength);
    let offset = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, offset);
      offset += chunk.byteLength;
    }
    return bytes;
  }

  #tag(field: number, wireType: keyof typeof wireTypes): void {
    this.#append(encodeVarint(field * 8 + wireTypes[wireType]));
  }

  #append(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#byteLength += bytes.byteLength;
  }
}

/** Nearly all tags and lengths are one of these. */
const singleBytes = Array.from({ length: 0x80 }, (_, value) => Uint8Array.of(value));

function encodeVarint(value: number): Uint8Array {
  const single = singleBytes[value];
  if (single !== undefined) return single;
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`Expected a protobuf integer to be a safe integer, received ${value}`);
  }
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
