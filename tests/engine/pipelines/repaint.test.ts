/** Fills and variations from a prompt, beside diffusers' own. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import type {
  ExpandTask,
  FillDiffusion,
  FillTask,
  ImagePayload,
  RepaintSettings,
  VaryTask,
} from '../../../engine/api.ts';
import { toEngineError } from '../../../engine/errors.ts';
import { compositeOver } from '../../../engine/image/composite.ts';
import { cropPicture } from '../../../engine/image/crop.ts';
import type { Picture } from '../../../engine/image/picture.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { goldenFile } from '../checkpoints.ts';
import { writeHashedCheckpoint } from '../hashed-checkpoint.ts';
import {
  type GoldenCase,
  goldenCases,
  goldenPayload,
  goldenPicture,
  settingsOf,
  worstDifference,
} from './diffusion-goldens.ts';
import { drawPicture, pictureOf, rawPayload, startTestEngine } from './engine-fixture.ts';

const engine = await startTestEngine({ after });
const folder = await temporaryFolder({ after });
const files = {
  base: path.join(folder, 'base.safetensors'),
  inpainting: path.join(folder, 'inpainting.safetensors'),
  pix2pix: path.join(folder, 'pix2pix.safetensors'),
};
// The smaller the quicker.
const metadata = { 'modelspec.resolution': '64x64' };
await Promise.all([
  writeHashedCheckpoint(files.base, 'base', { metadata }),
  writeHashedCheckpoint(files.inpainting, 'inpainting', { metadata }),
  writeHashedCheckpoint(files.pix2pix, 'pix2pix', { metadata }),
]);
const source = await goldenPicture('source');
const mask = await goldenPicture('mask');
const isMasked = (pixel: number) => mask.data[pixel * mask.channels]! > 0;
const maskPixels = mask.data.length / mask.channels;

const base = { count: 1, source: goldenPayload('source'), output: { format: 'rgb8', quality: 90 } } as const;

function fillTask(golden: GoldenCase): FillTask & Required<Pick<FillTask, 'diffusion'>> {
  const { checkpoint, seed, strength = 1 } = golden;
  return {
    ...base,
    operation: 'fill',
    mask: goldenPayload('mask'),
    model: { file: files[checkpoint] },
    seed,
    resultArea: 'picture',
    diffusion: { ...settingsOf(golden), strength, workingSize: 'native', context: 'whole' },
  };
}

const named = (name: string) => goldenCases.find((golden) => golden.name === name)!;

for (const golden of goldenCases.filter(({ name }) => name.startsWith('fill'))) {
  test(`${golden.name}: diffusers' picture within 2 of 255 under the mask, the source's own outside`, async () => {
    const { results } = await engine.run(fillTask(golden));
    const picture = await pictureOf(results[0]!);
    assert.ok(worstDifference(picture, await goldenPicture(golden.name), isMasked) <= 2);
    assert.equal(
      worstDifference(picture, source, (pixel) => !isMasked(pixel)),
      0,
    );
  });
}

function varyTask(golden: GoldenCase): VaryTask {
  const { checkpoint, strength = 1, seed, image_guidance_scale: imageGuidanceScale } = golden;
  const guidance = imageGuidanceScale === undefined ? {} : { imageGuidanceScale };
  return {
    ...base,
    operation: 'vary',
    model: { file: files[checkpoint] },
    seed,
    diffusion: { ...settingsOf(golden), strength, workingSize: 'native', ...guidance },
  };
}

for (const golden of goldenCases.filter(({ name }) => name.startsWith('vary'))) {
  test(`${golden.name}: diffusers' picture within 2 of 255`, async () => {
    const { results } = await engine.run(varyTask(golden));
    assert.ok(worstDifference(await pictureOf(results[0]!), await goldenPicture(golden.name)) <= 2);
  });
}

test('a pix2pix checkpoint follows the picture more closely the more that guides it, and starts from it below full strength', async () => {
  const task = varyTask(named('vary-pix2pix'));
  const vary = async (settings: Partial<RepaintSettings>) =>
    pictureOf(
      (await engine.run({ ...task, diffusion: { ...task.diffusion, numInferenceSteps: 2, ...settings } }))
        .results[0]!,
    );
  const usual = await vary({});
  assert.ok(worstDifference(usual, await vary({ imageGuidanceScale: 2.5 })) > 2);
  assert.ok(worstDifference(usual, await vary({ strength: 0.5 })) > 2);
});

test('an instruction with a mask changes what is under it alone', async () => {
  const task = fillTask({ ...named('vary-pix2pix'), strength: 1 });
  const { results } = await engine.run({
    ...task,
    diffusion: { ...task.diffusion, imageGuidanceScale: 1.5 },
  });
  const picture = await pictureOf(results[0]!);
  assert.equal(
    worstDifference(picture, source, (pixel) => !isMasked(pixel)),
    0,
  );
  assert.ok(worstDifference(picture, source, isMasked) > 20);
});

test('the area of the mask by itself, laid over the source, is the whole picture', async () => {
  const task = fillTask(named('fill-partly'));
  const whole = await pictureOf((await engine.run(task)).results[0]!);
  const [fill, layerMask] = (await engine.run({ ...task, resultArea: 'mask' })).results;
  assert.deepEqual(fill!.bounds, { left: 13, top: 10, width: 32, height: 33 });
  const { width, height, data } = await pictureOf(layerMask!);
  const layer = {
    fill: await pictureOf(fill!),
    mask: { width, height, data: data as Uint8Array },
    at: fill!.bounds,
  };
  assert.deepEqual(compositeOver(source, layer).data, whole.data);
});

for (const checkpoint of ['base', 'inpainting'] as const) {
  test(`a large 16-bit picture with alpha is filled by a ${checkpoint} checkpoint at its own size, and kept outside`, async () => {
    const picture = drawPicture({ width: 203, height: 157, channels: 4, depth: 16 });
    const hole = ellipse(picture, { left: 60, top: 50, width: 40, height: 30 });
    const task = fillTask(named('fill'));
    const settings = { workingSize: 'auto', context: 'auto', numInferenceSteps: 2 } as const;
    const { results } = await engine.run({
      ...task,
      model: { file: files[checkpoint] },
      source: rawPayload(picture),
      mask: payloadOf(hole),
      output: { format: 'rgba16', quality: 90 },
      diffusion: { ...task.diffusion, ...settings },
    });
    const filled = await pictureOf(results[0]!);
    assert.equal(
      worstDifference(filled, picture, (pixel) => hole.data[pixel] === 0),
      0,
    );
    assert.ok(worstDifference(filled, picture, (pixel) => hole.data[pixel] === 255) > 1000);
  });
}

test('a drawing far smaller than its place is enlarged by the upscaler, and what is outside the mask is kept', async () => {
  const picture = drawPicture({ width: 203, height: 157, channels: 3, depth: 8 });
  const hole = ellipse(picture, { left: 30, top: 20, width: 130, height: 110 });
  const task = fillTask(named('fill'));
  const settings = { workingSize: 'auto', context: 'whole', numInferenceSteps: 2 } as const;
  const fill = async (upscaler: Partial<FillDiffusion>) => {
    const { results, progress } = await engine.run({
      ...task,
      source: rawPayload(picture),
      mask: payloadOf(hole),
      diffusion: { ...task.diffusion, ...settings, ...upscaler },
    });
    return { filled: await pictureOf(results[0]!), phases: new Set(progress.map(({ phase }) => phase)) };
  };
  const enlarged = await fill({ upscaler: { file: goldenFile('srvgg-x4') } });
  const plain = await fill({});
  assert.ok(enlarged.phases.has('upscaling') && !plain.phases.has('upscaling'));
  assert.ok(worstDifference(enlarged.filled, plain.filled) > 10);
  assert.equal(
    worstDifference(enlarged.filled, picture, (pixel) => hole.data[pixel] === 0),
    0,
  );
});

for (const checkpoint of ['base', 'inpainting'] as const) {
  test(`an expansion by a ${checkpoint} checkpoint paints what is new, and keeps what was there to the bit`, async () => {
    const picture = drawPicture({ width: 61, height: 50, channels: 3, depth: 8 });
    const diffusion = { ...fillTask(named('fill')).diffusion, workingSize: 'auto', context: 'auto' } as const;
    const task: ExpandTask = {
      ...base,
      operation: 'expand',
      source: rawPayload(picture),
      model: { file: files[checkpoint] },
      seed: 3,
      left: 10,
      right: 0,
      top: 0,
      bottom: 7,
      diffusion: { ...diffusion, numInferenceSteps: 2 },
    };
    const [result] = (await engine.run(task)).results;
    assert.deepEqual(result!.bounds, { left: -10, top: 0, width: 71, height: 57 });
    const { left, top } = { left: 10, top: 0 };
    const expanded = await pictureOf(result!);
    assert.deepEqual(cropPicture(expanded, { left, top, width: 61, height: 50 }).data, picture.data);
    const other = await pictureOf((await engine.run({ ...task, seed: 4 })).results[0]!);
    assert.ok(worstDifference(expanded, other) > 10);
  });
}

test('a working size in pixels is what is drawn at, in a fill and in a variation', async () => {
  const workingSize = { width: 96, height: 64 };
  const fill = fillTask(named('fill'));
  const vary = varyTask(named('vary'));
  const settings = { workingSize, numInferenceSteps: 2, strength: 1 } as const;
  for (const task of [
    { ...fill, diffusion: { ...fill.diffusion, ...settings } },
    { ...vary, diffusion: { ...vary.diffusion, ...settings } },
  ]) {
    const { previews, results } = await engine.run(task);
    // One pixel for each of the latent.
    assert.deepEqual([previews[0]!.width, previews[0]!.height], [12, 8]);
    const { width, height } = await pictureOf(results[0]!);
    assert.deepEqual([width, height], [64, 64]);
  }
});

test('what cannot be filled is refused: a black mask, and more to draw than a model can', async () => {
  const code = (expected: string) => (error: unknown) => toEngineError(error).code === expected;
  const task = fillTask(named('fill'));
  const black = { width: source.width, height: source.height, data: new Uint8Array(maskPixels) };
  await assert.rejects(engine.run({ ...task, mask: payloadOf(black) }), code('mask-empty'));
  const wide = drawPicture({ width: 2064, height: 16, channels: 1, depth: 8 });
  const white = { width: wide.width, height: wide.height, data: new Uint8Array(wide.data.length).fill(255) };
  await assert.rejects(
    engine.run({ ...task, source: rawPayload(wide), mask: payloadOf(white) }),
    code('image-too-large'),
  );
});

function payloadOf({
  width,
  height,
  data,
}: {
  width: number;
  height: number;
  data: Uint8Array;
}): ImagePayload {
  return { format: 'gray8', width, height, bytes: data };
}

function ellipse(
  { width, height }: Picture,
  area: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
) {
  const data = new Uint8Array(width * height).map((_, i) => {
    const x = ((i % width) - area.left - area.width / 2) / (area.width / 2);
    const y = (Math.floor(i / width) - area.top - area.height / 2) / (area.height / 2);
    return x * x + y * y < 1 ? 255 : 0;
  });
  return { width, height, data };
}
