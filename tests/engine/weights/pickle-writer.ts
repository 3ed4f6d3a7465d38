/** Pickles by their opcodes, sound and hostile: what Python would write, without Python and with nothing run. */

type Part = string | number | Uint8Array;

/** Opcodes as their characters, numbers as single bytes. */
export function pickle(...parts: readonly Part[]): Uint8Array {
  return bytesOf(0x80, 2, ...parts, '.');
}

export function bytesOf(...parts: readonly Part[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'number') return Uint8Array.of(part);
      return typeof part === 'string' ? Buffer.from(part, 'latin1') : part;
    }),
  );
}

export function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** BINUNICODE */
export function text(value: string): Uint8Array {
  const bytes = Buffer.from(value);
  return bytesOf('X', uint32(bytes.byteLength), bytes);
}

/** BININT */
export function int(value: number): Uint8Array {
  const bytes = Buffer.alloc(5);
  bytes.write('J', 'latin1');
  bytes.writeInt32LE(value, 1);
  return bytes;
}

/** GLOBAL */
export function global(module: string, name: string): Uint8Array {
  return bytesOf('c', `${module}\n${name}\n`);
}

/** TUPLE between a MARK and its end. */
export function tuple(...items: readonly Part[]): Uint8Array {
  return bytesOf('(', ...items, 't');
}

/** A call: REDUCE of a name with arguments. */
export function call(callee: Part, ...args: readonly Part[]): Uint8Array {
  return bytesOf(callee, tuple(...args), 'R');
}

/** A dictionary of keys and values in turn. */
export function dict(...items: readonly Part[]): Uint8Array {
  return bytesOf('}', '(', ...items, 'u');
}

export function storage({
  type = 'FloatStorage',
  key = '0',
  elements = 4,
}: {
  readonly type?: string;
  readonly key?: string;
  readonly elements?: number;
} = {}): Uint8Array {
  return bytesOf(tuple(text('storage'), global('torch', type), text(key), text('cpu'), int(elements)), 'Q');
}

export interface TensorToPickle {
  readonly offset?: number;
  readonly shape?: readonly number[];
  readonly strides?: readonly number[];
  readonly from?: Uint8Array;
}

/** A tensor of four float32 in the storage `0`, unless told otherwise. */
export function tensor({
  offset = 0,
  shape = [4],
  strides = [1],
  from = storage(),
}: TensorToPickle = {}): Uint8Array {
  return call(
    global('torch._utils', '_rebuild_tensor_v2'),
    from,
    int(offset),
    tuple(...shape.map(int)),
    tuple(...strides.map(int)),
    0x89,
    call(global('collections', 'OrderedDict')),
  );
}
