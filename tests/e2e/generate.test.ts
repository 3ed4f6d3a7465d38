/** `generate`, `fill --prompt` and `vary` with the real engine, and their pictures beside those that diffusers draws with the same checkpoint. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { TaskEstimate } from '../../engine/api.ts';
import { encodeSafetensors } from '../../models/convert/safetensors-writer.ts';
import { pipelineGoldens, writeHashedCheckpoint } from '../engine/hashed-checkpoint.ts';
import { type Shapes, sdxlCheckpoint } from '../engine/models/headers.ts';
import { bytesOf, global, pickle, text } from '../engine/weights/pickle-writer.ts';
import { zip } from '../engine/weights/zip-writer.ts';
import { assertFailure, Inlay, readOutcome, type WrittenPictures } from './inlay.ts';
import { load, pngText } from './sample-pictures.ts';

/** Writes a file of which the header is enough. */
function header(shapes: Shapes) {
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    const elements = shape.reduce((product, size) => product * size, 1);
    return { name, dtype: 'F16', shape, data: new Uint8Array(2 * elements) } as const;
  });
  return (file: string) => writeFile(file, encodeSafetensors(tensors));
}

/** What Python would run a command of. */
function maliciousArchive(): Uint8Array {
  const call = pickle(global('posix', 'system'), text('echo owned'), bytesOf(0x85), 'R');
  return zip([
    { name: 'archive/data.pkl', data: call },
    { name: 'archive/version', data: Buffer.from('3\n') },
  ]);
}

let inlay: Inlay;

before(async () => {
  inlay = await Inlay.build();
  await writeHashedCheckpoint(inlay.file('tiny.safetensors'), 'base');
});
after(() => inlay.remove());

const asDiffusers = [
  ...['--prompt', 'a red house in a green meadow', '--seed', '7', '--rng', 'cpu', '--scheduler', 'ddim'],
  ...['--steps', '6', '--guidance-scale', '7.5', '--size', '64x64'],
] as const;
const quick = ['--prompt', 'a', '--scheduler', 'ddim', '--steps', '1', '--size', '64x64'] as const;
const tiny = ['--model', 'tiny.safetensors'] as const;

function generate(...options: readonly string[]) {
  return inlay.run(['generate', '-o', 'out.png', ...options]);
}

test('generate draws what diffusers draws, every pixel within 2 of 255, and says what it wrote', async () => {
  const outcome = await inlay.run(['generate', ...tiny, ...asDiffusers, '-o', 'house.png', '--json']);
  const { operation, files } = readOutcome<WrittenPictures>(outcome);
  assert.equal(operation, 'generate');
  const [{ file, width, height, seed, request }] = files as [WrittenPictures['files'][number]];
  assert.deepEqual([file, width, height, seed], ['house.png', 64, 64, 7]);
  const picture = await load(inlay.file('house.png'));
  const golden = await load(path.join(pipelineGoldens, 'generate.png'));
  const worst = picture.data.reduce((most, value, i) => Math.max(most, Math.abs(value - golden.data[i]!)), 0);
  assert.ok(worst <= 2, `${worst} apart`);
  assert.deepEqual(request, {
    operation: 'generate',
    model: 'tiny',
    output: { format: 'png', quality: 90 },
    prompt: 'a red house in a green meadow',
    negativePrompt: '',
    scheduler: 'ddim',
    numInferenceSteps: 6,
    guidanceScale: 7.5,
    guidanceRescale: 0,
    highResolution: 'auto',
    highResolutionStrength: 0.5,
    upscaler: 'realesr-general-x4v3',
    seed: 7,
    rng: 'cpu',
    clipSkip: 1,
    width: 64,
    height: 64,
    count: 1,
  });
  assert.deepEqual(JSON.parse(pngText(await readFile(inlay.file('house.png')), 'inlay')!), request);
});

test('picture i of a batch is the one of seed + i', async () => {
  await inlay.run(['generate', ...tiny, ...quick, '--seed', '41', '--count', '2', '-o', 'batch.png']);
  await inlay.run(['generate', ...tiny, ...quick, '--seed', '42', '-o', 'single.png']);
  const [second, single] = [await load(inlay.file('batch-2.png')), await load(inlay.file('single.png'))];
  assert.equal(Buffer.compare(second.data, single.data), 0);
});

test("without a model of one's own the checkpoint that comes with Inlay draws, and says how to get another", async () => {
  const { stderr, stdout } = await generate(
    '--prompt',
    'a red house',
    '--size',
    '128x128',
    '--steps',
    '2',
    '--json',
  );
  const [{ request }] = readOutcome<WrittenPictures>({ code: 0, stderr, stdout }).files as [
    WrittenPictures['files'][number],
  ];
  assert.equal(request.model, 'inlay-mini');
  assert.match(stderr, /^Drawn by inlay-mini, .*copy a Stable Diffusion checkpoint/m);
  const byOther = await generate(...quick, ...tiny);
  assert.equal(byOther.stderr, '');
});

const asDiffusersFills = [
  ...['--prompt', 'a red house in a green meadow', '--rng', 'cpu', '--scheduler', 'ddim', '--steps', '6'],
  ...['--strength', '0.6', '--working-size', 'native'],
] as const;
const sourceFile = path.join(pipelineGoldens, 'source.png');
const maskFile = path.join(pipelineGoldens, 'mask.png');

test('fill with a prompt draws what diffusers draws under the mask, and keeps every bit outside', async () => {
  await writeHashedCheckpoint(inlay.file('hole.safetensors'), 'inpainting');
  const outcome = await inlay.run([
    ...['fill', sourceFile, '--mask', maskFile, ...asDiffusersFills, '--context', 'whole', '--seed', '14'],
    ...['--model', 'hole.safetensors', '-o', 'filled.png'],
  ]);
  assert.equal(outcome.code, 0, outcome.stderr);
  const [filled, source, mask, golden] = await Promise.all(
    [inlay.file('filled.png'), sourceFile, maskFile, path.join(pipelineGoldens, 'fill-partly.png')].map(load),
  );
  for (const [i, value] of filled!.data.entries()) {
    if (mask!.data[i] === 0) assert.equal(value, source!.data[i], `sample ${i}`);
    else assert.ok(Math.abs(value - golden!.data[i]!) <= 2, `sample ${i}`);
  }
});

test('an estimate says what a fill would be shown, and writes nothing; a server is not asked', async () => {
  const fill = ['fill', sourceFile, '--mask', maskFile, '--prompt', 'a', '--estimate', '-o', 'none.png'];
  const outcome = await inlay.run([...fill, ...tiny, '--steps', '3', '--context', 'tight', '--json']);
  const { operation, estimate } = readOutcome<{ operation: string; estimate: TaskEstimate }>(outcome);
  assert.equal(operation, 'fill');
  const { width, height } = await load(sourceFile);
  assert.deepEqual([estimate.outputWidth, estimate.outputHeight, estimate.steps], [width, height, 3]);
  assert.equal(estimate.outcome, 'fits');
  await assert.rejects(readFile(inlay.file('none.png')), { code: 'ENOENT' });
  const asked = await inlay.run([...fill, '--server', 'http://localhost:41730', '--json']);
  assertFailure(asked, { exitCode: 2, code: 'invalid-option', message: /--estimate without --server/ });
});

test('vary draws what diffusers draws', async () => {
  const outcome = await inlay.run([
    'vary',
    sourceFile,
    ...asDiffusersFills,
    ...tiny,
    '--seed',
    '12',
    '-o',
    'varied.png',
  ]);
  assert.equal(outcome.code, 0, outcome.stderr);
  const [varied, golden] = await Promise.all(
    [inlay.file('varied.png'), path.join(pipelineGoldens, 'vary.png')].map(load),
  );
  for (const [i, value] of varied!.data.entries())
    assert.ok(Math.abs(value - golden!.data[i]!) <= 2, `sample ${i}`);
});

test('vary by an instruction draws what diffusers draws with a pix2pix checkpoint, from its file', async () => {
  await writeHashedCheckpoint(inlay.file('instruct.safetensors'), 'pix2pix');
  const outcome = await inlay.run([
    ...['vary', sourceFile, ...asDiffusersFills, '--strength', '1', '--working-size', '64x64'],
    ...['--negative-prompt', 'a blue sea at night', '--image-guidance-scale', '1.5', '--seed', '19'],
    ...['--model', 'instruct.safetensors', '-o', 'instructed.png'],
  ]);
  assert.equal(outcome.code, 0, outcome.stderr);
  const [instructed, golden] = await Promise.all(
    [inlay.file('instructed.png'), path.join(pipelineGoldens, 'vary-pix2pix.png')].map(load),
  );
  for (const [i, value] of instructed!.data.entries())
    assert.ok(Math.abs(value - golden!.data[i]!) <= 2, `sample ${i}`);
});

describe('what generate refuses', { concurrency: 2 }, () => {
  for (const [what, options, message] of [
    [
      'a size of no multiple of 8',
      [...tiny, '--prompt', 'a', '--size', '68x64'],
      /`width` to be a multiple of 8, received 68/,
    ],
    ['a size that is none', [...tiny, '--prompt', 'a', '--size', '64'], /such as 768x512/],
    ['an unknown scheduler', [...tiny, '--prompt', 'a', '--scheduler', 'magic'], /scheduler named "magic"/],
    ['a model of another kind', [...quick, '--model', 'realesrgan-x4plus'], /of the kind upscaler/],
  ] as const) {
    test(what, async () => {
      assertFailure(await generate(...options, '--json'), { exitCode: 2, code: 'invalid-option', message });
    });
  }

  test('a model that is not there', async () => {
    const expected = { exitCode: 3, code: 'model-not-found' } as const;
    assertFailure(await generate(...quick, '--model', 'nope', '--json'), { ...expected, message: /"nope"/ });
    assertFailure(await generate(...quick, '--model', 'no.safetensors', '--json'), {
      ...expected,
      message: /no\.safetensors/,
    });
  });

  test('a checkpoint whose numbers overflow is explained, not drawn black', async () => {
    await writeHashedCheckpoint(inlay.file('broken.safetensors'), 'base', {
      change: (key, values) =>
        key.endsWith('diffusion_model.out.2.bias') ? values.fill(Number.NaN) : values,
    });
    assertFailure(await generate(...quick, '--model', 'broken.safetensors', '--json'), {
      exitCode: 5,
      code: 'invalid-output',
      message: /step 1 of 1.*black/,
    });
  });

  for (const [what, file, message, write] of [
    [
      'an SDXL of another kind of noise',
      'xl.safetensors',
      /looks like Playground v2\.5, .*; not supported yet/,
      header({ ...sdxlCheckpoint(), edm_mean: [4], edm_std: [4] }),
    ],
    [
      'a ControlNet',
      'control.safetensors',
      /looks like ControlNetModel .* is missing/,
      header({ 'controlnet_cond_embedding.conv_in.weight': [16, 3, 3, 3] }),
    ],
    [
      'half of a download',
      'half.safetensors',
      /at least \d+ bytes of tensors, .* received \d+/,
      async (path: string) => {
        await writeHashedCheckpoint(path, 'base');
        await truncate(path, 1_000_000);
      },
    ],
    [
      'a pickle that would run code',
      'evil.ckpt',
      /tensors and nothing else in .*evil\.ckpt, received `posix\.system`/,
      (path: string) => writeFile(path, maliciousArchive()),
    ],
    [
      'a checkpoint that lacks a tensor',
      'lacking.safetensors',
      /looks like UNet2DConditionModel .* `model\.diffusion_model\.out\.2\.bias` \[4\] is missing/,
      (path: string) =>
        writeHashedCheckpoint(path, 'base', {
          change: (key, values) => (key.endsWith('diffusion_model.out.2.bias') ? undefined : values),
        }),
    ],
  ] as const) {
    test(what, async () => {
      await write(inlay.file(file));
      const { code, stdout, stderr } = await inlay.run([
        ...['generate', '-o', 'refused.png'],
        ...[...quick, '--model', file],
      ]);
      assert.equal(code, 3, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, message);
      // What is wrong, and what to do.
      assert.equal(stderr.trimEnd().split('\n').length, 2);
      assert.ok(!existsSync(inlay.file('refused.png')));
    });
  }

  test('a LoRA in the place of a checkpoint', async () => {
    await header({ 'lora_unet_mid_block.lora_down.weight': [4, 64] })(inlay.file('lora.safetensors'));
    assertFailure(await generate(...quick, '--model', 'lora.safetensors', '--json'), {
      exitCode: 2,
      code: 'invalid-option',
      message: /makes pictures from a prompt, received `lora`, which is of the kind "lora"/,
    });
  });

  test('a file that is no checkpoint', async () => {
    await writeFile(inlay.file('text.safetensors'), 'not weights');
    assertFailure(await generate(...quick, '--model', 'text.safetensors', '--json'), {
      exitCode: 3,
      code: 'invalid-weights',
      message: /text\.safetensors/,
    });
  });
});
