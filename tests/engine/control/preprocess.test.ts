import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ControlKind } from '../../../engine/api.ts';
import { preprocess } from '../../../engine/control/preprocess.ts';
import { preprocessors } from '../../../engine/control/preprocessor-list.ts';
import type { RgbImage } from '../../../engine/control/rgb-image.ts';
import { anyPicture } from '../image/arbitraries.ts';
import { anyImage, atLeisure, constantImage, mirrored } from './arbitraries.ts';

type Options = Readonly<Record<string, number>>;

/** Those that need no model. */
const own = preprocessors.filter(({ needs }) => needs === undefined);
const lineKinds: readonly ControlKind[] = ['canny', 'lineart', 'scribble', 'softedge'];

function mapOf(image: RgbImage, name: ControlKind, options: Options = {}): Promise<RgbImage> {
  return preprocess(image, { name, options }, atLeisure);
}

/** Black on the left, white on the right. */
function step(width: number, height: number): RgbImage {
  const image = constantImage({ width, height }, 0);
  for (let i = 0; i < width * height; i++) if (i % width >= width / 2) image.data.fill(255, 3 * i, 3 * i + 3);
  return image;
}

function valueAt({ width, data }: RgbImage, x: number, y: number): number {
  return data[(y * width + x) * 3]!;
}

describe('every preprocessor', () => {
  for (const { name } of own) {
    test(`${name} makes a map as large as the picture, whatever the picture`, async () => {
      await fc.assert(
        fc.asyncProperty(anyPicture, async (picture) => {
          const map = await preprocess(picture, { name }, atLeisure);
          assert.deepEqual([map.width, map.height, map.channels], [picture.width, picture.height, 3]);
          assert.equal(map.data.length, picture.width * picture.height * 3);
        }),
        { numRuns: 20 },
      );
    });

    test(`${name} tells its progress up to the end, and stops when it is cancelled`, async () => {
      const image = step(700, 500);
      const steps: number[] = [];
      await preprocess(image, { name }, { ...atLeisure, onProgress: (done, all) => steps.push(done / all) });
      assert.equal(steps.at(-1), 1);
      assert.ok(steps.every((share, i) => share >= (steps[i - 1] ?? 0)));
      const controller = new AbortController();
      const { signal } = controller;
      const cancelled = preprocess(
        image,
        { name },
        { ...atLeisure, signal, onProgress: () => controller.abort() },
      );
      await assert.rejects(cancelled, { name: 'AbortError' });
    });
  }
});

describe('maps of lines', () => {
  test('are black where nothing changes, at any brightness', async () => {
    for (const name of lineKinds) {
      for (const value of [0, 77, 255]) {
        const map = await mapOf(constantImage({ width: 19, height: 23 }, value), name);
        assert.ok(
          map.data.every((sample) => sample === 0),
          `${name} of ${value}`,
        );
      }
    }
  });

  test('are white at an edge, black away from it, and grey: three channels alike', async () => {
    for (const name of lineKinds) {
      const map = await mapOf(step(81, 21), name);
      const row = Array.from({ length: 81 }, (_, x) => valueAt(map, x, 10));
      assert.ok(Math.max(...row.slice(36, 46)) > 200, `${name}: ${row.slice(36, 46)}`);
      assert.equal(Math.max(...row.slice(0, 15), ...row.slice(66)), 0, name);
      for (let i = 0; i < map.data.length; i += 3) {
        assert.equal(map.data[i], map.data[i + 1]);
        assert.equal(map.data[i], map.data[i + 2]);
      }
    }
  });

  test('of a picture in a mirror are the map in a mirror', async () => {
    for (const name of ['lineart', 'scribble', 'softedge'] as const) {
      await fc.assert(
        fc.asyncProperty(anyImage, async (image) => {
          const [one, other] = [mirrored(await mapOf(image, name)), await mapOf(mirrored(image), name)];
          // Sums in another order: a value on the brink may round the other way.
          const differing = one.data.filter((value, i) => Math.abs(value - other.data[i]!) > 1);
          assert.ok(differing.length <= one.data.length / 100, `${differing.length} of ${one.data.length}`);
        }),
        { numRuns: 20 },
      );
    }
  });

  test('have more to show at a lower threshold, and brighter edges with more gain', async () => {
    const brightness = async (name: ControlKind, options: Options) =>
      (await mapOf(step(40, 30), name, options)).data.reduce((sum, value) => sum + value, 0);
    for (const [name, option, less, more] of [
      ['lineart', 'threshold', 0.05, 0.005],
      ['lineart', 'steepness', 10, 100],
      ['scribble', 'threshold', 0.3, 0.05],
      ['softedge', 'gain', 1, 4],
    ] as const) {
      const [faint, bright] = [
        await brightness(name, { [option]: less }),
        await brightness(name, { [option]: more }),
      ];
      assert.ok(faint > 0 && faint < bright, `${name}, ${option}: ${faint}, ${bright}`);
    }
  });
});

describe('palette', () => {
  test('is a grid of mean colours', async () => {
    const map = await mapOf(step(128, 64), 'palette');
    assert.deepEqual(
      [0, 63, 64, 127].map((x) => valueAt(map, x, 63)),
      [0, 0, 255, 255],
    );
    const [one] = (await mapOf(step(64, 64), 'palette')).data;
    assert.equal(one, 128);
  });

  test('has no more colours than cells, and of one pixel a cell is the picture', async () => {
    await fc.assert(
      fc.asyncProperty(anyImage, fc.integer({ min: 1, max: 40 }), async (image, cellSize) => {
        const { width, height, data } = await mapOf(image, 'palette', { cellSize });
        const colours = new Set(
          Array.from({ length: width * height }, (_, i) => data.slice(3 * i, 3 * i + 3).join()),
        );
        const cells = Math.max(1, Math.round(width / cellSize)) * Math.max(1, Math.round(height / cellSize));
        assert.ok(colours.size <= cells);
        if (cellSize === 1) assert.deepEqual(data, image.data);
      }),
      { numRuns: 50 },
    );
  });
});

describe('tile', () => {
  test('keeps the picture at factor 1, and one colour at any', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyImage,
        fc.nat(255),
        fc.double({ min: 1, max: 64, noNaN: true }),
        async (image, value, factor) => {
          assert.deepEqual((await mapOf(image, 'tile', { factor: 1 })).data, image.data);
          const flat = constantImage(image, value);
          assert.deepEqual((await mapOf(flat, 'tile', { factor })).data, flat.data);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('takes detail away and leaves what is large', async () => {
    const image = step(64, 64);
    for (let i = 0; i < 64 * 64; i++) if ((i + (i >> 6)) % 2 === 0) image.data.fill(128, 3 * i, 3 * i + 3);
    const map = await mapOf(image, 'tile', { factor: 4 });
    assert.ok(Math.abs(valueAt(map, 10, 30) - 64) <= 1);
    assert.ok(Math.abs(valueAt(map, 54, 30) - 191.5) <= 1);
  });
});
