import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { detectUpscaler, emitUpscaler } from '../../../engine/graphs/upscaler.ts';
import { openSafetensors } from '../../../engine/weights/safetensors.ts';
import { runStages } from './run-stages.ts';
import { assertTensorsClose, readFloats } from './tensors-close.ts';

const goldenFolder = path.join(import.meta.dirname, '../../golden/upscalers');
const modelsFolder = path.join(import.meta.dirname, '../../../models');

/** Tiny networks through PyTorch (tests/golden/upscalers/dump.py). Float sums in another order stay well within. */
const atol = 1e-4;

const goldens = [
  { name: 'rrdbnet-x4', architecture: 'RRDBNet', scale: 4, channels: 3, sizeMultiple: 1 },
  { name: 'rrdbnet-x2-unshuffle', architecture: 'RRDBNet', scale: 2, channels: 3, sizeMultiple: 2 },
  { name: 'rrdbnet-x1-unshuffle', architecture: 'RRDBNet', scale: 1, channels: 3, sizeMultiple: 4 },
  { name: 'rrdbnet-trunk-x4', architecture: 'RRDBNet', scale: 4, channels: 3, sizeMultiple: 1 },
  { name: 'rrdbnet-sequence-x4-fp16', architecture: 'RRDBNet', scale: 4, channels: 3, sizeMultiple: 1 },
  { name: 'rrdbnet-sequence-x2-bf16', architecture: 'RRDBNet', scale: 2, channels: 3, sizeMultiple: 1 },
  { name: 'rrdbnet-sequence-x8-grey', architecture: 'RRDBNet', scale: 8, channels: 1, sizeMultiple: 1 },
  { name: 'rrdbnet-sequence-x1', architecture: 'RRDBNet', scale: 1, channels: 3, sizeMultiple: 1 },
  { name: 'srvgg-x4', architecture: 'SRVGGNetCompact', scale: 4, channels: 3, sizeMultiple: 1 },
  { name: 'srvgg-x2-fp16', architecture: 'SRVGGNetCompact', scale: 2, channels: 3, sizeMultiple: 1 },
  { name: 'srvgg-x3-one-slope', architecture: 'SRVGGNetCompact', scale: 3, channels: 3, sizeMultiple: 1 },
] as const;

for (const { name, architecture, scale, channels, sizeMultiple } of goldens) {
  test(`${name} is detected from its header and gives PyTorch's numbers, in one stage and in many`, async () => {
    const checkpoint = await openSafetensors(path.join(goldenFolder, `${name}.safetensors`));
    const { multiplyAddsPerPixel, ...detected } = detectUpscaler(checkpoint);
    assert.deepEqual(detected, {
      architecture,
      scale,
      sizeMultiple,
      inputChannels: channels,
      outputChannels: channels,
    });

    const golden = await openSafetensors(path.join(goldenFolder, `${name}.golden.safetensors`));
    const image = await readFloats(golden, 'image');
    const expected = await readFloats(golden, 'upscaled');
    const whole = emitUpscaler(checkpoint);
    assert.equal(whole.length, 1);
    assert.equal(whole[0].multiplyAddsPerPixel, multiplyAddsPerPixel);
    const { upscaled } = await runStages(whole, { image }, { weightsFile: checkpoint.file });
    assertTensorsClose(upscaled, expected, { atol, what: name });

    const stages = emitUpscaler(checkpoint, { maxMultiplyAddsPerPixel: 1 });
    assert.ok(stages.length > 1, `expected several stages, received ${stages.length}`);
    const staged = await runStages(stages, { image }, { weightsFile: checkpoint.file });
    assertTensorsClose(staged.upscaled, upscaled, { atol: 1e-6, what: `${name} in ${stages.length} stages` });
  });
}

const shippedNames = [
  'realesr-animevideov3',
  'realesr-general-x4v3',
  'realesrgan-x4plus-anime',
  'realesrgan-x4plus',
] as const;

for (const name of shippedNames) {
  test(`the shipped ${name} gives the numbers of spandrel on a drawn picture`, async () => {
    const checkpoint = await openSafetensors(path.join(modelsFolder, `${name}.safetensors`));
    const golden = await openSafetensors(path.join(goldenFolder, `shipped-${name}.golden.safetensors`));
    const image = await readFloats(golden, 'image');
    const stages = emitUpscaler(checkpoint, { maxMultiplyAddsPerPixel: 3_000_000 });
    const { upscaled } = await runStages(stages, { image }, { weightsFile: checkpoint.file });
    assert.deepEqual([...upscaled.shape], [1, 3, 96, 96]);

    const expected = await readFloats(golden, 'upscaled');
    const stride = Number(golden.metadata.get('stride'));
    const [, , height, width] = upscaled.shape;
    const [, , sampledHeight, sampledWidth] = expected.shape;
    const sampled = Float32Array.from(expected.data, (_, index) => {
      const column = index % sampledWidth;
      const row = Math.floor(index / sampledWidth) % sampledHeight;
      const channel = Math.floor(index / (sampledWidth * sampledHeight));
      return upscaled.data[(channel * height + row * stride) * width + column * stride];
    });
    assertTensorsClose({ shape: expected.shape, data: sampled }, expected, { atol, what: name });
  });
}
