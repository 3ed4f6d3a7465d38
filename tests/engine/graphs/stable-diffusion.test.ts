import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { EngineError } from '../../../engine/errors.ts';
import { maxAutoencoderBlocks } from '../../../engine/graphs/autoencoder-keys.ts';
import { clipHeadCount, maxLayers } from '../../../engine/graphs/clip-text-model.ts';
import {
  checkStableDiffusion,
  emitTaesdDecoder,
  emitTextEncoder,
  emitUNet,
  emitVaeDecoder,
  emitVaeEncoder,
} from '../../../engine/graphs/stable-diffusion.ts';
import { headCount } from '../../../engine/graphs/unet-encoder.ts';
import { maxUNetBlocks } from '../../../engine/graphs/unet-keys.ts';
import type { AttentionConfig, Checkpoint } from '../../../engine/weights/safetensors.ts';
import { changed, headerOf } from './changed-header.ts';
import { readLayout } from './synthetic-checkpoint.ts';

const goldenFolder = path.join(import.meta.dirname, '../../golden/networks');
const header = async (name: string) => headerOf((await readLayout(goldenFolder, name)).tensors);
const sd1 = await header('sd1');
const sd2 = await header('sd2-fp16');
const pix2pix = await header('diffusers-pix2pix');
const taesd = await header('taesd');

const emitters = { emitTaesdDecoder, emitTextEncoder, emitUNet, emitVaeDecoder, emitVaeEncoder };
type Emit = (checkpoint: Checkpoint) => unknown;

function fails(emit: Emit, checkpoint: Checkpoint, code: string, ...patterns: readonly RegExp[]): void {
  assert.throws(
    () => emit(checkpoint),
    (error: unknown) => {
      assert.ok(error instanceof EngineError, String(error));
      assert.equal(error.code, code);
      for (const pattern of patterns) assert.match(error.message, pattern);
      return true;
    },
  );
}

describe('what no shape tells', () => {
  test('has heads by the published conventions', () => {
    const heads = (channels: number, projection: 'conv' | 'linear') =>
      headCount(channels, { projection, attention: {}, level: 0 });
    assert.equal(heads(320, 'conv'), 8);
    assert.equal(heads(1280, 'conv'), 8);
    assert.equal(heads(1280, 'linear'), 20);
    assert.equal(heads(32, 'linear'), 2);
    const said = (attention: AttentionConfig, level: number) =>
      headCount(64, { projection: 'conv', attention, level });
    assert.equal(said({ unetHeads: [2] }, 1), 2);
    assert.equal(said({ unetHeads: [2, 4] }, 1), 4);
    assert.equal(said({ unetHeadWidth: 32 }, 1), 2);
    assert.equal(clipHeadCount(768), 12);
    assert.equal(clipHeadCount(1024), 16);
    assert.equal(clipHeadCount(32), 4);
    assert.equal(clipHeadCount(37), 1);
  });
});

describe('heads that a configuration has wrong', () => {
  for (const unetHeads of [[3], [2, 2, 3], [2], [8, 64]] as const) {
    const isSound = unetHeads.length === 1 && unetHeads[0] === 2;
    test(`${unetHeads.join(', ')} of 32 and 64 channels`, () => {
      const checkpoint = { ...pix2pix, attention: { unetHeads } };
      if (isSound) emitUNet(checkpoint);
      else fails(emitUNet, checkpoint, 'unsupported-architecture', /heads .* share/);
    });
  }

  test('of a text encoder', () => {
    fails(
      emitTextEncoder,
      { ...pix2pix, attention: { textHeads: 5 } },
      'unsupported-architecture',
      /32 channels evenly, received 5/,
    );
  });
});

describe('a checkpoint that does not fit', () => {
  test('is refused once for its UNet, with every missing, misshapen and unexpected tensor', () => {
    const unet = 'model.diffusion_model.';
    fails(
      emitUNet,
      changed(sd1, {
        [`${unet}time_embed.0.bias`]: 'missing',
        [`${unet}input_blocks.1.1.transformer_blocks.0.attn2.to_v.weight`]: { shape: [32, 63] },
        [`${unet}middle_block.1.proj_in.weight`]: { shape: [64, 64, 3, 3] },
        [`${unet}output_blocks.0.0.in_layers.0.weight`]: { dtype: 'I64', shape: [128] },
        [`${unet}output_blocks.0.0.extra.weight`]: { shape: [1] },
      }),
      'tensor-mismatch',
      /^some\.safetensors looks like UNet2DConditionModel \(LDM key names, 4 channels in, 32 wide, text 64 wide, 3 blocks down and 4 up\), but /,
      /`model\.diffusion_model\.time_embed\.0\.bias` \[128\] is missing/,
      /`[^`]*attn2\.to_v\.weight` is \[32, 63\], expected \[32, 64\]/,
      /`[^`]*middle_block\.1\.proj_in\.weight` is \[64, 64, 3, 3\], expected \[64, 64, 1, 1\]/,
      /`[^`]*output_blocks\.0\.0\.in_layers\.0\.weight` is I64, expected F32, F16, BF16/,
      /`[^`]*output_blocks\.0\.0\.extra\.weight` is unexpected/,
    );
  });

  const without = (checkpoint: Checkpoint, part: string) => {
    const missing = [...checkpoint.tensors.keys()].filter((key) => key.includes(part));
    assert.ok(missing.length > 0);
    return changed(checkpoint, Object.fromEntries(missing.map((key) => [key, 'missing' as const])));
  };

  test('names a whole block, transformer or enlargement that is missing', () => {
    const parts = [
      [sd1, '.input_blocks.1.1.'],
      [sd1, '.output_blocks.1.1.conv.'],
      [sd1, '.output_blocks.2.1.'],
      [sd1, '.middle_block.1.'],
      [pix2pix, 'unet.mid_block.attentions.'],
      [pix2pix, 'unet.mid_block.resnets.0.'],
      [pix2pix, 'unet.down_blocks.0.downsamplers.'],
      [pix2pix, 'unet.up_blocks.1.attentions.'],
      [pix2pix, 'unet.up_blocks.0.upsamplers.'],
      [pix2pix, 'unet.up_blocks.0.resnets.1.'],
    ] as const;
    for (const [checkpoint, part] of parts) {
      const pattern = new RegExp(`\`[^\`]*${part.replaceAll('.', '\\.')}[^\`]*\` \\[[^\\]]+\\] is missing`);
      fails(emitUNet, without(checkpoint, part), 'tensor-mismatch', pattern);
    }
    const decoderBlock = without(pix2pix, 'vae.decoder.up_blocks.1.resnets.2.');
    fails(
      emitVaeDecoder,
      decoderBlock,
      'tensor-mismatch',
      /`vae\.decoder\.up_blocks\.1\.resnets\.2\.conv1\.weight`/,
    );
  });

  test('fits with one block in the middle, and with none, as smaller distillations are', () => {
    for (const parts of [['.middle_block.1.', '.middle_block.2.'], ['.middle_block.']]) {
      const smaller = parts.reduce(without, sd1);
      assert.equal(emitUNet(smaller).length, 1);
    }
    const half = without(sd1, '.middle_block.0.');
    fails(emitUNet, half, 'tensor-mismatch', /middle_block\.0\./);
  });

  test('names a block of LDM that is missing, whatever it was', () => {
    const checkpoint = without(sd1, '.input_blocks.2.');
    fails(
      emitUNet,
      checkpoint,
      'tensor-mismatch',
      /`model\.diffusion_model\.input_blocks\.2\.0\.in_layers\.2\.weight`/,
    );
  });

  test('is refused for its text encoder and for its autoencoder, each by what they need', () => {
    const text = 'cond_stage_model.transformer.text_model.';
    fails(
      emitTextEncoder,
      changed(sd1, { [`${text}encoder.layers.1.mlp.fc2.bias`]: 'missing' }),
      'tensor-mismatch',
      /looks like CLIPTextModel \(CLIP key names, 2 layers, 64 wide\), but `[^`]*layers\.1\.mlp\.fc2\.bias` \[64\] is missing\.$/,
    );
    fails(
      emitVaeEncoder,
      changed(sd1, { 'first_stage_model.decoder.mid.attn_1.q.weight': 'missing' }),
      'tensor-mismatch',
      /looks like AutoencoderKL \(LDM key names, 4 latent channels, 2 levels\), but `[^`]*mid\.attn_1\.q\.weight`/,
    );
    fails(
      emitTaesdDecoder,
      changed(taesd, { '19.bias': 'missing' }),
      'tensor-mismatch',
      /TAESD .*`19\.bias` \[3\]/,
    );
  });

  test('is refused with its first keys named where the network is not in it at all', () => {
    for (const emit of Object.values(emitters)) {
      const other = headerOf({ 'some.key': [3], 'other.key': [1] });
      fails(emit, other, 'unsupported-architecture', /received 2 tensors, such as `some\.key`, `other\.key`/);
    }
  });

  test('is refused at once past the limits of what may be asked for', () => {
    const strays = (key: (index: number) => string, shape: readonly number[] = [1]) => ({
      at: (index: number) => changed(sd1, { [key(index)]: { shape } }),
    });
    const blocks = strays((index) => `model.diffusion_model.output_blocks.${index}.0.in_layers.0.weight`);
    fails(emitUNet, blocks.at(maxUNetBlocks - 1), 'tensor-mismatch');
    fails(emitUNet, blocks.at(maxUNetBlocks), 'unsupported-architecture', /at most 64 blocks each way/);
    fails(emitUNet, blocks.at(99999999999), 'unsupported-architecture', /at most 64 blocks each way/);
    const transformer = 'model.diffusion_model.middle_block.1.transformer_blocks';
    const depths = strays((index) => `${transformer}.${index}.norm1.weight`);
    fails(emitUNet, depths.at(maxUNetBlocks - 1), 'tensor-mismatch');
    fails(
      emitUNet,
      depths.at(maxUNetBlocks),
      'unsupported-architecture',
      /transformers of at most 64 blocks/,
    );
    const layers = strays(
      (index) => `cond_stage_model.transformer.text_model.encoder.layers.${index}.mlp.fc1.bias`,
    );
    fails(emitTextEncoder, layers.at(maxLayers - 1), 'tensor-mismatch');
    fails(emitTextEncoder, layers.at(maxLayers), 'unsupported-architecture', /at most 128 layers/);
    const levels = strays((index) => `first_stage_model.decoder.up.${index}.block.0.norm1.bias`);
    fails(emitVaeDecoder, levels.at(maxAutoencoderBlocks - 1), 'tensor-mismatch');
    fails(
      emitVaeDecoder,
      levels.at(maxAutoencoderBlocks),
      'unsupported-architecture',
      /at most 16 levels and blocks/,
    );
  });

  test('with widths that do not make 32 groups is unsupported', () => {
    const narrow = (checkpoint: Checkpoint, from: number, to: number) => {
      const tensors = [...checkpoint.tensors.values()].map(({ name, shape }) => [
        name,
        shape.map((size) => (size === from ? to : size)),
      ]);
      return headerOf(Object.fromEntries(tensors));
    };
    const vae = headerOf(
      Object.fromEntries(
        [...sd1.tensors.values()]
          .filter(({ name }) => name.startsWith('first_stage_model.'))
          .map(({ name, shape }) => [name, shape]),
      ),
    );
    fails(
      emitVaeDecoder,
      narrow(vae, 64, 48),
      'unsupported-architecture',
      /widths that divide by 32 .* of 48/,
    );
  });

  test('is told before anything is loaded, whichever of its networks it is', () => {
    for (const checkpoint of [sd1, sd2, pix2pix]) checkStableDiffusion(checkpoint);
    for (const key of ['model.diffusion_model.out.2.bias', 'first_stage_model.quant_conv.bias']) {
      fails(checkStableDiffusion, changed(sd1, { [key]: 'missing' }), 'tensor-mismatch', new RegExp(key));
    }
    const norm = 'cond_stage_model.transformer.text_model.final_layer_norm.bias';
    fails(checkStableDiffusion, changed(sd1, { [norm]: 'missing' }), 'tensor-mismatch', new RegExp(norm));
  });

  test('of any kind gives one of our errors or a graph, never a crash', () => {
    const checkpoints = [sd1, sd2, pix2pix, taesd];
    const damage = fc.record({
      checkpoint: fc.constantFrom(...checkpoints),
      places: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
      // How much of a key all damaged ones share: a tensor, a layer, a block, a network.
      segments: fc.integer({ min: 1, max: 12 }),
      shape: fc.option(fc.array(fc.nat(70), { maxLength: 5 })),
    });
    fc.assert(
      fc.property(damage, ({ checkpoint, places, segments, shape }) => {
        const keys = [...checkpoint.tensors.keys()];
        const starts = places.map((place) => {
          const key = keys[place % keys.length];
          return key.split('.').slice(0, segments).join('.');
        });
        const hit = keys.filter((key) => starts.some((start) => `${key}.`.startsWith(`${start}.`)));
        const change = shape === null ? ('missing' as const) : { shape };
        const damaged = changed(checkpoint, Object.fromEntries(hit.map((key) => [key, change])));
        for (const emit of Object.values(emitters) as readonly Emit[]) {
          try {
            emit(damaged);
          } catch (error) {
            assert.ok(error instanceof EngineError, String(error));
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});

test('a text encoder is found under the names of old files too', () => {
  const old = [...sd1.tensors.values()].map(({ name, shape }) => [name.replace('.text_model.', '.'), shape]);
  const { model } = emitTextEncoder(headerOf(Object.fromEntries(old)))[0];
  assert.ok(Buffer.from(model).includes('cond_stage_model.transformer.encoder.layers.1.mlp.fc2.weight'));
});

describe('clip skip', () => {
  test('reads one layer earlier for each more, and is refused where there is none', () => {
    const sizes = [1, 2].map((clipSkip) => emitTextEncoder(sd1, { clipSkip })[0].model.length);
    assert.ok(sizes[1] < sizes[0]);
    for (const clipSkip of [0, 3, 1.5]) {
      fails(
        (checkpoint) => emitTextEncoder(checkpoint, { clipSkip }),
        sd1,
        'invalid-option',
        /a clip skip from 1 to 2 for some\.safetensors, received/,
      );
    }
  });
});
