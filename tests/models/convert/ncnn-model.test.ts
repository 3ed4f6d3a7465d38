import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNcnnModel } from '../../../models/convert/ncnn-model.ts';

const param = `7767517
4 5
Input       data   0 1 data
Split       split  1 2 data data_0 data_1
Convolution first  1 1 data_0 features 0=1 1=3 4=1 5=1 6=9
PReLU       slopes 1 1 features output 0=1
`;

function weights({ tag = 0x01306b47, extraBytes = 0 } = {}): Uint8Array {
  const elementBytes = tag === 0 ? 4 : 2;
  // Nine float16 take 18 bytes and two of padding.
  const weightBytes = Math.ceil((9 * elementBytes) / 4) * 4;
  const bytes = new Uint8Array(4 + weightBytes + 4 + 4 + extraBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, tag, true);
  bytes.fill(7, 4, 4 + 9 * elementBytes);
  view.setFloat32(4 + weightBytes, 0.5, true);
  view.setFloat32(8 + weightBytes, 0.25, true);
  return bytes;
}

test('padded float16 weights, float32 biases and slopes are read in the order of the layers', () => {
  const [conv, prelu] = parseNcnnModel(param, weights());
  assert.ok(conv.type === 'Convolution' && prelu.type === 'PReLU');
  assert.deepEqual(conv.weight, { dtype: 'F16', shape: [1, 1, 3, 3], data: new Uint8Array(18).fill(7) });
  assert.deepEqual(new Float32Array(conv.bias.data.buffer), Float32Array.of(0.5));
  assert.deepEqual(new Float32Array(prelu.slope.data.buffer), Float32Array.of(0.25));
});

test('a zero tag means float32 weights', () => {
  const [conv] = parseNcnnModel(param, weights({ tag: 0 }));
  assert.ok(conv.type === 'Convolution');
  assert.equal(conv.weight.dtype, 'F32');
  assert.equal(conv.weight.data.byteLength, 36);
});

test('weights that are not used up, end early or have another tag are refused', () => {
  assert.throws(() => parseNcnnModel(param, weights({ extraBytes: 4 })), /received 4 more bytes/);
  assert.throws(() => parseNcnnModel(param, weights().subarray(0, 30)), /received the end of the file/);
  assert.throws(() => parseNcnnModel(param, weights({ tag: 5 })), /received the tag 5/);
});
