import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeFrame, encodeFrame, FrameError, maxChunkBytes } from '../../../bridge/protocol/frame.ts';
import { maxFrameHeaderBytes } from '../../../bridge/protocol/limits.ts';
import { decodeUtf8, encodeUtf8 } from '../../../bridge/protocol/utf8.ts';

const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const chunkHeader = fc.record(
  {
    kind: fc.constant('chunk' as const),
    jobId: id,
    imageId: id,
    seq: fc.maxSafeNat(),
    last: fc.boolean(),
  },
  { noNullPrototype: true },
);

test('a frame is decoded to what was encoded, wherever it lies in memory', () => {
  fc.assert(
    fc.property(chunkHeader, fc.uint8Array({ maxLength: 300 }), fc.nat(5), (header, bytes, offset) => {
      const frame = encodeFrame(header, bytes);
      const memory = new Uint8Array(offset + frame.length + 3);
      memory.set(frame, offset);
      const decoded = decodeFrame(memory.subarray(offset, offset + frame.length));
      assert.deepEqual(decoded.header, header);
      assert.deepEqual([...decoded.bytes], [...bytes]);
    }),
  );
});

test('the length of the header comes first, big-endian', () => {
  const header = { kind: 'chunk', jobId: 'j', imageId: 'i', seq: 0, last: true } as const;
  const frame = encodeFrame(header, new Uint8Array([5]));
  const { length } = JSON.stringify(header);
  assert.deepEqual([...frame.subarray(0, 4)], [0, 0, 0, length]);
  assert.equal(frame.length, 4 + length + 1);
});

test('the largest chunk fits into the largest frame beside the largest header', () => {
  assert.equal(maxChunkBytes(512 * 1024), 512 * 1024 - maxFrameHeaderBytes - 4);
  const longest = 'x'.repeat(64);
  const header = {
    kind: 'chunk',
    jobId: longest,
    imageId: longest,
    seq: Number.MAX_SAFE_INTEGER,
    last: false,
  } as const;
  assert.ok(encodeFrame(header, new Uint8Array(maxChunkBytes(512 * 1024))).length <= 512 * 1024);
});

test('any bytes at all are a frame or a FrameError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        decodeFrame(bytes);
      } catch (error) {
        assert.ok(error instanceof FrameError);
      }
    }),
  );
});

test('a header with a field missing or of the wrong kind is a FrameError', () => {
  const header = { kind: 'chunk', jobId: 'j', imageId: 'i', seq: 0, last: true };
  const wrong: readonly Record<string, unknown>[] = [
    { kind: 'other' },
    { jobId: undefined },
    { jobId: 'a b' },
    { imageId: '' },
    { imageId: 'i'.repeat(65) },
    { seq: -1 },
    { seq: 0.5 },
    { seq: '0' },
    { last: 1 },
  ];
  for (const change of wrong) {
    const frame = encodeFrame({ ...header, ...change } as never, new Uint8Array(1));
    assert.throws(() => decodeFrame(frame), FrameError, JSON.stringify(change));
  }
});

test('a header of the largest size is encoded; one byte more is a FrameError', () => {
  const header = (length: number) => ({ kind: 'chunk', jobId: 'j'.repeat(length) }) as never;
  const fixed = JSON.stringify(header(0)).length;
  assert.doesNotThrow(() => encodeFrame(header(maxFrameHeaderBytes - fixed), new Uint8Array()));
  assert.throws(() => encodeFrame(header(maxFrameHeaderBytes - fixed + 1), new Uint8Array()), FrameError);
});

test('UTF-8 is written and read as TextEncoder and TextDecoder do it', () => {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const reference = (bytes: Uint8Array) => {
    try {
      return decoder.decode(bytes);
    } catch {
      return undefined;
    }
  };
  const own = (bytes: Uint8Array) => {
    try {
      return decodeUtf8(bytes);
    } catch (error) {
      assert.ok(error instanceof RangeError);
      return undefined;
    }
  };
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.deepEqual([...encodeUtf8(text)], [...new TextEncoder().encode(text)]);
      assert.equal(decodeUtf8(encodeUtf8(text)), text);
    }),
  );
  for (const lone of ['\ud800', 'a\udfffb', '\udc00\ud800']) {
    assert.deepEqual([...encodeUtf8(lone)], [...new TextEncoder().encode(lone)]);
  }
  const edge = fc.constantFrom(
    0,
    0x7f,
    0x80,
    0xbf,
    0xc0,
    0xc1,
    0xc2,
    0xdf,
    0xe0,
    0xed,
    0xa0,
    0x9f,
    0xef,
    0xf0,
    0xf4,
    0x90,
    0x8f,
    0xf5,
    0xff,
  );
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 6 }), (bytes) => {
      const array = Uint8Array.from(bytes);
      assert.equal(own(array), reference(array));
    }),
    { numRuns: 2_000 },
  );
});
