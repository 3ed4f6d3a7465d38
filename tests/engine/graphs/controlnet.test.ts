import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { EngineError } from '../../../engine/errors.ts';
import { controlNetConfig } from '../../../engine/graphs/stable-diffusion-control.ts';
import { type Changes, changed, headerOf } from './changed-header.ts';
import { readLayout } from './synthetic-checkpoint.ts';

const goldenFolder = path.join(import.meta.dirname, '../../golden/controlnet');
const header = async (name: string) => headerOf((await readLayout(goldenFolder, name)).tensors);
const cldm = await header('sd1-cldm');
const union = await header('union');

function refuses(checkpoint: typeof cldm, changes: Changes, code: string, message: RegExp): void {
  assert.throws(
    () => controlNetConfig(changed(checkpoint, changes)),
    (error: unknown) => {
      assert.ok(error instanceof EngineError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      return true;
    },
  );
}

test('a ControlNet that lacks a tensor, or has one of another shape, is refused with its key', () => {
  const zero = 'control_model.zero_convs.1.0.weight';
  refuses(
    cldm,
    { [zero]: 'missing' },
    'tensor-mismatch',
    /looks like ControlNetModel .*`control_model\.zero_convs\.1\.0\.weight` \[32, 32, 1, 1\] is missing/,
  );
  const hint = 'control_model.input_hint_block.4.weight';
  refuses(
    cldm,
    { [hint]: { shape: [8, 3, 3, 3] } },
    'tensor-mismatch',
    /input_hint_block\.4\.weight` is \[8, 3, 3, 3\], expected \[8, 4, 3, 3\]/,
  );
  refuses(
    union,
    { 'spatial_ch_projs.bias': 'missing' },
    'tensor-mismatch',
    /ControlNetUnionModel .*spatial_ch_projs\.bias/,
  );
});

test('what is only a difference to a checkpoint, and what is no ControlNet, is refused as that', () => {
  refuses(
    cldm,
    { difference: { shape: [1] } },
    'unsupported-architecture',
    /received its difference to a checkpoint/,
  );
  const others: Changes = Object.fromEntries(
    [...cldm.tensors.keys()].map((key) => [key, 'missing' as const]),
  );
  refuses(
    cldm,
    { ...others, 'a.weight': { shape: [3] } },
    'unsupported-architecture',
    /Expected a ControlNet .* received 1 tensors, such as `a\.weight`/,
  );
});

test('a whole checkpoint that a ControlNet was published in is read for the ControlNet alone', () => {
  const other = 'model.diffusion_model.input_blocks.0.0.weight';
  const config = controlNetConfig(changed(cldm, { [other]: { shape: [320, 4, 3, 3] } }));
  assert.deepEqual(config.residualChannels, [32, 32, 32, 64, 64]);
});

test('the middle may be one residual block alone, but half of a larger one is missed', () => {
  const without = (...parts: readonly string[]): Changes =>
    Object.fromEntries(
      [...cldm.tensors.keys()]
        .filter((key) => parts.some((part) => key.startsWith(`control_model.middle_block.${part}.`)))
        .map((key) => [key, 'missing' as const]),
    );
  const { names } = controlNetConfig(changed(cldm, without('1', '2')));
  assert.deepEqual(names.middle, [{ level: 1, resnet: 'control_model.middle_block.0' }]);
  for (const part of ['0', '1', '2']) {
    refuses(cldm, without(part), 'tensor-mismatch', new RegExp(`middle_block\\.${part}\\..* is missing`));
  }
});
