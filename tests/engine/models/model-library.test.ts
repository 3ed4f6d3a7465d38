import assert from 'node:assert/strict';
import { copyFile, mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ModelFolder } from '../../../engine/api.ts';
import { EngineError } from '../../../engine/errors.ts';
import { ModelLibrary } from '../../../engine/models/model-library.ts';
import { encodeSafetensors, type TensorToWrite } from '../../../models/convert/safetensors-writer.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { goldenFile, shippedFolder, smallestUpscalerBytes, writeSmallestUpscaler } from '../checkpoints.ts';
import { ldmVae, networkShapes, type Shapes, sd1Checkpoint, sd1Text } from './headers.ts';

const shipped: ModelFolder = { folder: shippedFolder, origin: 'built-in' };
const shippedUpscalers = [
  'realesr-animevideov3',
  'realesr-general-x4v3',
  'realesrgan-x4plus',
  'realesrgan-x4plus-anime',
];

async function userFolder(context: TestContext): Promise<ModelFolder> {
  return { folder: await temporaryFolder(context), origin: 'user' };
}

async function namesOf(library: ModelLibrary): Promise<readonly string[]> {
  return (await library.list()).map(({ name }) => name);
}

const fails = (code: string, ...patterns: readonly RegExp[]) => {
  return (error: unknown) => {
    assert.ok(error instanceof EngineError, String(error));
    assert.equal(error.code, code, error.message);
    for (const pattern of patterns) assert.match(error.message, pattern);
    return true;
  };
};

test('the weightless fill comes first, then every file in order, with what its header and the catalogue say', async () => {
  const models = await new ModelLibrary([shipped]).list();
  assert.deepEqual(
    models.map(({ name, kind }) => [name, kind]),
    [
      ['patchmatch', 'fill'],
      ['inlay-mini', 'checkpoint'],
      ['inlay-mini-control-edges', 'controlnet'],
      ...shippedUpscalers.map((name) => [name, 'upscaler']),
    ],
  );
  const { fileBytes, ...general } = models.find(({ name }) => name === 'realesr-general-x4v3')!;
  assert.ok(fileBytes! > 1_000_000);
  assert.deepEqual(general, {
    name: 'realesr-general-x4v3',
    kind: 'upscaler',
    architecture: 'SRVGGNetCompact',
    origin: 'built-in',
    scale: 4,
    licence: 'BSD-3-Clause',
  });
});

test('files are found in sub-folders, down to the third level and no further', async (context) => {
  const user = await userFolder(context);
  const deep = path.join(user.folder, 'a', 'b', 'c');
  await mkdir(deep, { recursive: true });
  await copyFile(goldenFile('srvgg-x2-fp16'), path.join(deep, 'four-deep.safetensors'));
  await copyFile(goldenFile('srvgg-x2-fp16'), path.join(deep, '..', 'three-deep.safetensors'));
  await copyFile(goldenFile('srvgg-x2-fp16'), path.join(user.folder, 'top.v1.0.safetensors'));
  await writeFile(path.join(user.folder, 'notes.txt'), 'not a model');
  assert.deepEqual(await namesOf(new ModelLibrary([user])), ['patchmatch', 'three-deep', 'top.v1.0']);
});

test("the weights of a network of diffusers, which always have the same name, go by their folder's", async (context) => {
  const user = await userFolder(context);
  for (const name of ['one', 'two']) {
    await mkdir(path.join(user.folder, name));
    const file = path.join(user.folder, name, 'diffusion_pytorch_model.fp16.safetensors');
    await copyFile(goldenFile('srvgg-x2-fp16'), file);
  }
  assert.deepEqual(await namesOf(new ModelLibrary([user])), ['patchmatch', 'one', 'two']);
});

test('files of torch.save are listed and used like others; of two formats of one model, safetensors', async (context) => {
  const user = await userFolder(context);
  const pth = path.join(import.meta.dirname, '../../golden/torch-files/srvgg-x2-fp16.pth');
  await copyFile(pth, path.join(user.folder, 'only.pth'));
  await copyFile(pth, path.join(user.folder, 'both.ckpt'));
  await copyFile(goldenFile('srvgg-x2-fp16'), path.join(user.folder, 'both.safetensors'));
  const library = new ModelLibrary([user]);
  assert.deepEqual(await namesOf(library), ['patchmatch', 'both', 'only']);
  assert.equal((await library.upscaler({ name: 'only' })).scale, 2);
  const { file } = await library.resolve({ name: 'both' }, 'upscaler');
  assert.equal(path.extname(file!), '.safetensors');
});

test("a user's file hides a shipped one of its name", async (context) => {
  const user = await userFolder(context);
  await copyFile(goldenFile('srvgg-x2-fp16'), path.join(user.folder, 'realesrgan-x4plus.safetensors'));
  const library = new ModelLibrary([user, shipped]);
  const models = (await library.list()).filter(({ name }) => name === 'realesrgan-x4plus');
  assert.deepEqual(
    models.map(({ origin, scale, licence }) => ({ origin, scale, licence })),
    [{ origin: 'user', scale: 2, licence: undefined }],
  );
  const { file } = await library.resolve({ name: 'realesrgan-x4plus' }, 'upscaler');
  assert.equal(path.dirname(file!), user.folder);
});

test('a file that is no use is listed with what is wrong with it, and refused with the same words', async (context) => {
  const user = await userFolder(context);
  const whole = smallestUpscalerBytes({ scale: 2, features: 4 });
  await writeFile(path.join(user.folder, 'cut.safetensors'), whole.subarray(0, whole.length - 10));
  await writeFile(path.join(user.folder, 'empty.safetensors'), '');
  await writeFile(path.join(user.folder, 'lying.safetensors'), 'This is a text and no model at all.');
  await mkdir(path.join(user.folder, 'x', 'y', 'folder.safetensors'), { recursive: true });
  const library = new ModelLibrary([user]);
  const models = (await library.list()).filter(({ kind }) => kind === 'unknown');
  assert.deepEqual(
    models.map(({ name }) => name),
    ['cut', 'empty', 'lying', 'folder'],
  );
  for (const { name, architecture, problem } of models) {
    assert.equal(architecture, 'unknown');
    assert.ok(problem);
    await assert.rejects(library.resolve({ name }, 'upscaler'), (error) => {
      assert.ok(error instanceof EngineError);
      assert.equal(error.code, 'invalid-weights');
      assert.ok(error.message.includes(`\`${name}\``) && error.message.includes(problem), error.message);
      return true;
    });
  }
});

test('a sound file of another kind of network is refused as such, not as damaged', async (context) => {
  const user = await userFolder(context);
  const header = JSON.stringify({ 'unknown.weight': { dtype: 'F32', shape: [1], data_offsets: [0, 4] } });
  const bytes = Buffer.alloc(8 + header.length + 4);
  bytes.writeBigUInt64LE(BigInt(header.length));
  bytes.write(header, 8);
  await writeFile(path.join(user.folder, 'other.safetensors'), bytes);
  await assert.rejects(new ModelLibrary([user]).resolve({ name: 'other' }, 'upscaler'), (error) => {
    assert.ok(error instanceof EngineError);
    assert.equal(error.code, 'unsupported-architecture');
    assert.match(error.message, /`other` cannot be used: .*`unknown\.weight`/);
    return true;
  });
});

test('checkpoints, VAEs and embeddings are listed as what they are, others with what they look like', async (context) => {
  const user = await userFolder(context);
  const write = (name: string, shapes: Shapes, metadata: Readonly<Record<string, string>> = {}) => {
    const tensors = Object.entries(shapes).map(([key, shape]): TensorToWrite => {
      const elements = shape.reduce((product, size) => product * size, 1);
      return { name: key, dtype: 'F16', shape, data: new Uint8Array(2 * elements) };
    });
    return writeFile(path.join(user.folder, `${name}.safetensors`), encodeSafetensors(tensors, metadata));
  };
  await write(
    'a',
    { ...(await networkShapes('inpainting-bf16')), ...sd1Text },
    {
      'modelspec.title': 'Mine',
      'modelspec.license': 'CC0-1.0',
      'modelspec.resolution': '128x128',
      'modelspec.prediction_type': 'v',
    },
  );
  await write('b', ldmVae);
  await write('c', { emb_params: [3, 768] });
  await write('d', { 'lora_unet_x.lora_down.weight': [4, 4] });
  const library = new ModelLibrary([user]);
  const models = (await library.list()).slice(1).map(({ fileBytes: _, ...model }) => model);
  const origin = 'user';
  assert.deepEqual(models.slice(0, 3), [
    {
      name: 'a',
      kind: 'checkpoint',
      architecture: 'Stable Diffusion 1.x inpainting',
      family: 'sd1',
      variant: 'inpainting',
      origin,
      title: 'Mine',
      licence: 'CC0-1.0',
      resolution: { width: 128, height: 128 },
      predictionType: 'v_prediction',
    },
    { name: 'b', kind: 'vae', architecture: 'AutoencoderKL', origin },
    { name: 'c', kind: 'embedding', architecture: 'Textual inversion', vectors: 3, family: 'sd1', origin },
  ]);
  const { kind, architecture, problem } = models[3]!;
  assert.deepEqual([kind, architecture, problem], ['lora', 'LoRA', undefined]);
  assert.equal((await library.resolve({ name: 'a' }, 'checkpoint')).info.title, 'Mine');
  // The file itself comes before what lies beside it.
  await writeFile(path.join(user.folder, 'a.yaml'), 'parameterization: eps');
  await write('e', await networkShapes('sd1'));
  await writeFile(path.join(user.folder, 'e.yaml'), 'parameterization: eps');
  const predictions = (await library.list()).map(({ name, predictionType }) => [name, predictionType]);
  assert.deepEqual(Object.fromEntries(predictions), {
    patchmatch: undefined,
    a: 'v_prediction',
    b: undefined,
    c: undefined,
    d: undefined,
    e: 'epsilon',
  });
  await assert.rejects(
    library.resolve({ name: 'b' }, 'checkpoint'),
    fails('invalid-option', /makes pictures from a prompt, received `b`, which is of the kind "vae"/),
  );
});

test('what was trained at other sizes than its family is known by its name, or by what it predicts', async (context) => {
  const user = await userFolder(context);
  const [xl, sd2] = [await networkShapes('sdxl'), await networkShapes('sd2-fp16')];
  for (const [name, shapes, metadata, side] of [
    ['sd_xl_turbo_1.0', xl, {}, 512],
    ['sd_xl_lightning', xl, {}, undefined],
    ['v2-1', sd2, {}, undefined],
    ['v2-1-base', sd2, { 'modelspec.prediction_type': 'epsilon' }, 512],
  ] as const) {
    const tensors = Object.entries(shapes).map(([key, shape]): TensorToWrite => {
      const elements = shape.reduce((product, size) => product * size, 1);
      return { name: key, dtype: 'F16', shape, data: new Uint8Array(2 * elements) };
    });
    await writeFile(path.join(user.folder, `${name}.safetensors`), encodeSafetensors(tensors, metadata));
    const { resolution, problem } = (await new ModelLibrary([user]).list()).find(
      (each) => each.name === name,
    )!;
    assert.deepEqual([resolution?.width, problem], [side, undefined], name);
  }
});

test('a checkpoint that lacks a tensor is listed with what is missing', async (context) => {
  const user = await userFolder(context);
  const tensors = Object.entries(sd1Checkpoint()).map(([name, shape]): TensorToWrite => {
    const elements = shape.reduce((product, size) => product * size, 1);
    return { name, dtype: 'F16', shape, data: new Uint8Array(2 * elements) };
  });
  await writeFile(path.join(user.folder, 'part.safetensors'), encodeSafetensors(tensors));
  const library = new ModelLibrary([user]);
  const [, model] = await library.list();
  assert.equal(model?.kind, 'unknown');
  assert.match(model?.problem ?? '', /is missing|blocks/);
  await assert.rejects(
    library.resolve({ name: 'part' }, 'checkpoint'),
    fails('tensor-mismatch', /`part` cannot be used/),
  );
});

test('a folder of diffusers is one model, read again when a file in it has changed', async (context) => {
  const user = await userFolder(context);
  const folder = path.join(user.folder, 'sorted', 'my-model');
  const write = async (name: string, shapes: Shapes) => {
    const tensors = Object.entries(shapes).map(([key, shape]): TensorToWrite => {
      const elements = shape.reduce((product, size) => product * size, 1);
      return { name: key, dtype: 'F16', shape, data: new Uint8Array(2 * elements) };
    });
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), encodeSafetensors(tensors));
  };
  const shapes = Object.entries(await networkShapes('diffusers-pix2pix'));
  const partOf = (prefix: string): Shapes =>
    Object.fromEntries(
      shapes
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, shape]) => [key.slice(prefix.length), shape]),
    );
  const unet = (inChannels: number) =>
    write('unet/diffusion_pytorch_model.safetensors', {
      ...partOf('unet.'),
      'conv_in.weight': [32, inChannels, 3, 3],
    });
  await unet(4);
  await write('vae/diffusion_pytorch_model.safetensors', partOf('vae.'));
  await write('text_encoder/model.safetensors', partOf('text_encoder.'));
  const part = ['diffusers', 'x'];
  await writeFile(
    path.join(folder, 'model_index.json'),
    JSON.stringify({ unet: part, vae: part, text_encoder: part }),
  );
  const library = new ModelLibrary([user]);
  const [, model, ...rest] = await library.list();
  assert.deepEqual(
    [model?.name, model?.kind, model?.family, model?.variant, rest],
    ['my-model', 'checkpoint', 'sd1', 'base', []],
  );
  assert.equal((await library.resolve({ name: 'my-model' }, 'checkpoint')).file, folder);
  const pointedAt = await new ModelLibrary([{ folder, origin: 'user' }]).list();
  assert.deepEqual(
    pointedAt.map(({ name }) => name),
    ['patchmatch', 'my-model'],
  );
  await unet(9);
  const [, changed] = await library.list();
  assert.equal(changed?.variant, 'inpainting');
});

test('a link that leads nowhere is listed with its problem and keeps nothing else from being listed', async (context) => {
  const user = await userFolder(context);
  await copyFile(goldenFile('srvgg-x4'), path.join(user.folder, 'good.safetensors'));
  try {
    await symlink(path.join(user.folder, 'gone'), path.join(user.folder, 'bad.safetensors'));
  } catch (error) {
    return context.skip(`no links can be made here: ${(error as Error).message}`);
  }
  const models = await new ModelLibrary([user]).list();
  assert.deepEqual(
    models.map(({ name, problem }) => [name, problem === undefined]),
    [
      ['patchmatch', true],
      ['bad', false],
      ['good', true],
    ],
  );
});

test('a file dropped in later is found, and one taken out is gone', async (context) => {
  const user = await userFolder(context);
  const library = new ModelLibrary([user]);
  assert.deepEqual(await namesOf(library), ['patchmatch']);
  const file = path.join(user.folder, 'later.safetensors');
  await copyFile(goldenFile('srvgg-x4'), file);
  assert.deepEqual(await namesOf(library), ['patchmatch', 'later']);
  assert.equal((await library.upscaler({ name: 'later' })).scale, 4);
  await rm(file);
  assert.deepEqual(await namesOf(library), ['patchmatch']);
  await assert.rejects(library.resolve({ name: 'later' }, 'upscaler'), fails('model-not-found'));
});

test('a changed file is read again: by its size, and by its time alone', async (context) => {
  const user = await userFolder(context);
  const file = path.join(user.folder, 'model.safetensors');
  const library = new ModelLibrary([user]);
  const scale = async () => (await library.list())[1]!.scale;
  await writeSmallestUpscaler(file, { scale: 2, features: 4 });
  assert.equal(await scale(), 2);
  await writeSmallestUpscaler(file, { scale: 3, features: 4 });
  assert.equal(await scale(), 3);
  // As long as before, but broken: only the time tells.
  const bytes = smallestUpscalerBytes({ scale: 3, features: 4 });
  bytes[8] = 0;
  await writeFile(file, bytes);
  await utimes(file, new Date(), new Date(Date.now() + 10_000));
  const [, broken] = await library.list();
  assert.match(broken!.problem ?? '', /header/);
});

test('a folder that is not there has no models', async (context) => {
  const user = await userFolder(context);
  const library = new ModelLibrary([{ folder: path.join(user.folder, 'none'), origin: 'user' }]);
  assert.deepEqual(await namesOf(library), ['patchmatch']);
});

test('a model of another kind is refused with both kinds named', async () => {
  const library = new ModelLibrary([shipped]);
  await assert.rejects(
    library.resolve({ name: 'patchmatch' }, 'upscaler'),
    fails('invalid-option', /can upscale, received `patchmatch`, which is of the kind "fill"/),
  );
  await assert.rejects(
    library.resolve({ name: 'realesrgan-x4plus' }, 'fill'),
    fails('invalid-option', /can fill without a prompt, received `realesrgan-x4plus`.*"upscaler"/),
  );
});

test('an unknown name is refused with the names that there are', async () => {
  await assert.rejects(
    new ModelLibrary([shipped]).resolve({ name: 'esrgan' }, 'upscaler'),
    fails(
      'model-not-found',
      /`esrgan`/,
      new RegExp(['patchmatch', 'inlay-mini', 'inlay-mini-control-edges', ...shippedUpscalers].join(', ')),
    ),
  );
});

test('a name is never taken for a path', async (context) => {
  const user = await userFolder(context);
  await mkdir(path.join(user.folder, 'in'));
  await copyFile(goldenFile('srvgg-x4'), path.join(user.folder, 'in', 'model.safetensors'));
  const library = new ModelLibrary([user]);
  const absolute = path.join(user.folder, 'in', 'model');
  const names = [
    'in/model',
    'in\\model',
    '../model',
    absolute,
    `${absolute}.safetensors`,
    'model.safetensors',
    '',
  ];
  for (const name of names) {
    await assert.rejects(library.resolve({ name }, 'upscaler'), fails('model-not-found'));
  }
});

test('a file is taken by its path, wherever it is, and without changing how it is listed', async (context) => {
  const user = await userFolder(context);
  const file = path.join(user.folder, 'elsewhere.safetensors');
  await copyFile(goldenFile('srvgg-x3-one-slope'), file);
  const library = new ModelLibrary([shipped]);
  const { info } = await library.resolve({ file }, 'upscaler');
  assert.deepEqual([info.name, info.scale, info.origin], ['elsewhere', 3, 'user']);
  await library.resolve({ file: path.join(shippedFolder, 'realesrgan-x4plus.safetensors') }, 'upscaler');
  const listed = (await library.list()).find(({ name }) => name === 'realesrgan-x4plus');
  assert.deepEqual([listed?.origin, listed?.licence], ['built-in', 'BSD-3-Clause']);
  await assert.rejects(
    library.resolve({ file: `${file}x` }, 'upscaler'),
    fails('model-not-found', /elsewhere/),
  );
});
