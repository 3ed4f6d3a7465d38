import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { emitUpscaler } from '../../../engine/graphs/upscaler.ts';
import { GraphBuilder } from '../../../engine/onnx/graph-builder.ts';
import type { RecordedGraph, Value } from '../../../engine/onnx/graph-recorder.ts';
import { cutIntoStages } from '../../../engine/onnx/graph-stage.ts';
import { openSafetensors } from '../../../engine/weights/safetensors.ts';
import { shippedFolder } from '../checkpoints.ts';

/** Five equal convolutions of 9 multiply-adds a pixel, the first one's result added at the end. */
function chain(): RecordedGraph {
  const builder = new GraphBuilder('chain');
  let value = builder.input({ name: 'image', dtype: 'float32', shape: [1, 1, 'height', 'width'] });
  const first = { value };
  for (let index = 0; index < 5; index++) {
    if (index > 0) builder.allowCut();
    const weight = builder.constant(`conv${index}.weight`, [1, 1, 3, 3], Array(9).fill(index));
    value = builder.conv(value, weight, { padding: 1 });
    if (index === 0) first.value = value;
  }
  builder.output(builder.add(value, first.value, 'sum'));
  return builder.finish();
}

test('without a budget there is one stage, from the inputs to the outputs', () => {
  const [stage, ...more] = cutIntoStages(chain());
  assert.equal(more.length, 0);
  assert.deepEqual(
    [stage.name, stage.inputs, stage.outputs, stage.multiplyAddsPerPixel],
    ['chain', ['image'], ['sum'], 45],
  );
});

test('a stage is filled up to the budget and not past it', () => {
  const costs = (budget: number) =>
    cutIntoStages(chain(), { maxMultiplyAddsPerPixel: budget }).map((stage) => stage.multiplyAddsPerPixel);
  assert.deepEqual(costs(45), [45]);
  assert.deepEqual(costs(44), [36, 9]);
  assert.deepEqual(costs(18), [18, 18, 9]);
  assert.deepEqual(costs(17), [9, 9, 9, 9, 9]);
});

test('what cannot be cut stays whole, even past the budget', () => {
  const stages = cutIntoStages(chain(), { maxMultiplyAddsPerPixel: 1 });
  assert.equal(stages.length, 5);
});

test('a value used much later is an output where it is made and an input where it is used', () => {
  const stages = cutIntoStages(chain(), { maxMultiplyAddsPerPixel: 18 });
  assert.deepEqual(
    stages.map(({ inputs, outputs }) => ({ inputs, outputs })),
    [
      { inputs: ['image'], outputs: ['conv0', 'conv1'] },
      { inputs: ['conv1'], outputs: ['conv3'] },
      { inputs: ['conv3', 'conv0'], outputs: ['sum'] },
    ],
  );
});

describe('the halo of a stage', () => {
  const symbolic = () => {
    const builder = new GraphBuilder('halo');
    const image = builder.input({ name: 'image', dtype: 'float32', shape: ['batch', 4, 'height', 'width'] });
    let count = 0;
    const conv = (value: Value, kernel: number, padding: number) => {
      const [, channels] = value.shape as [string, number];
      const weights = Array<number>(channels ** 2 * kernel ** 2).fill(0);
      const weight = builder.constant(`c${count++}.weight`, [channels, channels, kernel, kernel], weights);
      return builder.conv(value, weight, { padding });
    };
    const halosOf = (last: Value, maxMultiplyAddsPerPixel = Number.POSITIVE_INFINITY) => {
      builder.output(last);
      return cutIntoStages(builder.finish(), { maxMultiplyAddsPerPixel }).map((stage) => stage.haloPixels);
    };
    return { builder, image, conv, halosOf };
  };

  test('adds up along a chain of convolutions, each by its padding', () => {
    const { image, conv, halosOf } = symbolic();
    assert.deepEqual(halosOf(conv(conv(conv(image, 3, 1), 1, 0), 5, 2)), [3]);
  });

  test('is that of each stage alone, once cut', () => {
    const { builder, image, conv, halosOf } = symbolic();
    const first = conv(conv(image, 3, 1), 3, 1);
    builder.allowCut();
    const second = conv(first, 7, 3);
    builder.allowCut();
    assert.deepEqual(halosOf(builder.leakyRelu(second, 0.2), 1), [2, 3, 0]);
  });

  test('follows the longest of several ways', () => {
    const { builder, image, conv, halosOf } = symbolic();
    const long = conv(conv(conv(image, 3, 1), 3, 1), 3, 1);
    const short = conv(image, 5, 2);
    assert.deepEqual(halosOf(builder.add(builder.add(short, long), image)), [3]);
  });

  test('counts half a pixel for one behind a doubling, rounded up at the end', () => {
    const { builder, image, conv, halosOf } = symbolic();
    const doubled = conv(builder.resizeNearest(image, 2), 3, 1);
    const quadrupled = conv(conv(builder.resizeNearest(doubled, 2), 3, 1), 3, 1);
    // 1/2 + 1/4 + 1/4, and with a fourth convolution 1/4 more.
    assert.deepEqual(halosOf(quadrupled), [1]);
    const again = symbolic();
    const same = again.conv(again.builder.resizeNearest(again.image, 2), 3, 1);
    const four = again.builder.resizeNearest(same, 2);
    assert.deepEqual(again.halosOf(again.conv(again.conv(again.conv(four, 3, 1), 3, 1), 3, 1)), [2]);
  });

  test('counts a whole block for one behind an unshuffle', () => {
    const { builder, image, conv, halosOf } = symbolic();
    assert.deepEqual(halosOf(conv(conv(builder.pixelUnshuffle(image, 2), 3, 1), 3, 1)), [4]);
  });

  test('is the depth of the shipped networks', async () => {
    const halo = async (name: string) => {
      const checkpoint = await openSafetensors(path.join(shippedFolder, `${name}.safetensors`));
      return emitUpscaler(checkpoint).map(({ haloPixels }) => haloPixels);
    };
    // 18 convolutions; 34; 1 + 23 blocks of 15 + 1, then 1/2 + three of 1/4, rounded up.
    assert.deepEqual(await halo('realesr-animevideov3'), [18]);
    assert.deepEqual(await halo('realesr-general-x4v3'), [34]);
    assert.deepEqual(await halo('realesrgan-x4plus'), [1 + 23 * 15 + 1 + 2]);
  });
});
