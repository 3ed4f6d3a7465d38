import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Picture } from '../../../engine/image/picture.ts';
import { resamplePicture } from '../../../engine/image/resample.ts';
import { LoadedModels } from '../../../engine/models/loaded-models.ts';
import { ModelLibrary } from '../../../engine/models/model-library.ts';
import { UpscalerLoader } from '../../../engine/models/upscaler.ts';
import type { PipelineContext } from '../../../engine/pipelines/context.ts';
import { enlargePicture, useUpscaler } from '../../../engine/pipelines/enlarge.ts';
import { maxLanczosEnlargement, resizeDrawing } from '../../../engine/pipelines/resize-drawing.ts';
import { goldenFile } from '../checkpoints.ts';
import { drawPicture } from './engine-fixture.ts';

const loaded = new LoadedModels();
const upscalers = new UpscalerLoader(() => 'cpu', loaded);
after(() => loaded.unloadAll());
const steps: number[] = [];
const context = {
  models: new ModelLibrary([]),
  upscalers,
  signal: new AbortController().signal,
  onProgress: (_phase: string, step: number) => steps.push(step),
} as unknown as PipelineContext;
const upscaler = { file: goldenFile('srvgg-x4') };
const drawing = drawPicture({ width: 32, height: 20, channels: 3, depth: 8 });
const longest = drawing.width * maxLanczosEnlargement;

for (const [name, width, height, isEnlarged] of [
  ['a reduction', 17, 11, false],
  ['an enlargement of just as much as Lanczos can do', longest, 30, false],
  ['an enlargement of one pixel more', longest + 1, 30, true],
  ['an enlargement of one pixel more along the other side', longest, 31, true],
  ['one beyond the factor of the network', 200, 90, true],
] as const) {
  test(`${name} ${isEnlarged ? 'is' : 'is not'} left to the network`, async () => {
    steps.length = 0;
    const resized = await resizeDrawing(drawing, { width, height }, { upscaler, context });
    const lanczos = resamplePicture(drawing, { width, height });
    assert.deepEqual([resized.width, resized.height, resized.channels], [width, height, 3]);
    assert.equal(resized.data.length, lanczos.data.length);
    assert.equal(Buffer.compare(Buffer.from(resized.data), Buffer.from(lanczos.data)) !== 0, isEnlarged);
    assert.equal(steps.length > 0, isEnlarged);
  });
}

test('without an upscaler Lanczos does it all', async () => {
  const target = { width: 128, height: 80 };
  const resized = await resizeDrawing(drawing, target, { upscaler: undefined, context });
  assert.deepEqual(resized, resamplePicture(drawing, target));
});

test('reduced again, what the network has enlarged twofold is the drawing, but for what was clipped', async () => {
  const size = { width: 64, height: 40 };
  const resized = await resizeDrawing(drawing, size, { upscaler, context });
  const { file } = upscaler;
  const network = { model: { file }, picture: drawing, context };
  const plain = await useUpscaler(network, (loaded) =>
    enlargePicture(drawing, loaded, { context, target: size }),
  );
  const missed = (picture: Picture) => {
    const { data } = resamplePicture(picture, drawing);
    return Array.from(drawing.data).reduce((sum, value, i) => sum + Math.abs(value - data[i]!), 0);
  };
  assert.ok(missed(resized) < missed(plain) / 3, `${missed(resized)} of ${missed(plain)}`);
});
