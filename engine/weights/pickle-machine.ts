/**
 * Reads a pickle of protocol 2, the one that `torch.save` writes, as far as files of tensors need it. A pickle is a program
 * for a stack machine, and Python's may import and call anything; this one knows the opcodes below and the names of
 * `pickle-globals.ts`, refuses everything else by its name, and calls nothing of the file's.
 * Opcodes: https://github.com/python/cpython/blob/main/Lib/pickletools.py
 */
import { PickleRefusal } from './pickle-error.ts';
import { buildState, callGlobal, newObjectOf, resolveGlobal, storageOf } from './pickle-globals.ts';
import {
  describeValue,
  type PickleDict,
  type PickledStorage,
  PickleGlobal,
  PickleTuple,
  type PickleValue,
} from './pickle-values.ts';

/** A full training state of the largest models has some hundred thousand. */
export const maxPickleOperations = 1_000_000;
/** A pickler numbers its memo from 0 on. */
export const maxMemoIndex = maxPickleOperations - 1;
/** Containers that are being filled at the same time, one within the other. */
export const maxPickleDepth = 64;
/** Of a module, or of a name in it. */
export const maxNameBytes = 256;

/** All opcodes, for a refusal by name: those that are not taken below, as pickletools calls them. */
const refusedOpcodes: ReadonlyMap<number, string> = new Map(
  Object.entries({
    I: 'INT',
    L: 'LONG',
    S: 'STRING',
    T: 'BINSTRING',
    B: 'BINBYTES',
    C: 'SHORT_BINBYTES',
    V: 'UNICODE',
    F: 'FLOAT',
    l: 'LIST',
    d: 'DICT',
    '0': 'POP',
    '1': 'POP_MARK',
    '2': 'DUP',
    g: 'GET',
    p: 'PUT',
    i: 'INST',
    o: 'OBJ',
    P: 'PERSID',
    '\x82': 'EXT1',
    '\x83': 'EXT2',
    '\x84': 'EXT4',
    '\x8b': 'LONG4',
    '\x8c': 'SHORT_BINUNICODE',
    '\x8d': 'BINUNICODE8',
    '\x8e': 'BINBYTES8',
    '\x8f': 'EMPTY_SET',
    '\x90': 'ADDITEMS',
    '\x91': 'FROZENSET',
    '\x92': 'NEWOBJ_EX',
    '\x93': 'STACK_GLOBAL',
    '\x94': 'MEMOIZE',
    '\x95': 'FRAME',
    '\x96': 'BYTEARRAY8',
    '\x97': 'NEXT_BUFFER',
    '\x98': 'READONLY_BUFFER',
  }).map(([character, name]) => [character.charCodeAt(0), name]),
);

/** What a pickle holds, and the bytes that it took. Throws a `PickleRefusal`. */
export function readPickle(bytes: Uint8Array): { readonly value: PickleValue; readonly byteLength: number } {
  return new PickleMachine(bytes).run();
}

class PickleMachine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;
  #stack: PickleValue[] = [];
  /** The stacks below the marks that are open. */
  readonly #marked: PickleValue[][] = [];
  readonly #memo = new Map<number, PickleValue>();
  /** The same storage is named once for each of its tensors. */
  readonly #storages = new Map<string, PickledStorage>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): { readonly value: PickleValue; readonly byteLength: number } {
    if (this.#byte() !== 0x80 || this.#byte() !== 2) {
      throw new PickleRefusal('a pickle of another protocol than 2');
    }
    for (let operations = 0; operations < maxPickleOperations; operations++) {
      const opcode = this.#byte();
      if (opcode === 0x2e) return this.#stop();
      if (!this.#construct(opcode) && !this.#read(opcode)) throw refuseOpcode(opcode);
    }
    throw new PickleRefusal(`a pickle of more than ${maxPickleOperations} operations`, {
      isSuspicious: true,
    });
  }

  #stop(): { readonly value: PickleValue; readonly byteLength: number } {
    const value = this.#pop();
    if (this.#stack.length > 0 || this.#marked.length > 0) {
      throw new PickleRefusal('a pickle that ends with values left over');
    }
    return { value, byteLength: this.#position };
  }

  /** Opcodes that bring a value of their own. False for any other. */
  #read(opcode: number): boolean {
    switch (opcode) {
      case 0x4e: // N: NONE
        return this.#push(null);
      case 0x88: // NEWTRUE
        return this.#push(true);
      case 0x89: // NEWFALSE
        return this.#push(false);
      case 0x4b: // K: BININT1
        return this.#push(this.#byte());
      case 0x4d: // M: BININT2
        return this.#push(this.#view.getUint16(this.#skip(2), true));
      case 0x4a: // J: BININT
        return this.#push(this.#view.getInt32(this.#skip(4), true));
      case 0x8a: // LONG1
        return this.#push(this.#long(this.#byte()));
      case 0x47: // G: BINFLOAT, the one number that is big-endian
        return this.#push(this.#view.getFloat64(this.#skip(8), false));
      case 0x58: // X: BINUNICODE
        return this.#push(this.#text(this.#view.getUint32(this.#skip(4), true)));
      case 0x55: // U: SHORT_BINSTRING, the text of Python 2
        return this.#push(this.#text(this.#byte()));
      case 0x63: // c: GLOBAL
        return this.#push(resolveGlobal(this.#line(), this.#line()));
      case 0x68: // h: BINGET
        return this.#recall(this.#byte());
      case 0x6a: // j: LONG_BINGET
        return this.#recall(this.#view.getUint32(this.#skip(4), true));
      case 0x71: // q: BINPUT
        return this.#memoize(this.#byte());
      case 0x72: // r: LONG_BINPUT
        return this.#memoize(this.#view.getUint32(this.#skip(4), true));
      default:
        return false;
    }
  }

  /** Opcodes that put values together. False for any other. */
  #construct(opcode: number): boolean {
    switch (opcode) {
      case 0x28: // (: MARK
        return this.#mark();
      case 0x5d: // ]: EMPTY_LIST
        return this.#push([]);
      case 0x7d: // }: EMPTY_DICT
        return this.#push(new Map());
      case 0x29: // ): EMPTY_TUPLE
        return this.#push(new PickleTuple([]));
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return this.#push(new PickleTuple(this.#popLast(opcode - 0x84)));
      case 0x74: // t: TUPLE
        return this.#push(new PickleTuple(this.#popMark()));
      case 0x61: // a: APPEND
        return this.#append(this.#popLast(1));
      case 0x65: // e: APPENDS
        return this.#append(this.#popMark());
      case 0x73: // s: SETITEM
        return this.#setItems(this.#popLast(2));
      case 0x75: // u: SETITEMS
        return this.#setItems(this.#popMark());
      case 0x51: // Q: BINPERSID
        return this.#push(this.#storage(this.#pop()));
      case 0x52: {
        // R: REDUCE
        const [callee, args] = this.#popLast(2);
        return this.#push(callGlobal(callee, args));
      }
      case 0x81: {
        // NEWOBJ
        const [callee, args] = this.#popLast(2);
        return this.#push(newObjectOf(callee, args));
      }
      case 0x62: {
        // b: BUILD
        const state = this.#pop();
        buildState(this.#stack.at(-1), state);
        return true;
      }
      default:
        return false;
    }
  }

  #push(value: PickleValue): true {
    this.#stack.push(value);
    return true;
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined) throw new PickleRefusal('a pickle that takes from an empty stack');
    return value;
  }

  #popLast(count: number): PickleValue[] {
    if (this.#stack.length < count) throw new PickleRefusal('a pickle that takes from an empty stack');
    return this.#stack.splice(-count);
  }

  #mark(): true {
    if (this.#marked.length === maxPickleDepth) {
      throw new PickleRefusal(`a pickle nested more than ${maxPickleDepth} deep`, { isSuspicious: true });
    }
    this.#marked.push(this.#stack);
    this.#stack = [];
    return true;
  }

  #popMark(): PickleValue[] {
    const below = this.#marked.pop();
    if (below === undefined) throw new PickleRefusal('a pickle that ends what it did not begin');
    const items = this.#stack;
    this.#stack = below;
    return items;
  }

  #append(items: readonly PickleValue[]): true {
    const list = this.#stack.at(-1);
    if (!Array.isArray(list)) throw new PickleRefusal(`a pickle that appends to ${describeValue(list)}`);
    for (const item of items) list.push(item);
    return true;
  }

  #setItems(items: readonly PickleValue[]): true {
    const dict = this.#stack.at(-1);
    if (!(dict instanceof Map)) throw new PickleRefusal(`a pickle that sets items of ${describeValue(dict)}`);
    if (items.length % 2 !== 0) throw new PickleRefusal('a dictionary with a key and no value');
    for (let index = 0; index < items.length; index += 2) setItem(dict, items[index]!, items[index + 1]!);
    return true;
  }

  #memoize(index: number): true {
    if (index > maxMemoIndex) {
      throw new PickleRefusal(`a memo entry ${index}, beyond ${maxMemoIndex}`, { isSuspicious: true });
    }
    const value = this.#stack.at(-1);
    if (value === undefined) throw new PickleRefusal('a pickle that takes from an empty stack');
    this.#memo.set(index, value);
    return true;
  }

  #recall(index: number): true {
    const value = this.#memo.get(index);
    if (value === undefined)
      throw new PickleRefusal(`a pickle that recalls entry ${index}, which it never made`);
    return this.#push(value);
  }

  #storage(id: PickleValue): PickledStorage {
    const storage = storageOf(id);
    const known = this.#storages.get(storage.key);
    if (known === undefined) {
      this.#storages.set(storage.key, storage);
      return storage;
    }
    if (known.dtype !== storage.dtype || known.elements !== storage.elements) {
      throw new PickleRefusal(`two different storages under \`${storage.key}\``);
    }
    return known;
  }

  #byte(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  /** The position of the next bytes, which are passed. */
  #skip(count: number): number {
    const start = this.#position;
    if (count > this.#bytes.byteLength - start)
      throw new PickleRefusal('the end of a pickle before its last value');
    this.#position += count;
    return start;
  }

  #text(byteLength: number): string {
    const start = this.#skip(byteLength);
    try {
      return utf8.decode(this.#bytes.subarray(start, start + byteLength));
    } catch {
      throw new PickleRefusal('text in a pickle that is no UTF-8');
    }
  }

  #line(): string {
    const start = this.#position;
    const length = this.#bytes.subarray(start, start + maxNameBytes + 1).indexOf(0x0a);
    if (length < 0) throw new PickleRefusal(`a name of more than ${maxNameBytes} bytes in a pickle`);
    const line = this.#text(length);
    this.#skip(1);
    return line;
  }

  #long(byteLength: number): number | bigint {
    const start = this.#skip(byteLength);
    let value = 0n;
    for (let index = byteLength - 1; index >= 0; index--)
      value = (value << 8n) | BigInt(this.#bytes[start + index]!);
    const signed = BigInt.asIntN(byteLength * 8, value);
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Python takes keys that do not change only; so is nothing in the file found under a key that is a container. */
function setItem(dict: PickleDict, key: PickleValue, value: PickleValue): void {
  const isKey =
    key === null || typeof key !== 'object' || key instanceof PickleTuple || key instanceof PickleGlobal;
  if (!isKey) throw new PickleRefusal(`a dictionary with ${describeValue(key)} as key`);
  dict.set(key, value);
}

function refuseOpcode(opcode: number): PickleRefusal {
  const name = refusedOpcodes.get(opcode);
  if (name !== undefined) {
    return new PickleRefusal(`the pickle opcode ${name}, which no file of torch.save has`, {
      isSuspicious: true,
    });
  }
  return new PickleRefusal(`0x${opcode.toString(16).padStart(2, '0')}, which is no opcode of a pickle`);
}
