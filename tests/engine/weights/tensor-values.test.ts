import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { EngineError } from '../../../engine/errors.ts';
import {
  type Checkpoint,
  openSafetensors,
  type SafetensorsDtype,
} from '../../../engine/weights/safetensors.ts';
import { maxValuesBytes, readFloat32 } from '../../../engine/weights/tensor-values.ts';
import { encodeSafetensors } from '../../../models/convert/safetensors-writer.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

async function withTensor(
  context: TestContext,
  { dtype, data }: { readonly dtype: SafetensorsDtype; readonly data: ArrayBufferView },
): Promise<Checkpoint> {
  const file = path.join(await temporaryFolder(context), 'some.safetensors');
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const elements = 'length' in data ? (data.length as number) : 0;
  await writeFile(file, encodeSafetensors([{ name: 'x', dtype, shape: [elements], data: bytes }]));
  return openSafetensors(file);
}

test('half floats are read exactly: normal, subnormal, zeros, infinities and NaN', async (context) => {
  const halves = Uint16Array.of(
    0x3c00,
    0xc000,
    0x0001,
    0x03ff,
    0x0400,
    0x7bff,
    0x8000,
    0x7c00,
    0xfc00,
    0x7e00,
  );
  const values = await readFloat32(await withTensor(context, { dtype: 'F16', data: halves }), 'x');
  const expected = [1, -2, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 65504, -0, Infinity, -Infinity, NaN];
  assert.deepEqual([...values], expected);
});

test('bfloat16, float32 and float64 give float32', async (context) => {
  const bfloats = Uint16Array.of(0x3f80, 0xc049, 0x7f80);
  assert.deepEqual(
    [...(await readFloat32(await withTensor(context, { dtype: 'BF16', data: bfloats }), 'x'))],
    [1, -3.140625, Infinity],
  );
  const floats = Float32Array.of(0.1, -5e-45);
  assert.deepEqual(await readFloat32(await withTensor(context, { dtype: 'F32', data: floats }), 'x'), floats);
  const doubles = Float64Array.of(0.1);
  assert.deepEqual(
    await readFloat32(await withTensor(context, { dtype: 'F64', data: doubles }), 'x'),
    Float32Array.of(0.1),
  );
});

test('an empty tensor gives no numbers; other types and other names are refused', async (context) => {
  const empty = await withTensor(context, { dtype: 'F32', data: new Float32Array(0) });
  assert.equal((await readFloat32(empty, 'x')).length, 0);
  const whole = await withTensor(context, { dtype: 'I32', data: Int32Array.of(1) });
  const isRefused = (error: unknown) => error instanceof EngineError && error.code === 'invalid-weights';
  await assert.rejects(readFloat32(whole, 'x'), isRefused);
  await assert.rejects(readFloat32(whole, 'y'), isRefused);
});

test('a tensor is read up to the limit and refused one element past it', async (context) => {
  const checkpoint = await withTensor(context, { dtype: 'F32', data: Float32Array.of(1) });
  const sized = (byteLength: number): Checkpoint => ({
    ...checkpoint,
    tensors: new Map([['x', { ...checkpoint.tensors.get('x')!, byteLength, shape: [byteLength / 4] }]]),
  });
  await assert.rejects(readFloat32(sized(maxValuesBytes), 'x'), /received the end of the file/);
  await assert.rejects(readFloat32(sized(maxValuesBytes + 4), 'x'), /at most 67108864 bytes/);
});
