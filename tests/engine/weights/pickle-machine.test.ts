/** The limits of the pickle machine, each at the limit and one past it, and that bombs cost little. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { PickleRefusal } from '../../../engine/weights/pickle-error.ts';
import { knownGlobalNames } from '../../../engine/weights/pickle-globals.ts';
import {
  maxMemoIndex,
  maxNameBytes,
  maxPickleDepth,
  maxPickleOperations,
  readPickle,
} from '../../../engine/weights/pickle-machine.ts';
import { PickleTuple, type PickleValue } from '../../../engine/weights/pickle-values.ts';
import { maxTensorRank } from '../../../engine/weights/pickled-tensor.ts';
import { maxStateDictDepth, maxVisitedValues, stateDictOf } from '../../../engine/weights/state-dict.ts';
import { bytesOf, dict, global, pickle, tensor, text, uint32 } from './pickle-writer.ts';

const read = (bytes: Uint8Array): PickleValue => readPickle(bytes).value;

const refusal = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PickleRefusal, String(error));
  assert.match(error.message, message);
  return true;
};

test('values of every kind are read as Python means them', () => {
  assert.equal(read(pickle('N')), null);
  assert.equal(read(pickle(0x88)), true);
  assert.equal(read(pickle(0x89)), false);
  assert.equal(read(pickle('K', 255)), 255);
  assert.equal(read(pickle('M', 0xff, 0xff)), 65535);
  assert.equal(read(pickle('J', 0xff, 0xff, 0xff, 0xff)), -1);
  assert.equal(read(pickle('G', 0x3f, 0xe0, 0, 0, 0, 0, 0, 0)), 0.5);
  assert.equal(read(pickle(0x8a, 0)), 0);
  assert.equal(read(pickle(0x8a, 1, 0xff)), -1);
  assert.equal(read(pickle(0x8a, 2, 0xff, 0)), 255);
  assert.equal(read(pickle(0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1)), 2n ** 64n);
  assert.equal(read(pickle(text('é\u{1f3e0}'))), 'é\u{1f3e0}');
  assert.equal(read(pickle('U', 3, 'old')), 'old');
  assert.deepEqual(read(pickle(']', '(', 'K', 1, 'K', 2, 'e', 'K', 3, 'a')), [1, 2, 3]);
  assert.deepEqual(read(pickle('K', 1, 'K', 2, 0x86)), new PickleTuple([1, 2]));
  assert.deepEqual(read(pickle('}', text('a'), 'K', 1, 's')), new Map([['a', 1]]));
  assert.deepEqual(
    read(pickle(global('collections', 'OrderedDict'), ']', ']', '(', text('a'), 'K', 1, 'e', 'a', 0x85, 'R')),
    new Map([['a', 1]]),
  );
});

test('what was memoized is the same value, even within itself', () => {
  const list = read(pickle(']', 'q', 0, 'h', 0, 'a')) as PickleValue[];
  assert.equal(list[0], list);
  assert.deepEqual(
    read(pickle(text('x'), 'r', uint32(300), 'j', uint32(300), 0x86)),
    new PickleTuple(['x', 'x']),
  );
});

test('the names that are taken are those that tensor files need, and no other', () => {
  assert.equal(knownGlobalNames.length, new Set(knownGlobalNames).size);
  const allowed =
    /^(?:torch\.(?:\w+Storage|storage\.UntypedStorage|[a-z]+\d*(?:_e\dm\d(?:fn)?)?|Size)|torch\._utils\._rebuild_(?:tensor(?:_v[23])?|parameter)|torch\.nn\.modules\.container\.ParameterDict|collections\.OrderedDict|numpy(?:\._?core\.multiarray)?\.(?:scalar|_reconstruct|dtype|ndarray)|_codecs\.encode|__builtin__\.set|pytorch_lightning\.callbacks\.(?:model_checkpoint\.)?ModelCheckpoint)$/;
  for (const name of knownGlobalNames) {
    assert.match(name, allowed);
    const dot = name.lastIndexOf('.');
    const value = read(pickle(global(name.slice(0, dot), name.slice(dot + 1))));
    assert.deepEqual({ ...(value as object) }, { name });
  }
});

describe('limits', () => {
  test('operations', () => {
    // Each NONE and APPEND is one; PROTO is none, EMPTY_LIST and STOP are two more.
    const program = (operations: number) => {
      const pairs = Buffer.alloc((operations - 2) & ~1, 'Na');
      return pickle(']', pairs, ...(operations % 2 === 1 ? ['q', 0] : []));
    };
    assert.equal((read(program(maxPickleOperations)) as PickleValue[]).length, maxPickleOperations / 2 - 1);
    assert.throws(() => read(program(maxPickleOperations + 1)), refusal(/more than 1000000 operations/));
  });

  test('marks within marks', () => {
    const nested = (depth: number) => pickle('('.repeat(depth), 't'.repeat(depth));
    assert.ok(read(nested(maxPickleDepth)) instanceof PickleTuple);
    assert.throws(() => read(nested(maxPickleDepth + 1)), refusal(/nested more than 64 deep/));
  });

  test('entries of the memo', () => {
    const memo = (index: number) => pickle('N', 'r', uint32(index));
    assert.equal(read(memo(maxMemoIndex)), null);
    assert.throws(() => read(memo(maxMemoIndex + 1)), refusal(/memo entry 1000000, beyond 999999/));
    assert.throws(() => read(memo(0xffffffff)), refusal(/memo entry 4294967295/));
  });

  test('bytes of a name', () => {
    assert.throws(() => read(pickle(global('m'.repeat(maxNameBytes), 'x'))), refusal(/`m{100}`/));
    assert.throws(
      () => read(pickle(global('m'.repeat(maxNameBytes + 1), 'x'))),
      refusal(/more than 256 bytes/),
    );
  });

  test('dimensions of a tensor', () => {
    const ranked = (rank: number) => {
      const ones = Array.from({ length: rank }, () => 1);
      return pickle(tensor({ shape: ones, strides: ones }));
    };
    assert.ok(read(ranked(maxTensorRank)));
    assert.throws(() => read(ranked(maxTensorRank + 1)), refusal(/a tensor of 9 dimensions, 8 at most/));
  });

  test('dictionaries within a state dictionary: deeper tensors are not looked for', () => {
    const nested = (depth: number): Uint8Array =>
      depth === 0 ? tensor() : dict(text('a'), nested(depth - 1));
    const namesOf = (bytes: Uint8Array) => [...stateDictOf(read(pickle(bytes))).tensors.keys()];
    assert.deepEqual(namesOf(nested(maxStateDictDepth)), ['a.a.a.a']);
    assert.deepEqual(namesOf(nested(maxStateDictDepth + 1)), []);
  });

  test('values that a state dictionary is searched for', () => {
    // The dictionary itself is the first; then the list, then its items.
    const listOf = (length: number) => new Map([['a', new Array<PickleValue>(length).fill(1)]]);
    assert.equal(stateDictOf(listOf(maxVisitedValues - 2)).tensors.size, 0);
    assert.throws(() => stateDictOf(listOf(maxVisitedValues - 1)), refusal(/more than 1000000 values/));
  });
});

describe('bombs', () => {
  test('a thousand million laughs: lists of one list, ten times each, are read and not unfolded', () => {
    // Each level is a list of ten times the one before, by the memo.
    const levels = Array.from({ length: 60 }, (_, level) =>
      bytesOf(']', '(', ...Array.from({ length: 10 }, () => bytesOf('h', level)), 'e', 'q', level + 1),
    );
    const bomb = pickle('}', text('a'), text('ha'), 'q', 0, ...levels.flatMap((level) => [level]), 's');
    // Levels are left on the stack, which is refused; as values of one dictionary they are not.
    assert.throws(() => read(bomb), PickleRefusal);
    const items = levels.flatMap((level, index) => [text(`${index}`), level]);
    const value = read(pickle('}', text('first'), text('ha'), 'q', 0, 's', '(', ...items, 'u'));
    const started = performance.now();
    try {
      stateDictOf(value);
    } catch (error) {
      assert.ok(refusal(/more than 1000000 values/)(error));
    }
    assert.ok(performance.now() - started < 10_000);
  });

  test('a dictionary that holds itself ends', () => {
    const value = read(pickle('}', 'q', 0, text('self'), 'h', 0, 's', text('w'), tensor(), 's'));
    assert.deepEqual(
      [...stateDictOf(value).tensors.keys()],
      ['self.self.self.w', 'self.self.w', 'self.w', 'w'],
    );
  });
});

test('no bytes make it do anything but give a value or refuse', () => {
  const opcodes = fc.constantFrom(
    ...Buffer.from('(])}NKMJGXUchjqrt\x85\x86\x87aesuQRb.\x81\x88\x89\x8a', 'latin1'),
  );
  const program = fc.array(fc.oneof({ weight: 4, arbitrary: opcodes }, fc.nat(255)), { maxLength: 60 });
  fc.assert(
    fc.property(program, (bytes) => {
      try {
        readPickle(Uint8Array.of(0x80, 2, ...bytes));
      } catch (error) {
        assert.ok(error instanceof PickleRefusal, String((error as Error).stack));
      }
    }),
    { numRuns: 2000 },
  );
});
