import assert from 'node:assert/strict';
import { test } from 'node:test';
import { footprintOf } from '../../../engine/onnx/footprint.ts';
import { GraphBuilder } from '../../../engine/onnx/graph-builder.ts';

const external = (byteLength: number) => ({ file: 'weights', byteOffset: 0, byteLength });
const image = { name: 'image', dtype: 'float32', shape: ['batch', 4, 'height', 'width'] } as const;

test('weights count in the type they are computed in, each once; what they were stored in does not', () => {
  const builder = new GraphBuilder('test');
  const input = builder.input(image);
  const stored = builder.initializer({ name: 'w', dtype: 'float16', shape: [4, 4, 1, 1] }, external(32));
  const weight = builder.cast(stored, 'float32');
  builder.output(builder.conv(builder.conv(input, weight, { name: 'a' }), weight, { name: 'b' }));
  assert.equal(footprintOf(builder.finish()).weightBytes, 16 * 4);
});

test('a table of which only rows are taken counts as it is stored', () => {
  const builder = new GraphBuilder('test');
  const ids = builder.input({ name: 'ids', dtype: 'int32', shape: ['batch', 3] });
  const table = builder.initializer({ name: 'table', dtype: 'float16', shape: [100, 8] }, external(1600));
  builder.output(builder.cast(builder.gather(table, ids), 'float32'));
  const { weightBytes, activationBytes } = footprintOf(builder.finish());
  assert.equal(weightBytes, 1600);
  // Ids, rows as they are stored, and rows as float32.
  assert.equal(activationBytes({ batch: 2 }), 2 * 3 * (4 + 8 * 2 + 8 * 4));
});

test('a value is held from the node that makes it to the last one that takes it, an input to the end', () => {
  const bytes = 2 * 4 * 5 * 7 * 4;
  const sizes = { batch: 2, height: 5, width: 7 };
  const chain = new GraphBuilder('test');
  let value = chain.input(image);
  for (let i = 0; i < 5; i++) value = chain.transpose(value, [0, 1, 2, 3]);
  chain.output(value);
  assert.equal(footprintOf(chain.finish()).activationBytes(sizes), 3 * bytes);

  const skipping = new GraphBuilder('test');
  const first = skipping.input(image);
  const second = skipping.transpose(first, [0, 1, 2, 3]);
  const third = skipping.transpose(second, [0, 1, 2, 3]);
  skipping.output(skipping.concat([first, third], 1));
  assert.equal(footprintOf(skipping.finish()).activationBytes(sizes), 4 * bytes);
});

test('another shape of the same bytes, and what is written over its own input, take nothing', () => {
  const builder = new GraphBuilder('test');
  const input = builder.input(image);
  const flat = builder.reshape(input, [0, 4, -1], { shape: ['batch', 4, 'pixels'] });
  const doubled = builder.add(flat, flat);
  builder.output(builder.add(doubled, builder.scalar('one', 1)));
  const bytes = 4 * 6 * 6 * 4;
  // The input is its caller's: the first addition is not written over it, the second is over the first.
  assert.equal(footprintOf(builder.finish()).activationBytes({ batch: 1, height: 6, width: 6 }), 2 * bytes);
});

test('attention in ONNX alone holds the score of each token with each other', () => {
  const builder = new GraphBuilder('test');
  const shape = ['batch', 2, 'pixels', 3] as const;
  const rows = builder.input({ name: 'rows', dtype: 'float32', shape: ['rows', 6] });
  const query = builder.reshape(rows, [1, 2, -1, 3], { shape });
  const key = builder.transpose(query, [0, 1, 3, 2]);
  builder.output(builder.matMul(builder.softmax(builder.matMul(query, key)), query));
  const tokens = 50;
  const scores = 2 * tokens * tokens * 4;
  const queryBytes = tokens * 6 * 4;
  assert.equal(
    footprintOf(builder.finish()).activationBytes({ batch: 1, rows: tokens }),
    2 * scores + queryBytes,
  );
});

test('a product with a weight, on either side, is told from the other and the shape of the weight', () => {
  const tokens = 50;
  for (const isLeft of [true, false]) {
    const builder = new GraphBuilder('test');
    const input = builder.input({ name: 'rows', dtype: 'float32', shape: ['rows', 6] });
    const shape = isLeft ? ['batch', 6, 'pixels'] : ['batch', 'pixels', 6];
    const value = builder.reshape(input, isLeft ? [1, 6, -1] : [1, -1, 6], { shape });
    const weight = builder.initializer(
      { name: 'w', dtype: 'float32', shape: isLeft ? [9, 6] : [6, 9] },
      external(6 * 9 * 4),
    );
    builder.output(isLeft ? builder.matMul(weight, value) : builder.matMul(value, weight));
    const { activationBytes } = footprintOf(builder.finish());
    assert.equal(activationBytes({ batch: 1, rows: tokens }), tokens * (6 + 9) * 4);
  }
});

test('work: convolutions by pixel, attention of the runtime by pairs of tokens', () => {
  const builder = new GraphBuilder('test');
  const input = builder.input(image);
  const weight = builder.initializer(
    { name: 'w.weight', dtype: 'float32', shape: [6, 4, 3, 3] },
    external(864),
  );
  const convolved = builder.conv(input, weight, { padding: 1 });
  const tokens = builder.transpose(
    builder.reshape(convolved, [0, 6, -1], { shape: ['batch', 6, 'pixels'] }),
    [0, 2, 1],
  );
  builder.output(builder.multiHeadAttention({ query: tokens, key: tokens, value: tokens }, 2));
  const pixels = 10 * 12;
  assert.equal(
    footprintOf(builder.finish()).multiplyAdds({ batch: 2, height: 10, width: 12 }),
    2 * (pixels * 6 * 4 * 9 + 2 * pixels * pixels * 6),
  );
});
