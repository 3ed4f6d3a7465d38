import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import {
  controlNetConfig,
  emitControlNet,
  emitControlNetHint,
} from '../../../engine/graphs/stable-diffusion-control.ts';
import { residualName } from '../../../engine/graphs/unet-2d-condition.ts';
import type { Tensor } from '../../../engine/runtime/session.ts';
import { type Checkpoint, openSafetensors } from '../../../engine/weights/safetensors.ts';
import { runStages } from './run-stages.ts';
import { readLayout, withCheckpoint } from './synthetic-checkpoint.ts';
import { assertTensorsClose, readFloats } from './tensors-close.ts';

const goldenFolder = path.join(import.meta.dirname, '../../golden/controlnet');

/** Of the largest number, as for the UNet. */
const relativeTolerance = 1e-5;

const goldens = {
  'sd1-cldm': "a ControlNet for Stable Diffusion 1.x under cldm's names",
  'sd1-diffusers': "one under diffusers' names, of two blocks a level, at sizes that do not halve",
  wide: 'a bare one of float16 under cldm names, wide enough for Winograd convolutions',
  'sd2-diffusers': 'one for Stable Diffusion 2.x of bfloat16',
  'sdxl-diffusers': "one for SDXL under diffusers' names",
  'sdxl-cldm': "one for SDXL under cldm's names",
  'sdxl-small': 'one for SDXL without any transformer',
  'sdxl-mid': 'one for SDXL with transformers in its smallest size alone',
  union: 'one for several kinds of maps, shown one of them',
  'union-two': 'one for several kinds of maps, shown two of different strengths,',
  'union-promax': 'one that tells a tile and a picture with a hole apart from six other kinds',
};

for (const [name, what] of Object.entries(goldens)) {
  test(`${what} gives diffusers' residuals, in either set of operators`, async () => {
    const golden = await openSafetensors(path.join(goldenFolder, `${name}.golden.safetensors`));
    await withCheckpoint(await readLayout(goldenFolder, name), async (checkpoint) => {
      const { residualChannels } = controlNetConfig(checkpoint);
      assert.equal(
        residualChannels.length,
        [...golden.tensors.keys()].filter((key) => /^residual/.test(key)).length,
      );
      for (const operators of ['onnx', 'onnxruntime'] as const) {
        // Narrower ones have none of the other kind.
        for (const convolutions of name === 'wide'
          ? (['direct', 'winograd'] as const)
          : (['direct'] as const)) {
          const received = await runControlNet(checkpoint, golden, { operators, convolutions });
          for (const index of residualChannels.keys()) {
            const expected = await readFloats(golden, residualName(index));
            const largest = expected.data.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
            assertTensorsClose(forEachText(received[residualName(index)]!, expected.shape[0]!), expected, {
              atol: relativeTolerance * largest,
              what: `${name} ${residualName(index)}`,
            });
          }
        }
      }
    });
  });
}

async function runControlNet(
  checkpoint: Checkpoint,
  golden: Checkpoint,
  options: Parameters<typeof emitControlNet>[1],
): Promise<Record<string, Tensor>> {
  const weightsFile = checkpoint.file;
  const controls = firstAxis(await readFloats(golden, 'control'));
  const told = async (name: string) =>
    golden.tensors.has(name) ? firstAxis(await readFloats(golden, name)) : undefined;
  const tasks = await told('tasks');
  const scales = await told('condition_scales');
  const stages = emitControlNetHint(checkpoint, options);
  let hint: Tensor | undefined;
  for (const [index, control] of controls.entries()) {
    const union = tasks === undefined ? {} : { task: tasks[index]!, condition_scale: scales![index]! };
    const outputs = await runStages(stages, { control, ...union }, { weightsFile });
    const own = outputs[stages.at(-1)!.outputs[0]!]!;
    const before: Tensor | undefined = hint;
    hint = before === undefined ? own : { ...own, data: own.data.map((value, i) => value + before.data[i]!) };
  }
  const inputs: Record<string, Tensor> = { hint: hint! };
  for (const name of ['sample', 'timestep', 'encoder_hidden_states', 'added_conditioning', 'control_type']) {
    if (golden.tensors.has(name)) inputs[name] = await readFloats(golden, name);
  }
  return runStages(emitControlNet(checkpoint, options), inputs, { weightsFile });
}

function firstAxis({ shape: [count, ...rest], data }: Tensor): readonly Tensor[] {
  const length = data.length / count!;
  return Array.from({ length: count! }, (_, index) => ({
    shape: [1, ...rest],
    data: data.slice(index * length, (index + 1) * length),
  }));
}

/** What no text changes comes once for all of them. */
function forEachText({ shape, data }: Tensor, texts: number): Tensor {
  if (shape[0] === texts) return { shape, data };
  const repeated = new Float32Array(texts * data.length);
  for (let text = 0; text < texts; text++) repeated.set(data, text * data.length);
  return { shape: [texts, ...shape.slice(1)], data: repeated };
}
