import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { GraphBuilder } from '../../../engine/onnx/graph-builder.ts';
import type { Value } from '../../../engine/onnx/graph-recorder.ts';
import { cutIntoStages } from '../../../engine/onnx/graph-stage.ts';
import type { Shape } from '../../../engine/onnx/shape.ts';
import { openSession, type Tensor } from '../../../engine/runtime/session.ts';

function imageInput(
  builder: GraphBuilder,
  shape: Shape = ['batch', 3, 'height', 'width'],
  name = 'image',
): Value {
  return builder.input({ name, dtype: 'float32', shape });
}

/** A constant of ascending numbers, so that a wrong order of elements shows. */
function ascending(builder: GraphBuilder, name: string, shape: readonly number[]): Value {
  const count = shape.reduce((product, size) => product * size, 1);
  return builder.constant(
    name,
    shape,
    Array.from({ length: count }, (_, index) => index),
  );
}

async function run(builder: GraphBuilder, output: Value, image: Tensor): Promise<Tensor> {
  builder.output(output);
  const [stage] = cutIntoStages(builder.finish());
  const session = await openSession(stage.model, { device: 'cpu' });
  try {
    return (await session.run({ image }))[output.name];
  } finally {
    await session.dispose();
  }
}

function ramp(shape: readonly number[]): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return { shape, data: Float32Array.from({ length: count }, (_, index) => index) };
}

describe('what is computed', () => {
  test('pixelUnshuffle then pixelShuffle gives the image back, at any size and channel count', async () => {
    const side = fc.integer({ min: 1, max: 4 });
    await fc.assert(
      fc.asyncProperty(
        side,
        side,
        side,
        fc.integer({ min: 1, max: 3 }),
        async (channels, height, width, factor) => {
          const builder = new GraphBuilder('unshuffle');
          const image = imageInput(builder, ['batch', channels, 'height', 'width']);
          const there = builder.pixelUnshuffle(image, factor);
          const input = ramp([2, channels, height * factor, width * factor]);
          const output = await run(builder, builder.pixelShuffle(there, factor), input);
          assert.deepEqual([...output.shape], [...input.shape]);
          assert.deepEqual(output.data, input.data);
        },
      ),
      { numRuns: 25 },
    );
  });

  test("pixelUnshuffle's channels are in PyTorch's order: image channel, then row, then column", async () => {
    const builder = new GraphBuilder('unshuffle');
    const image = imageInput(builder, [1, 2, 2, 4]);
    const output = await run(builder, builder.pixelUnshuffle(image, 2), ramp([1, 2, 2, 4]));
    assert.deepEqual([...output.shape], [1, 8, 1, 2]);
    assert.deepEqual([...output.data], [0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15]);
  });

  test('resizeNearest repeats each pixel as a block', async () => {
    const builder = new GraphBuilder('resize');
    const output = await run(
      builder,
      builder.resizeNearest(imageInput(builder, [1, 1, 1, 2]), 3),
      ramp([1, 1, 1, 2]),
    );
    assert.deepEqual([...output.shape], [1, 1, 3, 6]);
    assert.deepEqual([...output.data], [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1]);
  });

  test('the shapes that the builder tells are those that the runtime gives', async () => {
    const builder = new GraphBuilder('shapes');
    const image = imageInput(builder, [2, 4, 6, 8]);
    const weight = ascending(builder, 'first.weight', [8, 2, 3, 3]);
    const conv = builder.conv(image, weight, { stride: 2, padding: 1, groups: 2 });
    assert.equal(conv.name, 'first');
    const joined = builder.concat([conv, builder.leakyRelu(conv, 0.2)], 1);
    const output = builder.mul(builder.pixelShuffle(joined, 2), builder.constant('scale', [], [0.5]));
    assert.deepEqual(output.shape, [2, 4, 6, 8]);
    const result = await run(builder, output, ramp([2, 4, 6, 8]));
    assert.deepEqual([...result.shape], output.shape);
  });

  test('an optional input at the end is left out; one between others is an empty name', () => {
    const builder = new GraphBuilder('optional');
    const image = imageInput(builder);
    builder.conv(image, ascending(builder, 'a.weight', [3, 3, 1, 1]));
    builder.resizeNearest(image, 2);
    const [conv, resize] = builder.finish().nodes;
    assert.deepEqual(conv.inputs, ['image', 'a.weight']);
    assert.deepEqual([resize.inputs.length, resize.inputs[1]], [3, '']);
  });

  test('prelu has a slope for each channel', async () => {
    const builder = new GraphBuilder('prelu');
    const slope = builder.constant('slope', [2, 1, 1], [0.5, 2]);
    const image = imageInput(builder, [1, 2, 1, 2]);
    const input = { shape: [1, 2, 1, 2], data: Float32Array.of(-1, 1, -1, 1) };
    const output = await run(builder, builder.prelu(image, slope), input);
    assert.deepEqual([...output.data], [-0.5, 1, -2, 1]);
  });
});

describe('symbolic sizes', () => {
  test('pass through a convolution that keeps them, divide by a stride, multiply by a resize', () => {
    const builder = new GraphBuilder('symbols');
    const image = imageInput(builder);
    const kept = builder.conv(image, ascending(builder, 'a.weight', [3, 3, 3, 3]), { padding: 1 });
    assert.deepEqual(kept.shape, ['batch', 3, 'height', 'width']);
    const halved = builder.conv(kept, ascending(builder, 'b.weight', [3, 3, 3, 3]), {
      padding: 1,
      stride: 2,
    });
    assert.deepEqual(halved.shape, ['batch', 3, 'height/2', 'width/2']);
    assert.deepEqual(builder.resizeNearest(halved, 2).shape, image.shape);
  });

  test('are refused where a convolution would trim them', () => {
    const builder = new GraphBuilder('symbols');
    const weight = ascending(builder, 'trim.weight', [3, 3, 3, 3]);
    assert.throws(
      () => builder.conv(imageInput(builder), weight),
      /padding 0 of conv `trim` to keep the symbolic size height/,
    );
  });

  test('work is counted for each input pixel, whatever the size it is done at', () => {
    const builder = new GraphBuilder('work');
    const enlarged = builder.resizeNearest(imageInput(builder), 2);
    builder.conv(enlarged, ascending(builder, 'a.weight', [5, 3, 3, 3]), { padding: 1 });
    const [stage] = cutIntoStages(builder.finish());
    assert.equal(stage.multiplyAddsPerPixel, 4 * 5 * 3 * 9);
  });
});

describe('a mistake is told while building, by name:', () => {
  const mistakes: readonly (readonly [string, (builder: GraphBuilder, image: Value) => unknown, RegExp])[] = [
    [
      'conv channels',
      (builder, image) => builder.conv(image, ascending(builder, 'a.b.weight', [8, 4, 3, 3])),
      /4 input channels \(1 groups\) for conv `a\.b`, received `image` float32 \[batch, 3, height, width\]/,
    ],
    [
      'conv bias',
      (builder, image) => {
        const bias = ascending(builder, 'a.bias', [4]);
        return builder.conv(image, ascending(builder, 'a.weight', [8, 3, 3, 3]), { bias, padding: 1 });
      },
      /a bias of \[8\] for conv `a`, received `a\.bias` float32 \[4\]/,
    ],
    [
      'conv weight rank',
      (builder, image) => builder.conv(image, ascending(builder, 'a.weight', [8, 3])),
      /four known dimensions for conv `a`/,
    ],
    [
      'kernel larger than the image',
      (builder) => {
        const small = imageInput(builder, [1, 1, 2, 2], 'small');
        return builder.conv(small, ascending(builder, 'a.weight', [1, 1, 3, 3]));
      },
      /at least 3 pixels for conv `a`, received 2/,
    ],
    [
      'add of shapes that do not broadcast',
      (builder, image) => builder.add(image, builder.constant('c', [2, 1, 1], [1, 2])),
      /shapes that broadcast for Add, received `image` .* and `c` float32 \[2, 1, 1\]/,
    ],
    [
      'mul of two dtypes',
      (builder, image) => builder.mul(image, builder.cast(image, 'float16')),
      /one dtype for Mul, received `image` float32/,
    ],
    [
      'concat of sizes that differ elsewhere',
      (builder, image) => builder.concat([image, builder.resizeNearest(image, 2)], 1),
      /differ on axis 1 only for concat/,
    ],
    [
      'pixelShuffle of channels that do not divide',
      (builder, image) => builder.pixelShuffle(image, 2),
      /channels to divide by 4 for pixelShuffle/,
    ],
    [
      'a slope that would enlarge the image',
      (builder) => {
        const grey = imageInput(builder, ['batch', 1, 'height', 'width'], 'grey');
        return builder.prelu(grey, builder.constant('slope', [3, 1, 1], [1, 2, 3]));
      },
      /a slope that fits `grey`/,
    ],
    [
      'something that is no image',
      (builder) => builder.resizeNearest(builder.constant('c', [2], [1, 2]), 2),
      /\[N, C, H, W\] for resizeNearest/,
    ],
    [
      'a name that is taken',
      (builder, image) => builder.add(image, image, 'image'),
      /names to be unique in a graph, `image` is taken/,
    ],
    [
      'weights of another size than their shape',
      (builder) => builder.initializer({ name: 'w', dtype: 'float16', shape: [3] }, new Uint8Array(12)),
      /6 bytes of float16 for `w`, received 12/,
    ],
  ];
  for (const [what, mistake, message] of mistakes) {
    test(what, () => {
      const builder = new GraphBuilder('mistake');
      assert.throws(() => mistake(builder, imageInput(builder)), message);
    });
  }
});
