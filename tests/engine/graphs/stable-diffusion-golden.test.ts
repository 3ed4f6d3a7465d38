import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import {
  controlSizes,
  emitTaesdDecoder,
  emitTextEncoder,
  emitUNet,
  emitVaeDecoder,
  emitVaeEncoder,
} from '../../../engine/graphs/stable-diffusion.ts';
import { residualName } from '../../../engine/graphs/unet-2d-condition.ts';
import type { GraphStage } from '../../../engine/onnx/graph-stage.ts';
import { type IntegerTensor, openSession, type Tensor } from '../../../engine/runtime/session.ts';
import {
  type AttentionConfig,
  type Checkpoint,
  openSafetensors,
  readTensor,
} from '../../../engine/weights/safetensors.ts';
import { readLayout, withCheckpoint } from './synthetic-checkpoint.ts';
import { assertTensorsClose, readFloats } from './tensors-close.ts';

const goldenFolder = path.join(import.meta.dirname, '../../golden/networks');

/** Of the largest number: tiny networks through PyTorch (tests/golden/networks/dump.py) come within a tenth of it. */
const relativeTolerance = 1e-5;

interface Golden {
  readonly name: string;
  readonly what: string;
  /** What the configuration beside the weights says. */
  readonly attention?: AttentionConfig;
}

const goldens: readonly Golden[] = [
  { name: 'sd1', what: 'Stable Diffusion 1.x in one file' },
  { name: 'sd2-fp16', what: 'Stable Diffusion 2.x in one file of float16' },
  { name: 'inpainting-bf16', what: 'an inpainting UNet of bfloat16, at sizes that do not halve' },
  { name: 'deep-transformers', what: 'a UNet of deeper transformers, one at the deepest level too' },
  { name: 'wide', what: 'a UNet wide enough for Winograd convolutions, at sizes that no tile divides' },
  { name: 'faint', what: 'a network of signals so small that the epsilon of every norm shows' },
  { name: 'diffusers-pix2pix', what: "pix2pix under diffusers' names" },
  { name: 'diffusers-unet-linear', what: "a file of diffusers' UNet alone, linear projections" },
  {
    name: 'diffusers-heads',
    what: 'a folder of diffusers with heads of its own at each size',
    attention: { unetHeads: [1, 2, 16], textHeads: 2, textActivation: 'gelu' },
  },
  { name: 'lcm', what: 'a UNet that is told how strongly the prompt guides' },
  { name: 'sdxl', what: 'SDXL in one file of float16, both text encoders' },
  { name: 'sdxl-refiner', what: "SDXL's refiner in one file" },
  {
    name: 'diffusers-sdxl',
    what: "a folder of SDXL inpainting under diffusers' names",
    attention: { unetHeads: [2, 4], textHeads: 4, secondText: { textHeads: 1, textActivation: 'gelu' } },
  },
  { name: 'vae-ldm', what: 'a file of an autoencoder alone' },
  { name: 'vae-diffusers-old', what: "a file of an autoencoder alone under diffusers' old names" },
  { name: 'taesd', what: "a file of TAESD's decoder" },
  { name: 'taesd-diffusers', what: "a file of TAESD's decoder under diffusers' names" },
];

for (const { name, what, attention } of goldens) {
  test(`${what} gives the numbers of diffusers, network by network, in either set of operators`, async () => {
    const golden = await openSafetensors(path.join(goldenFolder, `${name}.golden.safetensors`));
    await withCheckpoint(await readLayout(goldenFolder, name), async (plain) => {
      const checkpoint = attention === undefined ? plain : { ...plain, attention };
      const check = async (
        stages: readonly GraphStage[],
        [output, expectedName]: readonly [string, string],
        textWidth?: number,
      ) => {
        const actual = await run(stages, { checkpoint, golden, output, textWidth });
        const expected = await readFloats(golden, expectedName);
        const largest = expected.data.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
        assertTensorsClose(actual, expected, {
          atol: relativeTolerance * largest,
          what: `${name} ${expectedName}`,
        });
      };
      const has = (key: string) => golden.tensors.has(key);
      for (const [encoder, part] of [
        [0, ''],
        [0, 'encoder0.'],
        [1, 'encoder1.'],
      ] as const) {
        for (const clipSkip of [1, 2]) {
          const states = `${part}hidden_states.skip${clipSkip}`;
          if (!has(states)) continue;
          const stages = emitTextEncoder(checkpoint, { encoder, clipSkip });
          const width = golden.tensors.get(states)!.shape[2]!;
          await check(stages, ['hidden_states', states], width);
          if (has(`${part}pooled`)) await check(stages, ['pooled', `${part}pooled`], width);
        }
      }
      for (const operators of ['onnx', 'onnxruntime'] as const) {
        for (const convolutions of ['direct', 'winograd'] as const) {
          if (!has('noise_pred')) continue;
          await check(emitUNet(checkpoint, { operators, convolutions }), ['noise_pred', 'noise_pred']);
        }
        if (has('decoded')) await check(emitVaeDecoder(checkpoint, { operators }), ['image', 'decoded']);
      }
      if (has('preview')) await check(emitTaesdDecoder(checkpoint), ['image', 'preview']);
      if (has('moments')) await check(emitVaeEncoder(checkpoint), ['moments', 'moments']);
    });
  });
}

async function run(
  stages: readonly GraphStage[],
  {
    checkpoint,
    golden,
    output,
    textWidth,
  }: {
    readonly checkpoint: Checkpoint;
    readonly golden: Checkpoint;
    readonly output: string;
    readonly textWidth: number | undefined;
  },
): Promise<Tensor> {
  assert.equal(stages.length, 1);
  const [stage] = stages;
  const session = await openSession(stage.model, {
    weightsFolder: path.dirname(checkpoint.file),
    device: 'cpu',
    tuning: stage.tuning,
  });
  try {
    const plain = {
      ...(textWidth !== undefined && plainVectors(golden, textWidth)),
      ...noResiduals(checkpoint, stage.inputs),
    };
    const feeds = await Promise.all(
      stage.inputs.map(async (input) => [input, plain[input] ?? (await readInput(golden, input))] as const),
    );
    return (await session.run(Object.fromEntries(feeds)))[output];
  } finally {
    await session.dispose();
  }
}

/** What a text encoder of that width is fed besides its ids: no vectors that take the place of any. */
function plainVectors(golden: Checkpoint, width: number): Readonly<Record<string, Tensor>> {
  const ids = golden.tensors.get('input_ids')!;
  const count = ids.shape[0]! * ids.shape[1]!;
  return {
    kept: { shape: [...ids.shape, 1], data: new Float32Array(count).fill(1) },
    vectors: { shape: [...ids.shape, width], data: new Float32Array(count * width) },
  };
}

/** What a UNet is fed where there is no ControlNet. */
function noResiduals(checkpoint: Checkpoint, inputs: readonly string[]): Readonly<Record<string, Tensor>> {
  if (!inputs.includes(residualName(0))) return {};
  return Object.fromEntries(
    controlSizes(checkpoint).residualChannels.map((channels, index) => [
      residualName(index),
      { shape: [1, channels, 1, 1], data: new Float32Array(channels) },
    ]),
  );
}

async function readInput(golden: Checkpoint, name: string): Promise<Tensor | IntegerTensor> {
  const { dtype, shape } = golden.tensors.get(name)!;
  if (dtype === 'F32') return readFloats(golden, name);
  return { shape, data: new Int32Array((await readTensor(golden, name)).buffer) };
}

for (const name of ['sd1', 'deep-transformers', 'wide']) {
  test(`one sample shown to a UNet with several texts is that sample beside each of them (${name})`, async () => {
    const golden = await openSafetensors(path.join(goldenFolder, `${name}.golden.safetensors`));
    await withCheckpoint(await readLayout(goldenFolder, name), async (checkpoint) => {
      const [stage] = emitUNet(checkpoint, { operators: 'onnxruntime', convolutions: 'winograd' });
      const { model, tuning } = stage!;
      const weightsFolder = path.dirname(checkpoint.file);
      const session = await openSession(model, { weightsFolder, device: 'cpu', tuning });
      try {
        const samples = await readFloats(golden, 'sample');
        const context = await readFloats(golden, 'encoder_hidden_states');
        const [texts, ...rest] = samples.shape as [number, ...number[]];
        const one = samples.data.subarray(0, samples.data.length / texts);
        const repeated = new Float32Array(samples.data.length);
        for (let text = 0; text < texts; text++) repeated.set(one, text * one.length);
        const predict = async (shape: readonly number[], data: Float32Array) => {
          const timestep = await readFloats(golden, 'timestep');
          const feeds = {
            ...noResiduals(checkpoint, stage!.inputs),
            sample: { shape, data },
            timestep,
            encoder_hidden_states: context,
          };
          return (await session.run(feeds)).noise_pred!;
        };
        const expected = await predict([texts, ...rest], repeated);
        const received = await predict([1, ...rest], one);
        const largest = expected.data.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
        assertTensorsClose(received, expected, { atol: 1e-6 * largest, what: name });
      } finally {
        await session.dispose();
      }
    });
  });
}
