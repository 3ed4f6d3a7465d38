import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GraphBuilder } from '../../../engine/onnx/graph-builder.ts';
import type { RecordedGraph } from '../../../engine/onnx/graph-recorder.ts';
import { cutIntoStages } from '../../../engine/onnx/graph-stage.ts';

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
