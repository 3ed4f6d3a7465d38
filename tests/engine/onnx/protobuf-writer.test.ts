import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProtobufWriter } from '../../../engine/onnx/protobuf-writer.ts';

function hex(writer: ProtobufWriter): string {
  return Buffer.from(writer.finish()).toString('hex');
}

test("the encoding guide's own examples come out byte for byte", () => {
  assert.equal(hex(new ProtobufWriter().int(1, 150)), '089601');
  assert.equal(hex(new ProtobufWriter().string(2, 'testing')), '120774657374696e67');
  assert.equal(hex(new ProtobufWriter().message(3, new ProtobufWriter().int(1, 150))), '1a03089601');
});

test('negative integers take ten bytes, zero and large ones as many as they need', () => {
  assert.equal(hex(new ProtobufWriter().int(1, -2)), '08feffffffffffffffff01');
  assert.equal(hex(new ProtobufWriter().int(1, 0)), '0800');
  assert.equal(hex(new ProtobufWriter().int(1, 127)), '087f');
  assert.equal(hex(new ProtobufWriter().int(1, 128)), '088001');
  assert.equal(hex(new ProtobufWriter().int(1, Number.MAX_SAFE_INTEGER)), '08ffffffffffffff0f');
});

test('field numbers past 15 take two bytes, floats are little-endian', () => {
  assert.equal(hex(new ProtobufWriter().int(20, 1)), 'a00101');
  assert.equal(hex(new ProtobufWriter().float(2, 1)), '150000803f');
});

test('a number that is no safe integer is refused', () => {
  assert.throws(() => new ProtobufWriter().int(1, 2 ** 53), RangeError);
  assert.throws(() => new ProtobufWriter().int(1, 0.5), RangeError);
});
