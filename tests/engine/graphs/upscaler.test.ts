import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { EngineError } from '../../../engine/errors.ts';
import { maxBlocks } from '../../../engine/graphs/rrdbnet.ts';
import { maxConvs } from '../../../engine/graphs/srvgg-net-compact.ts';
import { maxListedFlaws } from '../../../engine/graphs/tensor-layout.ts';
import { detectUpscaler, emitUpscaler } from '../../../engine/graphs/upscaler.ts';
import { type Checkpoint, openSafetensors } from '../../../engine/weights/safetensors.ts';
import { type Changes, changed, entry } from './changed-header.ts';

const goldenFolder = path.join(import.meta.dirname, '../../golden/upscalers');
const modelsFolder = path.join(import.meta.dirname, '../../../models');
const rrdbnet = await openSafetensors(path.join(goldenFolder, 'rrdbnet-x4.safetensors'));
const sequence = await openSafetensors(path.join(goldenFolder, 'rrdbnet-sequence-x4-fp16.safetensors'));
const shipped = await openSafetensors(path.join(modelsFolder, 'realesrgan-x4plus.safetensors'));
const compact = await openSafetensors(path.join(goldenFolder, 'srvgg-x4.safetensors'));

function fails(checkpoint: Checkpoint, code: string, ...patterns: readonly RegExp[]): void {
  for (const detect of [detectUpscaler, emitUpscaler]) {
    assert.throws(
      () => detect(checkpoint),
      (error: unknown) => {
        assert.ok(error instanceof EngineError, String(error));
        assert.equal(error.code, code);
        for (const pattern of patterns) assert.match(error.message, pattern);
        return true;
      },
    );
  }
}

describe('an RRDBNet that does not fit', () => {
  test('is refused once, with every missing, misshapen and unexpected tensor and what it looks like', () => {
    fails(
      changed(rrdbnet, {
        'body.1.rdb2.conv3.weight': 'missing',
        'conv_body.bias': 'missing',
        'conv_hr.weight': { shape: [4, 5, 3, 3] },
        'body.0.rdb1.conv2.bias': { dtype: 'I8' },
        'ema.step': { shape: [] },
      }),
      'tensor-mismatch',
      /^some\.safetensors looks like RRDBNet \(Real-ESRGAN key names, 2 blocks of 4 features, 2 doublings\)/,
      /`body\.1\.rdb2\.conv3\.weight` \[2, 8, 3, 3\] is missing/,
      /`conv_body\.bias` \[4\] is missing/,
      /`conv_hr\.weight` is \[4, 5, 3, 3\], expected \[4, 4, 3, 3\]/,
      /`body\.0\.rdb1\.conv2\.bias` is I8, expected F32, F16, BF16/,
      /`ema\.step` is unexpected/,
    );
  });

  test('is still recognised without its first, middle or last convolution', () => {
    fails(
      changed(rrdbnet, { 'conv_first.weight': 'missing', 'conv_first.bias': 'missing' }),
      'tensor-mismatch',
      /`conv_first\.weight` \[\?, \?, 3, 3\] is missing/,
    );
    fails(
      changed(rrdbnet, { 'conv_last.weight': 'missing' }),
      'tensor-mismatch',
      /`conv_last\.weight` \[\?, 4, 3, 3\]/,
    );
    fails(
      changed(sequence, { 'model.6.weight': 'missing' }),
      'tensor-mismatch',
      /`model\.6\.weight` \[6, 6, 3, 3\]/,
    );
    fails(changed(sequence, { 'model.10.weight': 'missing' }), 'tensor-mismatch', /`model\.10\.weight`/);
  });

  test('with a block left out lists the first flaws and counts the rest', () => {
    const missing = [...sequence.tensors.keys()].filter((key) => key.startsWith('model.1.sub.0.'));
    assert.ok(missing.length > maxListedFlaws);
    const checkpoint = changed(sequence, Object.fromEntries(missing.map((key) => [key, 'missing' as const])));
    fails(checkpoint, 'tensor-mismatch', new RegExp(`and ${missing.length - maxListedFlaws} more\\.$`));
  });

  test('with a stray block number is refused: as unfit up to the limit of blocks, at once past it', () => {
    const stray = (block: number) =>
      changed(rrdbnet, { [`body.${block}.rdb1.conv1.weight`]: { shape: [2, 4, 3, 3] } });
    fails(stray(maxBlocks - 1), 'tensor-mismatch', /and \d+ more/);
    fails(
      stray(maxBlocks),
      'unsupported-architecture',
      /at most 256 blocks in some\.safetensors, received one of 257/,
    );
    fails(stray(99999999999), 'unsupported-architecture', /received one of 100000000000/);
  });

  test('that scales by a fraction or past the limit is unsupported', () => {
    const first = (channels: number) => ({ 'conv_first.weight': { shape: [4, channels, 3, 3] } });
    fails(changed(rrdbnet, first(27)), 'unsupported-architecture', /27 channels in, 3 out and 2 doublings/);
    fails(changed(rrdbnet, first(4)), 'unsupported-architecture', /4 channels in, 3 out/);
    const up = (n: number): Changes => ({
      [`conv_up${n}.weight`]: { shape: [4, 4, 3, 3] },
      [`conv_up${n}.bias`]: { shape: [4] },
    });
    assert.equal(detectUpscaler(changed(rrdbnet, up(3))).scale, 8);
    fails(changed(rrdbnet, { ...up(3), ...up(4) }), 'unsupported-architecture', /a whole number up to 8/);
  });
});

describe('an SRVGGNetCompact that does not fit', () => {
  test('is refused once, with every flaw', () => {
    fails(
      changed(compact, {
        'body.2.bias': 'missing',
        'body.3.weight': { shape: [7] },
        'body.4.weight': { shape: [8, 8, 1, 1] },
        'extra.weight': { shape: [1] },
      }),
      'tensor-mismatch',
      /looks like SRVGGNetCompact \(4 convolutions, 8 features\)/,
      /`body\.2\.bias` \[8\] is missing/,
      /`body\.3\.weight` is \[7\], expected \[8\]/,
      /`body\.4\.weight` is \[8, 8, 1, 1\], expected \[8, 8, 3, 3\]/,
      /`extra\.weight` is unexpected/,
    );
  });

  test('is refused without PReLU slopes: the file would not say which activation it has', () => {
    const slopes = [...compact.tensors.values()].filter(({ shape }) => shape.length === 1 && shape[0] === 8);
    const odd = slopes.filter(({ name }) => Number(name.split('.')[1]) % 2 === 1);
    const checkpoint = changed(
      compact,
      Object.fromEntries(odd.map(({ name }) => [name, 'missing' as const])),
    );
    fails(checkpoint, 'unsupported-architecture', /PReLU slopes \(`body\.1\.weight`\)/);
  });

  test('with a stray layer number is refused: as unfit up to the limit of layers, at once past it', () => {
    const stray = (position: number) =>
      changed(compact, { [`body.${position}.weight`]: { shape: [8, 8, 3, 3] } });
    fails(stray(2 * maxConvs + 2), 'tensor-mismatch', /and \d+ more/);
    fails(stray(2 * maxConvs + 4), 'unsupported-architecture', /at most 1024 inner convolutions/);
  });

  test('is unsupported where its last convolution makes no whole scale, or one past the limit', () => {
    const last = (channels: number): Changes => ({
      'body.6.weight': { shape: [channels, 8, 3, 3] },
      'body.6.bias': { shape: [channels] },
    });
    fails(changed(compact, last(24)), 'unsupported-architecture', /24 out of its last convolution/);
    assert.equal(detectUpscaler(changed(compact, last(3 * 64))).scale, 8);
    fails(changed(compact, last(3 * 81)), 'unsupported-architecture', /a whole number up to 8/);
  });
});

describe('another network', () => {
  test('is unsupported, and some of its keys are named', () => {
    const tensors = new Map(['layers.0.norm.weight', 'head.bias'].map((name) => [name, entry(name, [4])]));
    fails(
      { file: 'other.safetensors', tensors, metadata: new Map() },
      'unsupported-architecture',
      /RRDBNet or SRVGGNetCompact\) in other\.safetensors, received 2 tensors, such as `layers\.0\.norm\.weight`/,
    );
    fails(
      { file: 'empty', tensors: new Map(), metadata: new Map() },
      'unsupported-architecture',
      /such as none/,
    );
  });

  test('of a hundred thousands of layers, all of them empty, is refused in little time', () => {
    for (const key of [(n: number) => `body.${n}.weight`, (n: number) => `body.${n}.rdb1.conv1.weight`]) {
      const names = Array.from({ length: 200_000 }, (_, index) => key(index));
      const tensors = new Map(names.map((name) => [name, entry(name, [0])]));
      fails(
        { file: 'many.safetensors', tensors, metadata: new Map() },
        'unsupported-architecture',
        /at most/,
      );
    }
  });

  test('of whatever keys and shapes gives a graph or an EngineError, never anything else', () => {
    const names = [...rrdbnet.tensors.keys(), ...sequence.tensors.keys(), ...compact.tensors.keys()];
    const shape = fc.array(fc.nat(9), { maxLength: 5 });
    const change = fc.oneof(
      fc.constant('missing' as const),
      shape.map((sizes) => ({ shape: sizes })),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(rrdbnet, sequence, compact),
        fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), change, { minKeys: 1, maxKeys: 4 }),
        (checkpoint, changes) => {
          try {
            detectUpscaler(changed(checkpoint, changes));
          } catch (error) {
            assert.ok(error instanceof EngineError, (error as Error).stack);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('stages', () => {
  test('keep to the budget wherever the network can be cut, and together do all the work', () => {
    const { multiplyAddsPerPixel: total } = detectUpscaler(shipped);
    const budget = 800_000;
    const stages = emitUpscaler(shipped, { maxMultiplyAddsPerPixel: budget });
    assert.ok(stages.length >= total / budget);
    // Behind the last cut everything has four and sixteen times the pixels: the tail is one stage of that alone.
    const tail = stages.at(-1)!;
    assert.ok(stages.slice(0, -1).every((stage) => stage.multiplyAddsPerPixel <= budget));
    assert.ok(tail.multiplyAddsPerPixel > budget);
    const pixels = { up1: 4, up2: 16, hr: 16, last: 16 };
    const conv = (inChannels: number, outChannels: number) => 9 * inChannels * outChannels;
    const own =
      pixels.up1 * conv(64, 64) +
      pixels.up2 * conv(64, 64) +
      pixels.hr * conv(64, 64) +
      pixels.last * conv(64, 3);
    assert.equal(tail.multiplyAddsPerPixel, own);
    assert.equal(
      stages.reduce((sum, stage) => sum + stage.multiplyAddsPerPixel, 0),
      total,
    );
  });

  test('take only what the image or an earlier stage gives, and give only what is used', () => {
    const stages = emitUpscaler(shipped, { maxMultiplyAddsPerPixel: 800_000 });
    const known = new Set(['image']);
    for (const [index, stage] of stages.entries()) {
      for (const input of stage.inputs) assert.ok(known.has(input), `${stage.name} takes ${input}`);
      for (const output of stage.outputs) {
        known.add(output);
        const usedLater = stages.slice(index + 1).some(({ inputs }) => inputs.includes(output));
        assert.ok(usedLater || output === 'upscaled', `${stage.name} gives ${output}`);
      }
      // The running features, the block's input, and the first convolution's output for the long skip.
      assert.ok(stage.inputs.length <= 3 && stage.outputs.length <= 3);
    }
    assert.deepEqual(stages.at(-1)?.outputs, ['upscaled']);
  });

  test('name their values after the keys of the checkpoint', () => {
    const [stage] = emitUpscaler(shipped);
    const text = Buffer.from(stage.model).toString('latin1');
    for (const name of ['conv_first', 'body.22.rdb3.conv5', 'conv_body', 'conv_up2', 'conv_hr', 'upscaled']) {
      assert.ok(text.includes(name), name);
    }
    assert.ok(stage.model.byteLength < 400_000, `${stage.model.byteLength} bytes`);
  });
});
