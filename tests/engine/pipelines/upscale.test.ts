import assert from 'node:assert/strict';
import { utimes } from 'node:fs/promises';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import type { ImageFormat, ImagePayload, UpscaleTask } from '../../../engine/api.ts';
import { EngineError, toEngineError } from '../../../engine/errors.ts';
import { emitUpscaler } from '../../../engine/graphs/upscaler.ts';
import type { Size } from '../../../engine/image/bounds.ts';
import { encode } from '../../../engine/image/codec.ts';
import { LanczosRowResampler } from '../../../engine/image/lanczos.ts';
import { hasAlpha, maxSample, type Picture, type Samples } from '../../../engine/image/picture.ts';
import { maxResultBytesInMemory } from '../../../engine/pipelines/upscale.ts';
import type { Tensor } from '../../../engine/runtime/session.ts';
import { openSafetensors } from '../../../engine/weights/safetensors.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { goldenFile, writeSmallestUpscaler } from '../checkpoints.ts';
import { runStages } from '../graphs/run-stages.ts';
import { bytesOfResult, drawPicture, pictureOf, rawPayload, startTestEngine } from './engine-fixture.ts';

const engine = await startTestEngine({ after });

function upscaleTask(
  source: ImagePayload,
  target: UpscaleTask['target'],
  {
    format = 'png',
    model = { file: goldenFile('srvgg-x4') },
  }: Partial<{
    format: ImageFormat;
    model: UpscaleTask['model'];
  }> = {},
): UpscaleTask {
  return { operation: 'upscale', source, target, model, output: { format, quality: 90 } };
}

/** Raw where there is such a format, else PNG, which loses nothing either. */
async function payloadOf(picture: Picture): Promise<ImagePayload> {
  if (picture.channels !== 2) return rawPayload(picture);
  return { format: 'png', bytes: await encode(picture, { format: 'png', quality: 90 }) };
}

/** The whole picture through the whole network at once, without tiles, parts or stages: RGB at the network's scale. */
async function upscaledWhole(picture: Picture, file: string): Promise<Tensor> {
  const { width, height, channels, data } = picture;
  const image = new Float32Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) {
      image[c * width * height + i] = data[i * channels + (channels >= 3 ? c : 0)]! / maxSample(data);
    }
  }
  const stages = emitUpscaler(await openSafetensors(file));
  const outputs = await runStages(
    stages,
    { image: { shape: [1, 3, height, width], data: image } },
    { weightsFile: file },
  );
  return outputs.upscaled!;
}

/** The tensor's values as interleaved samples of the depth of `like`. */
function rounded({ shape, data }: Tensor, like: Samples): Samples {
  const plane = shape[2]! * shape[3]!;
  const max = maxSample(like);
  const samples = max === 255 ? new Uint8Array(3 * plane) : new Uint16Array(3 * plane);
  for (let i = 0; i < samples.length; i++) {
    const value = data[(i % 3) * plane + Math.floor(i / 3)]!;
    samples[i] = Math.round(Math.min(1, Math.max(0, value)) * max);
  }
  return samples;
}

function colours({ channels, data }: Picture): Samples {
  return hasAlpha(channels) ? data.filter((_, i) => i % channels !== channels - 1) : data;
}

function alphas({ channels, data }: Picture): Samples {
  return data.filter((_, i) => i % channels === channels - 1);
}

const fails = (code: string, ...patterns: readonly RegExp[]) => {
  return (thrown: unknown) => {
    const error = toEngineError(thrown);
    assert.equal(error.code, code, error.message);
    for (const pattern of patterns) assert.match(error.message, pattern);
    return true;
  };
};

const size = { width: 23, height: 17 };
const targets: readonly (readonly [string, UpscaleTask['target'], Size])[] = [
  ['by 4, its own factor', { scale: 4 }, { width: 92, height: 68 }],
  ['by 2', { scale: 2 }, { width: 46, height: 34 }],
  ['by 3.3', { scale: 3.3 }, { width: 76, height: 56 }],
  ['by 1', { scale: 1 }, size],
  ['to 61 x 9', { width: 61, height: 9 }, { width: 61, height: 9 }],
  ['to 7 x 150', { width: 7, height: 150 }, { width: 7, height: 150 }],
];

for (const channels of [1, 2, 3, 4] as const) {
  for (const depth of [8, 16] as const) {
    describe(`a picture of ${channels} channels and ${depth} bits`, () => {
      const picture = drawPicture({ ...size, channels, depth });
      for (const [what, target, expected] of targets) {
        test(`${what}: exact size and format, the network's colours, Lanczos' alpha`, async () => {
          const task = upscaleTask(await payloadOf(picture), target);
          const { results } = await engine.run(task);
          assert.equal(results.length, 1);
          const { bounds, role, index, format } = results[0]!;
          assert.deepEqual([role, index, format], ['picture', 0, 'png']);
          assert.deepEqual(bounds, { left: 0, top: 0, ...expected });
          const result = await pictureOf(results[0]!);
          assert.deepEqual(
            [result.width, result.height, result.channels, maxSample(result.data)],
            [expected.width, expected.height, channels, 2 ** depth - 1],
          );

          const whole = await upscaledWhole(picture, goldenFile('srvgg-x4'));
          const enlarged = { width: 4 * size.width, height: 4 * size.height };
          const rgb = new LanczosRowResampler({ input: enlarged, output: expected, channels: 3 }).push(
            rounded(whole, picture.data),
          );
          const wanted =
            channels >= 3
              ? rgb
              : rgb
                  .filter((_, i) => i % 3 === 0)
                  .map((_, i) => Math.round((rgb[3 * i]! + rgb[3 * i + 1]! + rgb[3 * i + 2]!) / 3));
          const received = colours(result);
          assert.equal(received.length, wanted.length);
          for (let i = 0; i < wanted.length; i++) {
            const difference = Math.abs(received[i]! - wanted[i]!);
            assert.ok(difference <= 1, `sample ${i}: ${received[i]} for ${wanted[i]}`);
          }
          if (hasAlpha(channels)) {
            const resampler = new LanczosRowResampler({ input: size, output: expected, channels: 1 });
            assert.deepEqual(alphas(result), resampler.push(alphas(picture)));
          }
        });
      }
    });
  }
}

test('the profile of the source comes along, byte for byte', async () => {
  const picture = drawPicture({ ...size, channels: 3, depth: 8 });
  const tagged = await sharp(picture.data, { raw: { ...size, channels: 3 } })
    .withIccProfile('p3')
    .png()
    .toBuffer();
  const { icc } = await sharp(tagged).metadata();
  for (const format of ['png', 'jpeg', 'webp', 'tiff'] as const) {
    const { results } = await engine.run(
      upscaleTask({ format: 'png', bytes: tagged }, { scale: 2 }, { format }),
    );
    const received = await sharp(bytesOfResult(results[0]!)).metadata();
    assert.deepEqual([received.format, received.width, received.height], [format, 46, 34]);
    assert.ok(icc && received.icc && Buffer.compare(received.icc, icc) === 0, format);
  }
});

test('the recipe is in the PNG, in a text chunk of its own, and nowhere without one', async () => {
  const picture = drawPicture({ ...size, channels: 3, depth: 8 });
  const task = upscaleTask(rawPayload(picture), { scale: 2 });
  const recipe = { operation: 'upscale', scale: 2, note: 'Übergröße' };
  const texts = async (withRecipe: UpscaleTask) => {
    const { results } = await engine.run(withRecipe);
    return textChunks(bytesOfResult(results[0]!));
  };
  const [text, ...more] = await texts({ ...task, recipe });
  assert.equal(more.length, 0);
  assert.equal(text!.keyword, 'inlay');
  assert.deepEqual(JSON.parse(text!.text), recipe);
  assert.deepEqual(await texts(task), []);
});

/** The iTXt chunks of a PNG, none of them compressed. */
function textChunks(png: Uint8Array): readonly { readonly keyword: string; readonly text: string }[] {
  const bytes = Buffer.from(png);
  const found: { keyword: string; text: string }[] = [];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (bytes.toString('latin1', at + 4, at + 8) === 'iTXt') {
      const keywordEnd = data.indexOf(0);
      found.push({
        keyword: data.toString('latin1', 0, keywordEnd),
        text: data.toString('utf8', keywordEnd + 5),
      });
    }
    at += length + 12;
  }
  return found;
}

describe('a result put together from tiles', () => {
  const cases = [
    { name: 'a tiny SRVGGNetCompact', file: goldenFile('srvgg-x4'), width: 1500, height: 70 },
    {
      name: 'a tiny RRDBNet with unshuffle',
      file: goldenFile('rrdbnet-x2-unshuffle'),
      width: 71,
      height: 901,
    },
    { name: 'the shipped realesr-animevideov3', file: undefined, width: 900, height: 100 },
  ] as const;
  for (const { name, file, width, height } of cases) {
    test(`of ${name} differs from the whole one by at most 1/255`, async (context) => {
      const shipped = await engine.models.resolve({ name: 'realesr-animevideov3' }, 'upscaler');
      const weights = file ?? shipped.file!;
      const picture = drawPicture({ width, height, channels: 3, depth: 8 });
      const { results, progress } = await engine.run(
        upscaleTask(
          rawPayload(picture),
          { scale: name.includes('RRDB') ? 2 : 4 },
          {
            format: 'rgb16',
            model: { file: weights },
          },
        ),
      );
      const tiled = await pictureOf(results[0]!);
      const steps = progress.filter(({ phase }) => phase === 'upscaling').at(-1)!.steps;
      const padded = padToMultiple(picture, name.includes('unshuffle') ? 2 : 1);
      const whole = await upscaledWhole(padded, weights);
      const wholeWidth = whole.shape[3]!;
      const plane = whole.shape[2]! * wholeWidth;
      let worst = { difference: 0, x: 0, y: 0 };
      for (let y = 0, i = 0; y < tiled.height; y++) {
        for (let x = 0; x < tiled.width; x++) {
          for (let c = 0; c < 3; c++, i++) {
            const value = Math.round(
              Math.min(1, Math.max(0, whole.data[c * plane + y * wholeWidth + x]!)) * 255,
            );
            const difference = Math.abs(tiled.data[i]! / 257 - value);
            if (difference > worst.difference) worst = { difference, x, y };
          }
        }
      }
      context.diagnostic(
        `worst pixel: ${worst.difference}/255 at (${worst.x}, ${worst.y}) of ${tiled.width} x ${tiled.height}, ${steps} runs`,
      );
      assert.ok(worst.difference <= 1, JSON.stringify(worst));
    });
  }
});

/** As tiles are: the last row and column repeated. */
function padToMultiple(picture: Picture, multiple: number): Picture {
  const up = (side: number) => Math.ceil(side / multiple) * multiple;
  const width = up(picture.width);
  const height = up(picture.height);
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const x = Math.min(i % width, picture.width - 1);
    const y = Math.min(Math.floor(i / width), picture.height - 1);
    for (let c = 0; c < 3; c++) data[3 * i + c] = picture.data[(y * picture.width + x) * 3 + c]!;
  }
  return { width, height, channels: 3, data };
}

test('a model file that was replaced is loaded anew', async (context) => {
  const file = path.join(await temporaryFolder(context), 'model.safetensors');
  const picture = drawPicture({ ...size, channels: 3, depth: 8 });
  const run = async (seed: number) => {
    await writeSmallestUpscaler(file, { scale: 2, features: 4, seed });
    await utimes(file, seed, seed);
    const task = upscaleTask(rawPayload(picture), { scale: 2 }, { format: 'rgb8', model: { file } });
    const { results } = await engine.run(task);
    return Buffer.from(bytesOfResult(results[0]!));
  };
  const first = await run(1);
  assert.notDeepEqual(await run(2), first);
  assert.deepEqual(await run(1), first);
});

test('a result too large for memory in another format than PNG is refused with the limit, before anything is run', async () => {
  const picture = drawPicture({ ...size, channels: 4, depth: 8 });
  const side = Math.ceil(Math.sqrt(maxResultBytesInMemory / 4)) + 1;
  for (const format of ['jpeg', 'webp', 'tiff', 'rgba8'] as const) {
    const started = performance.now();
    await assert.rejects(
      engine.run(upscaleTask(rawPayload(picture), { width: side, height: side }, { format })),
      fails('image-too-large', /at most 512 MiB uncompressed as/, new RegExp(`${side} x ${side} px`)),
    );
    // To run it would take minutes.
    assert.ok(performance.now() - started < 10_000);
  }
});

test('a cancelled job whose result goes to a file leaves none behind', async () => {
  const picture = drawPicture({ width: 64, height: 64, channels: 4, depth: 8 });
  const side = Math.ceil(Math.sqrt(maxResultBytesInMemory / 4)) + 1;
  const controller = new AbortController();
  const task = upscaleTask(rawPayload(picture), { width: side, height: side });
  const running = engine.run(task, { signal: controller.signal });
  while ((await engine.spooledFiles()).length === 0) await sleep(5);
  controller.abort();
  await assert.rejects(running, fails('cancelled'));
  assert.deepEqual(await engine.spooledFiles(), []);
});

test('a network of one channel is refused for a picture, with what was expected', async () => {
  const picture = drawPicture({ ...size, channels: 1, depth: 8 });
  const model = { file: goldenFile('rrdbnet-sequence-x8-grey') };
  await assert.rejects(
    engine.run(upscaleTask(rawPayload(picture), { scale: 2 }, { model })),
    (error) => error instanceof EngineError && error.code === 'unsupported-architecture',
  );
});

test('progress goes up to its steps, phase after phase', async () => {
  const picture = drawPicture({ width: 900, height: 60, channels: 3, depth: 8 });
  const { progress } = await engine.run(upscaleTask(rawPayload(picture), { scale: 1.5 }, { format: 'jpeg' }));
  const phases = [...new Set(progress.map(({ phase }) => phase))];
  assert.deepEqual(phases, ['decoding', 'loading', 'upscaling', 'encoding']);
  const upscaling = progress.filter(({ phase }) => phase === 'upscaling');
  assert.deepEqual(
    upscaling.map(({ step }) => step),
    upscaling.map((_, index) => index),
  );
  const { step, steps } = upscaling.at(-1)!;
  assert.equal(step, steps);
});
