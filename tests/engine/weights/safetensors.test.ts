import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { EngineError } from '../../../engine/errors.ts';
import {
  maxHeaderBytes,
  openSafetensors,
  parseSafetensorsHeader,
  readTensor,
} from '../../../engine/weights/safetensors.ts';
import { encodeSafetensors } from '../../../models/convert/safetensors-writer.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'safetensors-'));
});
after(() => rm(folder, { recursive: true }));

function f32(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

const twoTensors = [
  { name: 'conv.weight', dtype: 'F32', shape: [2, 1], data: f32(1, 2) },
  { name: 'conv.bias', dtype: 'F16', shape: [2], data: Uint8Array.of(0, 0x3c, 0, 0x40) },
] as const;

async function writeTemporary(name: string, bytes: Uint8Array): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return file;
}

/** A header as text with that many bytes of data behind it, through the pure parser. */
function parse(header: string | Uint8Array, dataBytes = 8) {
  const bytes = typeof header === 'string' ? Buffer.from(header) : header;
  return parseSafetensorsHeader(bytes, {
    file: 'some.safetensors',
    fileBytes: 8 + bytes.byteLength + dataBytes,
  });
}

function refused(pattern: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof EngineError, `expected an EngineError, received ${error}`);
    assert.equal(error.code, 'invalid-weights');
    assert.match(error.message, pattern);
    assert.match(error.message, /some\.safetensors/);
    return true;
  };
}

describe('a sound file', () => {
  test('gives its tensors, their places in the file and its metadata', async () => {
    const file = await writeTemporary('sound.safetensors', encodeSafetensors(twoTensors, { format: 'pt' }));
    const checkpoint = await openSafetensors(file);
    assert.deepEqual([...checkpoint.tensors.keys()], ['conv.weight', 'conv.bias']);
    assert.deepEqual([...checkpoint.metadata], [['format', 'pt']]);
    assert.deepEqual(await readTensor(checkpoint, 'conv.weight'), f32(1, 2));
    assert.deepEqual(await readTensor(checkpoint, 'conv.bias'), twoTensors[1].data);
  });

  test('through a link is known by its real path, which the runtime accepts', async (t) => {
    const file = await writeTemporary('real.safetensors', encodeSafetensors(twoTensors));
    const link = path.join(folder, 'link.safetensors');
    try {
      await symlink(file, link);
    } catch {
      t.skip('this system does not let us make links');
      return;
    }
    assert.equal((await openSafetensors(link)).file, (await openSafetensors(file)).file);
  });

  test('may have no tensors, tensors of no elements and scalars', () => {
    assert.equal(parse('{}', 0).tensors.size, 0);
    const { tensors } = parse(
      '{"empty":{"dtype":"F32","shape":[0,5],"data_offsets":[0,0]},"scalar":{"dtype":"F64","shape":[],"data_offsets":[0,8]}}',
    );
    assert.deepEqual(tensors.get('scalar')?.shape, []);
  });

  test('may name a tensor like a property of every object', () => {
    const entry = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}';
    const other = '{"dtype":"F32","shape":[1],"data_offsets":[4,8]}';
    const { tensors } = parse(`{"__proto__":${entry},"constructor":${other}}`);
    assert.deepEqual([...tensors.keys()], ['__proto__', 'constructor']);
    assert.equal(({} as Record<string, unknown>).dtype, undefined);
  });
});

describe('a hostile header is refused:', () => {
  const entry = (fields: string) => `{"w":{${fields}}}`;
  const hostile: readonly (readonly [string, string, RegExp])[] = [
    ['no JSON', '{"w":', /a header in JSON/],
    ['an array', '[]', /an object for the header.* received \[\]/],
    ['null', 'null', /an object for the header/],
    ['trailing text', '{}{}', /a header in JSON/],
    ['a tensor that is a number', '{"w":3}', /an object for `w`.* received 3/],
    ['a tensor that is null', '{"w":null}', /an object for `w`/],
    [
      'an unknown dtype',
      entry('"dtype":"F31","shape":[2],"data_offsets":[0,8]'),
      /known dtype for `w`.* received "F31"/,
    ],
    [
      'a dtype named like a property',
      entry('"dtype":"constructor","shape":[2],"data_offsets":[0,8]'),
      /known dtype/,
    ],
    ['no dtype', entry('"shape":[2],"data_offsets":[0,8]'), /known dtype for `w`.* received nothing/],
    ['a negative size', entry('"dtype":"F32","shape":[-2],"data_offsets":[0,8]'), /a shape of whole numbers/],
    [
      'a fractional size',
      entry('"dtype":"F32","shape":[0.5],"data_offsets":[0,8]'),
      /a shape of whole numbers/,
    ],
    ['a size as text', entry('"dtype":"F32","shape":["2"],"data_offsets":[0,8]'), /a shape of whole numbers/],
    ['no shape', entry('"dtype":"F32","data_offsets":[0,8]'), /a shape of whole numbers/],
    [
      'a size past exact numbers',
      entry('"dtype":"F32","shape":[9007199254740993],"data_offsets":[0,8]'),
      /a shape of whole/,
    ],
    [
      'a product that overflows',
      entry('"dtype":"F32","shape":[4294967296,4294967296,2],"data_offsets":[0,8]'),
      /\d{21,} bits for `w`.* received 8 bytes/,
    ],
    [
      'a shape larger than its bytes',
      entry('"dtype":"F32","shape":[3],"data_offsets":[0,8]'),
      /96 bits .* received 8 bytes/,
    ],
    ['one offset', entry('"dtype":"F32","shape":[2],"data_offsets":[0]'), /two data offsets/],
    ['a negative offset', entry('"dtype":"F32","shape":[2],"data_offsets":[-8,0]'), /two data offsets/],
    ['offsets in reverse', entry('"dtype":"F32","shape":[2],"data_offsets":[8,0]'), /`w` to ascend/],
    [
      'an end past the file',
      entry('"dtype":"F32","shape":[4],"data_offsets":[0,16]'),
      /at least 16 bytes of tensors, .* received 8/,
    ],
    [
      'overlapping tensors',
      '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
      /`b` to begin at byte \d+.* which overlaps/,
    ],
    [
      'a gap between tensors',
      entry('"dtype":"F32","shape":[1],"data_offsets":[4,8]'),
      /`w` to begin at byte \d+.* leaves a gap/,
    ],
    [
      'bytes that belong to no tensor',
      entry('"dtype":"F32","shape":[1],"data_offsets":[0,4]'),
      /a file of \d+ bytes/,
    ],
    ['metadata that is no text', '{"__metadata__":{"a":1}}', /text in `__metadata__` for `a`.* received 1/],
    ['metadata that is a list', '{"__metadata__":["a"]}', /an object for `__metadata__`/],
    [
      'the same tensor twice',
      '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}, "a" :{"dtype":"I8","shape":[8],"data_offsets":[0,8]}}',
      /each key once, received "a" twice/,
    ],
    [
      'the same tensor twice, spelled differently',
      '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"\\u0061":{"dtype":"I8","shape":[8],"data_offsets":[0,8]}}',
      /each key once, received "\\u0061" twice/,
    ],
    [
      'the same field twice',
      entry('"dtype":"F32","dtype":"I8","shape":[2],"data_offsets":[0,8]'),
      /each key once, received "dtype" twice/,
    ],
    ['deep nesting', `{"w":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, /nesting at most 3 deep/],
  ];
  for (const [what, header, message] of hostile) {
    test(what, () => assert.throws(() => parse(header), refused(message)));
  }

  test('bytes that are no UTF-8', () => {
    assert.throws(() => parse(Uint8Array.of(0x7b, 0xff, 0x7d)), refused(/a header in UTF-8/));
  });

  test('braces and quotes inside text are just text', () => {
    const { metadata } = parse('{"__metadata__":{"a\\"{":"}\\\\","b":"[[[[\\":"}}', 0);
    assert.deepEqual(
      [...metadata],
      [
        ['a"{', '}\\'],
        ['b', '[[[[":'],
      ],
    );
  });
});

describe('a file is refused that', () => {
  async function refusedFile(name: string, bytes: Uint8Array, message: RegExp): Promise<void> {
    const file = await writeTemporary(name, bytes);
    await assert.rejects(openSafetensors(file), { name: 'EngineError', code: 'invalid-weights', message });
  }

  test('is empty or shorter than the length of its header', async () => {
    await refusedFile('empty.safetensors', new Uint8Array(0), /at least 8 bytes/);
    await refusedFile('short.safetensors', new Uint8Array(7), /at least 8 bytes.* received 7/);
  });

  test('declares a header past the limit, at whatever size', async () => {
    const bytes = Buffer.alloc(16);
    bytes.writeBigUInt64LE(BigInt(maxHeaderBytes));
    await refusedFile('limit.safetensors', bytes, /a header of 33554432 bytes.* received 8 bytes after/);
    bytes.writeBigUInt64LE(BigInt(maxHeaderBytes) + 1n);
    await refusedFile('past.safetensors', bytes, /at most 33554432 bytes.* a length of 33554433/);
    bytes.writeBigUInt64LE(0xffff_ffff_ffff_ffffn);
    await refusedFile('huge.safetensors', bytes, /a length of 18446744073709551615/);
  });

  test('lacks its last byte or has one too many', async () => {
    const bytes = encodeSafetensors(twoTensors);
    await refusedFile(
      'cut.safetensors',
      bytes.subarray(0, -1),
      /at least 12 bytes of tensors, .* received 11/,
    );
    await refusedFile('long.safetensors', Buffer.concat([bytes, Buffer.of(0)]), /a file of \d+ bytes/);
  });

  test('is a folder, or is not there', async () => {
    await assert.rejects(openSafetensors(folder), { code: 'invalid-weights' });
    await assert.rejects(openSafetensors(path.join(folder, 'none')), { code: 'model-not-found' });
  });

  test('has shrunk since its header was read, or lacks the tensor asked for', async () => {
    const file = await writeTemporary('shrunk.safetensors', encodeSafetensors(twoTensors));
    const checkpoint = await openSafetensors(file);
    await assert.rejects(readTensor(checkpoint, 'none'), {
      code: 'invalid-weights',
      message: /a tensor `none`/,
    });
    await truncate(file, 20);
    await assert.rejects(readTensor(checkpoint, 'conv.bias'), {
      code: 'invalid-weights',
      message: /end of the file/,
    });
  });
});

describe('whatever is done to a header,', () => {
  const sound = Buffer.from(encodeSafetensors(twoTensors, { format: 'pt' }));
  const headerBytes = Number(sound.readBigUInt64LE());
  const header = sound.subarray(8, 8 + headerBytes);

  /** Either refused by an `EngineError`, or every tensor lies inside the file and has as many bytes as its shape. */
  function check(bytes: Uint8Array, dataBytes: number): void {
    const fileBytes = 8 + bytes.byteLength + dataBytes;
    try {
      const { tensors } = parseSafetensorsHeader(bytes, { file: 'fuzzed', fileBytes });
      for (const { byteOffset, byteLength } of tensors.values()) {
        assert.ok(byteOffset >= 8 + bytes.byteLength && byteOffset + byteLength <= fileBytes);
      }
    } catch (error) {
      assert.ok(error instanceof EngineError, String(error));
      assert.equal(error.code, 'invalid-weights');
    }
  }

  test('changed bytes never crash or reach outside the file', () => {
    const change = fc.record({ at: fc.nat(header.byteLength - 1), to: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(24), (changes, dataBytes) => {
        const bytes = Uint8Array.from(header);
        for (const { at, to } of changes) bytes[at] = to;
        check(bytes, dataBytes);
      }),
      { numRuns: 2000 },
    );
  });

  test('any numbers in shapes and offsets never crash or reach outside the file', () => {
    const number = fc.oneof(fc.nat(16), fc.integer(), fc.double(), fc.constantFrom(2 ** 53, 2 ** 32, -0));
    const tensor = fc.record({
      dtype: fc.constantFrom('F32', 'F16', 'BF16', 'I8', 'F4', 'F6_E2M3', 'toString'),
      shape: fc.array(number, { maxLength: 4 }),
      data_offsets: fc.array(number, { minLength: 1, maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), tensor, { maxKeys: 4 }), fc.nat(32), (tensors, dataBytes) => {
        check(Buffer.from(JSON.stringify(tensors)), dataBytes);
      }),
      { numRuns: 2000 },
    );
  });

  test('any JSON never crashes', () => {
    fc.assert(fc.property(fc.json(), fc.nat(8), (json, dataBytes) => check(Buffer.from(json), dataBytes)));
  });

  test('what the writer wrote is read back the same', () => {
    const tensor = fc
      .uint8Array({ maxLength: 12 })
      .map((data) => ({ dtype: 'U8', shape: [data.length], data }) as const);
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((name) => name !== '__metadata__'),
          tensor,
        ),
        (named) => {
          const tensors = Object.entries(named).map(([name, rest]) => ({ name, ...rest }));
          const file = Buffer.from(encodeSafetensors(tensors));
          const length = Number(file.readBigUInt64LE());
          const parsed = parseSafetensorsHeader(file.subarray(8, 8 + length), {
            file: 'written',
            fileBytes: file.byteLength,
          });
          assert.equal(parsed.tensors.size, tensors.length);
          for (const { name, data } of tensors) {
            const { byteOffset, byteLength } = parsed.tensors.get(name)!;
            assert.deepEqual(
              Uint8Array.from(file.subarray(byteOffset, byteOffset + byteLength)),
              Uint8Array.from(data),
            );
          }
        },
      ),
    );
  });
});
