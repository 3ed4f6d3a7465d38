import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import sharp from 'sharp';
import type { ExpandTask, FillTask, ImagePayload } from '../../../engine/api.ts';
import { toEngineError } from '../../../engine/errors.ts';
import { compositeOver } from '../../../engine/image/composite.ts';
import { cropMask, cropPicture } from '../../../engine/image/crop.ts';
import type { Picture } from '../../../engine/image/picture.ts';
import { bytesOfResult, drawPicture, pictureOf, rawPayload, startTestEngine } from './engine-fixture.ts';

const engine = await startTestEngine({ after });
const size = { width: 120, height: 90 };
const hole = { left: 31, top: 20, width: 40, height: 33 };
const picture = drawPicture({ ...size, channels: 4, depth: 8 });

/** White in the hole, with a grey rim of a pixel, black around. */
function maskPayload(): ImagePayload {
  const bytes = new Uint8Array(size.width * size.height);
  for (let y = hole.top; y < hole.top + hole.height; y++) {
    for (let x = hole.left; x < hole.left + hole.width; x++) {
      const isRim =
        x === hole.left ||
        y === hole.top ||
        x === hole.left + hole.width - 1 ||
        y === hole.top + hole.height - 1;
      bytes[y * size.width + x] = isRim ? 128 : 255;
    }
  }
  return { format: 'gray8', ...size, bytes };
}

const mask = maskPayload();
const fill: FillTask = {
  operation: 'fill',
  source: rawPayload(picture),
  mask,
  model: { name: 'patchmatch' },
  output: { format: 'rgba8', quality: 90 },
  seed: 7,
  count: 1,
  resultArea: 'picture',
};
const expand: ExpandTask = {
  operation: 'expand',
  source: rawPayload(picture),
  model: { name: 'patchmatch' },
  output: { format: 'rgba8', quality: 90 },
  left: 11,
  right: 0,
  top: 5,
  bottom: 23,
  seed: 7,
  count: 1,
};

function pixel({ width, channels, data }: Picture, x: number, y: number): readonly number[] {
  const start = (y * width + x) * channels;
  return [...data.subarray(start, start + channels)];
}

describe('a fill', () => {
  test('of the whole picture keeps every pixel that the mask keeps', async () => {
    const { results } = await engine.run(fill);
    assert.equal(results.length, 1);
    const { content: _, ...result } = results[0]!;
    const bounds = { left: 0, top: 0, ...size };
    assert.deepEqual(result, { index: 0, role: 'picture', seed: 7, format: 'rgba8', bounds });
    const filled = await pictureOf(results[0]!);
    let changed = 0;
    for (let i = 0; i < size.width * size.height; i++) {
      const before = picture.data.subarray(4 * i, 4 * i + 4);
      const now = filled.data.subarray(4 * i, 4 * i + 4);
      if (mask.bytes[i] === 0) assert.deepEqual(now, before);
      else if (now.some((value, c) => value !== before[c])) changed++;
    }
    assert.ok(changed > 0.9 * hole.width * hole.height, `${changed} pixels`);
  });

  test("of the mask's area comes by itself, not mixed yet, with the mask that mixes it into the whole", async () => {
    const whole = await pictureOf((await engine.run(fill)).results[0]!);
    const { results } = await engine.run({ ...fill, resultArea: 'mask' });
    assert.deepEqual(
      results.map(({ index, role, seed, format, bounds }) => ({ index, role, seed, format, bounds })),
      [
        { index: 0, role: 'picture', seed: 7, format: 'rgba8', bounds: hole },
        { index: 0, role: 'mask', seed: 7, format: 'gray8', bounds: hole },
      ],
    );
    const area = await pictureOf(results[0]!);
    const { data } = await pictureOf(results[1]!);
    const layerMask = { width: hole.width, height: hole.height, data: data as Uint8Array };
    assert.deepEqual(layerMask, cropMask({ ...size, data: mask.bytes }, hole));
    assert.deepEqual(compositeOver(picture, { fill: area, mask: layerMask, at: hole }), whole);
    assert.notDeepEqual(area, cropPicture(whole, hole), 'its grey rim is not mixed');
  });

  test('encoded as JPEG has its mask as PNG, which loses nothing', async () => {
    const { results } = await engine.run({
      ...fill,
      resultArea: 'mask',
      output: { format: 'jpeg', quality: 50 },
    });
    assert.deepEqual(
      results.map(({ format }) => format),
      ['jpeg', 'png'],
    );
    const { format, width, height } = await sharp(bytesOfResult(results[0]!)).metadata();
    assert.deepEqual([format, width, height], ['jpeg', hole.width, hole.height]);
  });

  test('of several pictures gives each the next seed, and each again by its own', async () => {
    const { results } = await engine.run({ ...fill, seed: 2 ** 32 - 1, count: 3 });
    assert.deepEqual(
      results.map(({ index, seed }) => [index, seed]),
      [
        [0, 2 ** 32 - 1],
        [1, 0],
        [2, 1],
      ],
    );
    const bytes = results.map((result) => Buffer.from(bytesOfResult(result)));
    assert.notDeepEqual(bytes[0], bytes[1]);
    assert.notDeepEqual(bytes[1], bytes[2]);
    for (const [index, seed] of [2 ** 32 - 1, 0, 1].entries()) {
      const again = await engine.run({ ...fill, seed });
      assert.deepEqual(Buffer.from(bytesOfResult(again.results[0]!)), bytes[index]);
    }
  });

  test('reports progress that never goes back, and previews where they belong', async () => {
    const { progress, previews } = await engine.run({ ...fill, count: 2 });
    const filling = progress.filter(({ phase }) => phase === 'filling');
    for (const [index, { step, steps }] of filling.entries()) {
      assert.ok(step <= steps && step >= (filling[index - 1]?.step ?? 0), `${step} of ${steps}`);
      assert.equal(steps, filling[0]!.steps);
    }
    assert.equal(filling.at(-1)!.step, filling.at(-1)!.steps);
    assert.ok(previews.length > 0);
    for (const { bounds, width, height, jpeg } of previews) {
      assert.deepEqual(bounds, hole);
      const header = await sharp(jpeg).metadata();
      assert.deepEqual([header.format, header.width, header.height], ['jpeg', width, height]);
    }
  });

  test('has its own recipe in each PNG, which says its seed and that it is one picture', async () => {
    const recipe = { operation: 'fill', seed: 7, count: 2 };
    const { results } = await engine.run({
      ...fill,
      count: 2,
      recipe,
      output: { format: 'png', quality: 90 },
      resultArea: 'mask',
    });
    const texts = results.map((result) =>
      /inlay\0{5}(\{[^}]*\})/.exec(Buffer.from(bytesOfResult(result)).toString('latin1')),
    );
    assert.deepEqual(
      texts.map((match) => match && JSON.parse(match[1]!)),
      [{ ...recipe, seed: 7, count: 1 }, null, { ...recipe, seed: 8, count: 1 }, null],
    );
  });

  test('is cancelled soon, and fails with what is wrong', async () => {
    const controller = new AbortController();
    const cancelled = engine.run({ ...fill, count: 8 }, { signal: controller.signal });
    controller.abort();
    await assert.rejects(cancelled, (error) => toEngineError(error).code === 'cancelled');
    const black = { ...mask, bytes: new Uint8Array(mask.bytes.length) };
    const white = { ...mask, bytes: new Uint8Array(mask.bytes.length).fill(255) };
    const small = { format: 'gray8', width: 2, height: 2, bytes: new Uint8Array(4) } as const;
    for (const [wrong, code] of [
      [black, 'mask-empty'],
      [white, 'mask-full'],
      [small, 'mask-mismatch'],
    ] as const) {
      await assert.rejects(
        engine.run({ ...fill, mask: wrong }),
        (error) => toEngineError(error).code === code,
      );
    }
    const model = { name: 'realesrgan-x4plus' };
    await assert.rejects(
      engine.run({ ...fill, model }),
      (error) => toEngineError(error).code === 'invalid-option',
    );
  });
});

describe('an expansion', () => {
  test('says where it lies in pixels of the source, and holds the source bit for bit', async () => {
    const { results } = await engine.run(expand);
    const { content: _, ...result } = results[0]!;
    assert.deepEqual(result, {
      index: 0,
      role: 'picture',
      seed: 7,
      format: 'rgba8',
      bounds: { left: -11, top: -5, width: 131, height: 118 },
    });
    const expanded = await pictureOf(results[0]!);
    for (let y = 0; y < size.height; y++) {
      for (let x = 0; x < size.width; x++) {
        assert.deepEqual(pixel(expanded, x + 11, y + 5), pixel(picture, x, y));
      }
    }
  });

  test('of several pictures gives each the next seed; the same seed the same bytes', async () => {
    const bytesOf = async (task: ExpandTask) =>
      (await engine.run(task)).results.map((result) => Buffer.from(bytesOfResult(result)));
    const [first, second] = await bytesOf({ ...expand, count: 2 });
    assert.notDeepEqual(first, second);
    assert.deepEqual(await bytesOf({ ...expand, seed: 8 }), [second]);
  });

  test('reports progress that never goes back', async () => {
    const { progress } = await engine.run({ ...expand, count: 2 });
    const filling = progress.filter(({ phase }) => phase === 'filling');
    for (const [index, { step, steps }] of filling.entries()) {
      assert.ok(step <= steps && step >= (filling[index - 1]?.step ?? 0), `${step} of ${steps}`);
    }
    assert.equal(filling.at(-1)!.step, filling.at(-1)!.steps);
  });
});
