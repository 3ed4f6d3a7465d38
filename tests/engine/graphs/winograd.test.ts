import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Parameters } from '../../../engine/graphs/parameters.ts';
import {
  minWinogradChannels,
  suitsWinograd,
  winogradConv,
  winogradTransforms,
} from '../../../engine/graphs/winograd.ts';
import { GraphBuilder } from '../../../engine/onnx/graph-builder.ts';
import type { Value } from '../../../engine/onnx/graph-recorder.ts';
import { cutIntoStages, type GraphStage } from '../../../engine/onnx/graph-stage.ts';
import type { Dimension } from '../../../engine/onnx/shape.ts';
import { openSession, type Tensor } from '../../../engine/runtime/session.ts';
import type { Checkpoint } from '../../../engine/weights/safetensors.ts';
import { type StoredDtype, withCheckpoint } from './synthetic-checkpoint.ts';
import { assertTensorsClose } from './tensors-close.ts';

function times(matrix: readonly number[], vector: readonly number[]): readonly number[] {
  const columns = vector.length;
  return Array.from({ length: matrix.length / columns }, (_, row) =>
    vector.reduce((sum, value, column) => sum + matrix[row * columns + column]! * value, 0),
  );
}

describe('the matrices of a tile', () => {
  test('make a 3 x 3 correlation of any tile and kernel', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.integer({ min: -9, max: 9 })), (numbers) => {
        const draw = (count: number) => Array.from({ length: count }, () => numbers.next().value as number);
        const kernel = draw(9);
        const pixels = draw(36);
        const { output, kernel: ofKernel, input } = winogradTransforms;
        const kernels = times(ofKernel, kernel);
        const products = times(input, pixels).map((value, index) => value * kernels[index]!);
        for (const [index, value] of times(output, products).entries()) {
          const [y, x] = [Math.floor(index / 4), index % 4];
          const expected = kernel.reduce(
            (sum, weight, at) => sum + weight * pixels[(y + Math.floor(at / 3)) * 6 + x + (at % 3)]!,
            0,
          );
          assert.ok(Math.abs(value - expected) < 1e-9, `${value} at ${y}, ${x} instead of ${expected}`);
        }
      }),
    );
  });
});

describe('a convolution by tiles', () => {
  for (const dtype of ['F32', 'F16', 'BF16'] as const) {
    test(`is the plain one, at any size, batch and number of channels, with kernels of ${dtype}`, async () => {
      const size = fc.integer({ min: 1, max: 9 });
      const count = fc.integer({ min: 1, max: 3 });
      await fc.assert(
        fc.asyncProperty(
          fc.record({ batch: count, channels: size, outChannels: size, height: size, width: size }),
          async ({ batch, channels, outChannels, height, width }) => {
            const shape = [batch, channels, height, width];
            const length = batch * channels * height * width;
            const image = { shape, data: Float32Array.from({ length }, (_, i) => Math.sin(i * i + 1)) };
            const layout = layoutOf({ dtype, channels, outChannels });
            await withCheckpoint(layout, async (checkpoint) => {
              const of = (conv: Conv) => run(emit(checkpoint, { channels, conv }), { checkpoint, image });
              const expected = await of(({ input, parameters }) => parameters.conv(input, 'conv'));
              const received = await of(({ input, builder, parameters }) =>
                winogradConv(input, 'conv', { builder, parameters }),
              );
              assertTensorsClose(received, expected, { atol: 2e-5, what: `${shape}` });
            });
          },
        ),
        { numRuns: 12 },
      );
    });
  }

  test('counts as fewer products, and its kernels as none', async () => {
    const channels = 256;
    const layout = layoutOf({ dtype: 'F16', channels, outChannels: channels });
    await withCheckpoint(layout, async (checkpoint) => {
      const count = (conv: Conv) => emit(checkpoint, { channels, conv }).multiplyAddsPerPixel;
      const direct = count(({ input, parameters }) => parameters.conv(input, 'conv'));
      assert.equal(direct, 9 * channels ** 2);
      const fewer = count(({ input, builder, parameters }) =>
        winogradConv(input, 'conv', { builder, parameters }),
      );
      assert.ok(fewer >= direct / 4 && fewer < (1.02 * direct) / 4, `${fewer} of ${direct}`);
    });
  });
});

describe('which convolutions are done by tiles', () => {
  const choose = (kernel: readonly number[], height: Dimension) =>
    suitsWinograd({ name: 'image', dtype: 'float32', shape: ['batch', kernel[1]!, height, height] }, kernel);
  const wide = minWinogradChannels;

  test('those of 3 x 3 kernels that are wide on both sides', () => {
    assert.equal(choose([wide, wide, 3, 3], 'height'), true);
    assert.equal(choose([wide - 1, wide, 3, 3], 'height'), false);
    assert.equal(choose([wide, wide - 1, 3, 3], 'height'), false);
    assert.equal(choose([wide, wide, 1, 1], 'height'), false);
    assert.equal(choose([wide, wide], 'height'), false);
  });

  test('those at no less than half the size', () => {
    assert.equal(choose([wide, wide, 3, 3], 'height/2'), true);
    assert.equal(choose([wide, wide, 3, 3], 'height/4'), false);
  });
});

interface ConvContext {
  readonly input: Value;
  readonly builder: GraphBuilder;
  readonly parameters: Parameters;
}
type Conv = (context: ConvContext) => Value;

function layoutOf({
  dtype,
  channels,
  outChannels,
}: {
  readonly dtype: StoredDtype;
  readonly channels: number;
  readonly outChannels: number;
}) {
  const tensors = { 'conv.weight': [outChannels, channels, 3, 3], 'conv.bias': [outChannels] };
  return { dtype, gain: 1, tensors };
}

function emit(
  checkpoint: Checkpoint,
  { channels, conv }: { readonly channels: number; readonly conv: Conv },
): GraphStage {
  const builder = new GraphBuilder('conv');
  const parameters = new Parameters(builder, checkpoint);
  const shape = ['batch', channels, 'height', 'width'];
  const input = builder.input({ name: 'image', dtype: 'float32', shape });
  builder.output(conv({ input, builder, parameters }));
  return cutIntoStages(builder.finish())[0]!;
}

async function run(
  { model, outputs }: GraphStage,
  { checkpoint, image }: { readonly checkpoint: Checkpoint; readonly image: Tensor },
): Promise<Tensor> {
  const session = await openSession(model, {
    weightsFolder: path.dirname(checkpoint.file),
    device: 'cpu',
  });
  try {
    return (await session.run({ image }))[outputs[0]!]!;
  } finally {
    await session.dispose();
  }
}
