import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { EngineError } from '../../../engine/errors.ts';
import { emitUpscaler } from '../../../engine/graphs/upscaler.ts';
import { maxShards } from '../../../engine/weights/diffusers-folder.ts';
import { maxJsonBytes, maxJsonDepth } from '../../../engine/weights/json-file.ts';
import { openCheckpoint } from '../../../engine/weights/open-checkpoint.ts';
import { openSafetensors, readTensor } from '../../../engine/weights/safetensors.ts';
import { encodeSafetensors } from '../../../models/convert/safetensors-writer.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { goldenFile } from '../checkpoints.ts';
import { runStages } from '../graphs/run-stages.ts';
import { readFloats } from '../graphs/tensors-close.ts';

const stableDiffusion = {
  _class_name: 'StableDiffusionPipeline',
  unet: ['diffusers', 'UNet2DConditionModel'],
  vae: ['diffusers', 'AutoencoderKL'],
  text_encoder: ['transformers', 'CLIPTextModel'],
  image_encoder: [null, null],
};

function weights(...names: string[]): Uint8Array {
  return encodeSafetensors(
    names.map((name, index) => ({ name, dtype: 'U8', shape: [1], data: Uint8Array.of(index + 1) })),
  );
}

const usual: Readonly<Record<string, unknown>> = {
  'model_index.json': stableDiffusion,
  'unet/diffusion_pytorch_model.safetensors': weights('conv_in.weight', 'conv_in.bias'),
  'vae/diffusion_pytorch_model.safetensors': weights('decoder.conv_in.weight'),
  'text_encoder/model.safetensors': weights('text_model.final_layer_norm.weight'),
};

/** Writes files by their names; objects as JSON. Undefined leaves a usual one out. */
async function folderOf(
  context: TestContext,
  files: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const folder = path.join(await temporaryFolder(context), 'model');
  for (const [name, content] of Object.entries({ ...usual, ...files })) {
    if (content === undefined) continue;
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    const isRaw = content instanceof Uint8Array || typeof content === 'string';
    await writeFile(file, isRaw ? content : JSON.stringify(content));
  }
  return folder;
}

const refused = (message: RegExp, code = 'invalid-weights') => {
  return (error: unknown) => {
    assert.ok(error instanceof EngineError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  };
};

describe('a folder of diffusers', () => {
  test('is one checkpoint of its three networks, each tensor in its own file', async (context) => {
    const folder = await folderOf(context);
    const checkpoint = await openCheckpoint(folder);
    assert.deepEqual(
      [...checkpoint.tensors.values()].map(({ name, file }) => [name, path.relative(folder, file!)]),
      [
        ['unet.conv_in.weight', path.join('unet', 'diffusion_pytorch_model.safetensors')],
        ['unet.conv_in.bias', path.join('unet', 'diffusion_pytorch_model.safetensors')],
        ['vae.decoder.conv_in.weight', path.join('vae', 'diffusion_pytorch_model.safetensors')],
        ['text_encoder.text_model.final_layer_norm.weight', path.join('text_encoder', 'model.safetensors')],
      ],
    );
    assert.equal(path.dirname(checkpoint.file), folder);
    assert.deepEqual(await readTensor(checkpoint, 'unet.conv_in.bias'), Uint8Array.of(2));
  });

  test('says what it predicts and at which size it was trained in its configuration', async (context) => {
    const plain = await openCheckpoint(await folderOf(context));
    assert.deepEqual([...plain.metadata], []);
    const { metadata } = await openCheckpoint(
      await folderOf(context, {
        'scheduler/scheduler_config.json': { prediction_type: 'v_prediction', rescale_betas_zero_snr: true },
        'unet/config.json': { sample_size: 96, in_channels: 4 },
      }),
    );
    assert.deepEqual(plain.attention, {});
    assert.deepEqual(Object.fromEntries(metadata), {
      'modelspec.prediction_type': 'v_prediction',
      'modelspec.resolution': '768',
      ss_zero_terminal_snr: 'true',
    });
  });

  test('says how many heads its networks have', async (context) => {
    const attentionOf = async (unet: object, text: object = {}) => {
      const configs = { 'unet/config.json': unet, 'text_encoder/config.json': text };
      return (await openCheckpoint(await folderOf(context, configs))).attention;
    };
    assert.deepEqual(await attentionOf({ attention_head_dim: 8 }), { unetHeads: [8] });
    assert.deepEqual(
      await attentionOf(
        { attention_head_dim: [5, 10, 20, 20], num_attention_heads: null, norm_eps: 1e-5 },
        { num_attention_heads: 16, hidden_act: 'gelu', layer_norm_eps: 1e-5 },
      ),
      { unetHeads: [5, 10, 20, 20], textHeads: 16, textActivation: 'gelu' },
    );
    assert.deepEqual(await attentionOf({ attention_head_dim: 64, num_attention_heads: [2, 4] }), {
      unetHeads: [2, 4],
    });
  });

  test('has its weights in shards, in half precision, or as files of torch.save', async (context) => {
    const torch = path.join(import.meta.dirname, '../../golden/torch-files');
    const folder = await folderOf(context, {
      'unet/diffusion_pytorch_model.safetensors': undefined,
      'unet/diffusion_pytorch_model.safetensors.index.json': {
        metadata: { total_size: 3 },
        weight_map: { a: 'part-1.safetensors', b: 'part-2.safetensors', c: 'part-1.safetensors' },
      },
      'unet/part-1.safetensors': weights('a', 'c'),
      'unet/part-2.safetensors': weights('b'),
      'vae/diffusion_pytorch_model.safetensors': undefined,
      'vae/diffusion_pytorch_model.fp16.safetensors': weights('half'),
      'text_encoder/model.safetensors': undefined,
      'text_encoder/pytorch_model.bin': await readFile(path.join(torch, 'float8.pt')),
    });
    const { tensors } = await openCheckpoint(folder);
    assert.deepEqual(
      [...tensors].map(([name, { file }]) => [name, path.basename(file!)]),
      [
        ['unet.a', 'part-1.safetensors'],
        ['unet.c', 'part-1.safetensors'],
        ['unet.b', 'part-2.safetensors'],
        ['vae.half', 'diffusion_pytorch_model.fp16.safetensors'],
        ['text_encoder.weight', 'pytorch_model.bin'],
      ],
    );
    await copyFile(
      path.join(torch, 'checkpoint-legacy.pth'),
      path.join(folder, 'text_encoder/pytorch_model.bin'),
    );
    assert.ok((await openCheckpoint(folder)).tensors.has('text_encoder.float.weight'));
  });

  test('may be one of links into a download cache', async (context) => {
    const folder = await folderOf(context);
    const cache = path.join(path.dirname(folder), 'blobs');
    await mkdir(cache);
    const linked = {
      'unet/diffusion_pytorch_model.safetensors': 'aa',
      'vae/diffusion_pytorch_model.safetensors': 'bb',
    };
    try {
      for (const [name, blob] of Object.entries(linked)) {
        const file = path.join(folder, name);
        await copyFile(file, path.join(cache, blob));
        await rm(file);
        await symlink(path.join(cache, blob), file);
      }
    } catch (error) {
      return context.skip(`no links can be made here: ${(error as Error).message}`);
    }
    const checkpoint = await openCheckpoint(folder);
    assert.equal(path.dirname(checkpoint.file), path.dirname(folder));
    assert.equal(checkpoint.tensors.get('unet.conv_in.weight')!.file, path.join(cache, 'aa'));
  });

  test('is read by the runtime from the files below its own', async (context) => {
    const own = await openSafetensors(goldenFile('srvgg-x2-fp16'));
    const folder = await temporaryFolder(context);
    const shard = path.join(folder, 'unet', 'shard.safetensors');
    await mkdir(path.dirname(shard));
    await copyFile(own.file, shard);
    const tensors = new Map([...own.tensors].map(([key, entry]) => [key, { ...entry, file: shard }]));
    const spread = { ...own, file: path.join(folder, 'model_index.json'), tensors };
    const golden = goldenFile('srvgg-x2-fp16').replace('.safetensors', '.golden.safetensors');
    const image = await readFloats(await openSafetensors(golden), 'image');
    const results = await Promise.all(
      [own, spread].map((one) => runStages(emitUpscaler(one), { image }, { weightsFile: one.file })),
    );
    assert.deepEqual(results[1]!.upscaled, results[0]!.upscaled);
  });
});

describe('a configuration of what these networks never have is refused, by its file and key', () => {
  for (const [file, config, message] of [
    [
      'unet/config.json',
      { norm_num_groups: 16 },
      /`norm_num_groups` to be 32 in .*unet.config\.json.*, received 16/,
    ],
    ['unet/config.json', { only_cross_attention: [false, true] }, /`only_cross_attention` to be false/],
    ['unet/config.json', { attention_head_dim: [8, 0] }, /`attention_head_dim` to be whole numbers from 1/],
    ['unet/config.json', { attention_head_dim: 2.5 }, /`attention_head_dim` .* received 2\.5/],
    ['unet/config.json', { attention_head_dim: [] }, /`attention_head_dim` .* received \[\]/],
    ['unet/config.json', { attention_head_dim: { a: 1 } }, /`attention_head_dim` .* received an object/],
    ['vae/config.json', { scaling_factor: 0.13025 }, /`scaling_factor` to be 0\.18215/],
    ['text_encoder/config.json', { hidden_act: 'relu' }, /`hidden_act` to be gelu or quick_gelu/],
    ['text_encoder/config.json', { hidden_act: 'toString' }, /`hidden_act`/],
    ['scheduler/scheduler_config.json', { prediction_type: 'flow_prediction' }, /`prediction_type`/],
    ['scheduler/scheduler_config.json', { beta_schedule: 'linear' }, /`beta_schedule` to be "scaled_linear"/],
  ] as const) {
    test(`${file} ${JSON.stringify(config)}`, async (context) => {
      const folder = await folderOf(context, { [file]: config });
      await assert.rejects(openCheckpoint(folder), refused(message, 'unsupported-architecture'));
    });
  }
});

describe('a folder that is no use is refused', () => {
  const shards = (weightMap: unknown, files: Readonly<Record<string, unknown>> = {}) => ({
    'unet/diffusion_pytorch_model.safetensors': undefined,
    'unet/diffusion_pytorch_model.safetensors.index.json': { weight_map: weightMap },
    'unet/part.safetensors': weights('a'),
    ...files,
  });
  const cases: readonly (readonly [string, RegExp, Readonly<Record<string, unknown>>])[] = [
    ['without an index', /a folder of diffusers.*no model_index\.json/, { 'model_index.json': undefined }],
    [
      'without a network',
      /of the vae in .*vae, received none/,
      { 'vae/diffusion_pytorch_model.safetensors': undefined },
    ],
    ['with an index that is no JSON', /JSON/, { 'model_index.json': '{' }],
    ['with an index that is no object', /an object/, { 'model_index.json': '[]' }],
    ['with a key twice', /each key once/, { 'model_index.json': '{"unet":[],"unet":[]}' }],
    [
      'with half of a file',
      /at least 1 bytes of tensors, with `x` at their end, .*received 0/,
      { 'text_encoder/model.safetensors': weights('x').subarray(0, -1) },
    ],
    ['with a shard that is missing', /a weights file at .*gone/, shards({ a: 'gone.safetensors' })],
    [
      'with a shard that lacks a tensor',
      /2 tensors in its shards.* received 1/,
      shards({ a: 'part.safetensors', b: 'part.safetensors' }),
    ],
    [
      'with a shard that has more than the index says',
      /`b` as a tensor of part/,
      shards({ a: 'part.safetensors' }, { 'unet/part.safetensors': weights('a', 'b') }),
    ],
    ['with an index without weights', /a `weight_map`/, shards(null)],
  ];
  for (const [name, message, files] of cases) {
    test(name, async (context) => {
      const code = message.source.startsWith('a weights file') ? 'model-not-found' : 'invalid-weights';
      await assert.rejects(openCheckpoint(await folderOf(context, files)), refused(message, code));
    });
  }

  const outside = [
    '../vae/x.safetensors',
    '/etc/x.safetensors',
    '..',
    'a/b.safetensors',
    'a\\b.safetensors',
    'C:x.safetensors',
    '.safetensors',
    '',
    'x.json',
    7,
    null,
    ['x'],
  ];
  for (const shard of outside) {
    test(`with a shard ${JSON.stringify(shard)}, which is no file beside its index`, async (context) => {
      const folder = await folderOf(context, shards({ a: shard }));
      await assert.rejects(openCheckpoint(folder), refused(/names of \.safetensors files/));
    });
  }

  test('with one shard more than the limit, not with the limit', async (context) => {
    const map = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`k${index}`, `gone-${index}.safetensors`]),
      );
    await assert.rejects(
      openCheckpoint(await folderOf(context, shards(map(maxShards)))),
      refused(/gone-0/, 'model-not-found'),
    );
    await assert.rejects(
      openCheckpoint(await folderOf(context, shards(map(maxShards + 1)))),
      refused(/at most 100 shards/),
    );
  });

  test('with an index deeper or longer than the limits', async (context) => {
    const nested = (depth: number) => `{"x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    const atLimit = await folderOf(context, { 'model_index.json': nested(maxJsonDepth) });
    await assert.rejects(openCheckpoint(atLimit), refused(/unknown pipeline/, 'unsupported-architecture'));
    const past = await folderOf(context, { 'model_index.json': nested(maxJsonDepth + 1) });
    await assert.rejects(openCheckpoint(past), refused(/nesting at most 8 deep/));
    const long = await folderOf(context, { 'model_index.json': '{}'.padEnd(maxJsonBytes) });
    await assert.rejects(openCheckpoint(long), refused(/unknown pipeline/, 'unsupported-architecture'));
    const longer = await folderOf(context, { 'model_index.json': '{}'.padEnd(maxJsonBytes + 1) });
    await assert.rejects(openCheckpoint(longer), refused(/JSON of at most 16777216 bytes/));
  });

  const pipelines = [
    { _class_name: 'StableVideoDiffusionPipeline', unet: ['a', 'b'], image_encoder: ['a', 'b'] },
    { _class_name: 'FluxPipeline', transformer: ['a', 'b'] },
  ];
  for (const index of pipelines) {
    test(`of ${index._class_name}, by that name`, async (context) => {
      const folder = await folderOf(context, { 'model_index.json': index });
      const message = new RegExp(`looks like a model for diffusers' ${index._class_name}; not supported yet`);
      await assert.rejects(openCheckpoint(folder), refused(message, 'unsupported-architecture'));
    });
  }
});
