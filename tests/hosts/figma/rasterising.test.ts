/** Exported pictures show what Figma would: every pixel of a picture that lies on the grid, masks over later siblings, clips, opacity. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ExportSettingsImage, ImagePaint } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { FigmaApp } from './figma-app.ts';
import { gradient, imagePaint, pixelAt, pixelsOf, pngOf } from './pictures.ts';
import { samplePlugin } from './sample-plugin.ts';

const solid = (r: number, g: number, b: number) => [{ type: 'SOLID', color: { r, g, b } }] as const;
const bounds = { format: 'PNG', useAbsoluteBounds: true } as const;

async function exported(app: FigmaApp, id: string, settings: ExportSettingsImage = bounds) {
  const node = app.draw((figma) => figma.currentPage.findOne((candidate) => candidate.id === id))!;
  return pixelsOf(await node.exportAsync(settings));
}

/** A picture of 12 × 8 in a rectangle of that size, at (3, 5). */
async function withPicture(size = [12, 8], paint: Partial<ImagePaint> = {}) {
  const app = new FigmaApp(samplePlugin());
  const source = gradient(12, 8);
  const png = await pngOf({ width: 12, height: 8, data: source });
  const id = app.draw((figma) => {
    const rectangle = figma.createRectangle();
    rectangle.resize(size[0]!, size[1]!);
    Object.assign(rectangle, { x: 3, y: 5, fills: [{ ...imagePaint(app, png), ...paint }] });
    return rectangle.id;
  });
  return { app, id, source };
}

function rgb(data: Buffer): Buffer {
  return Buffer.from(data.filter((_, i) => i % 4 !== 3));
}

describe('exportAsync', () => {
  test('gives a picture back to the bit where its pixels are the page’s', async () => {
    const { app, id, source } = await withPicture();
    const picture = await exported(app, id);
    assert.deepEqual([picture.width, picture.height], [12, 8]);
    assert.deepEqual(rgb(picture.data), source);
  });

  test('scales by a factor, to a width, or to a height', async () => {
    const { app, id } = await withPicture();
    for (const [type, value, size] of [
      ['SCALE', 2, [24, 16]],
      ['WIDTH', 6, [6, 4]],
      ['HEIGHT', 16, [24, 16]],
    ] as const) {
      const { width, height } = await exported(app, id, { ...bounds, constraint: { type, value } });
      assert.deepEqual([width, height], size);
    }
  });

  test('FILL crops to the middle, FIT leaves borders, TILE repeats, CROP shows what its transform says', async () => {
    const at = async (scaleMode: ImagePaint['scaleMode'], paint: Partial<ImagePaint> = {}) => {
      const { app, id, source } = await withPicture([8, 8], { scaleMode, ...paint });
      const picture = await exported(app, id);
      const seen = (x: number, y: number) => pixelAt(picture, x, y);
      const original = (x: number, y: number) => [
        ...source.subarray((y * 12 + x) * 3, (y * 12 + x) * 3 + 3),
        255,
      ];
      return { seen, original };
    };
    const fill = await at('FILL');
    assert.deepEqual(fill.seen(0, 3), fill.original(2, 3));
    const fit = await at('FIT');
    assert.deepEqual([fit.seen(4, 0), fit.seen(4, 4)[3]], [[0, 0, 0, 0], 255]);
    const crop = await at('CROP', {
      imageTransform: [
        [8 / 12, 0, 4 / 12],
        [0, 1, 0],
      ],
    });
    assert.deepEqual(crop.seen(0, 2), crop.original(4, 2));
    const tile = await withPicture([24, 8], { scaleMode: 'TILE' });
    const picture = await exported(tile.app, tile.id);
    assert.deepEqual(pixelAt(picture, 12, 3), pixelAt(picture, 0, 3));
  });

  test('a place between pixels gives one more of them, half covered', async () => {
    const app = new FigmaApp(samplePlugin());
    const id = app.draw((figma) => {
      const rectangle = figma.createRectangle();
      rectangle.resize(4, 4);
      Object.assign(rectangle, { x: 0.5, fills: solid(1, 0, 0) });
      return rectangle.id;
    });
    const picture = await exported(app, id);
    assert.deepEqual([picture.width, picture.height], [5, 4]);
    assert.deepEqual(pixelAt(picture, 0, 0), [255, 0, 0, 128]);
  });

  test('is trimmed to what is visible without absolute bounds, and fails where nothing is', async () => {
    const app = new FigmaApp(samplePlugin());
    const [frameId, childId] = app.draw((figma) => {
      const frame = figma.createFrame();
      frame.fills = [];
      const child = figma.createRectangle();
      frame.appendChild(child);
      child.resize(10, 10);
      Object.assign(child, { x: 20, y: 20 });
      return [frame.id, child.id];
    });
    assert.equal((await exported(app, frameId!, { format: 'PNG' })).width, 10);
    assert.equal((await exported(app, frameId!)).width, 100);
    app.document.patch(childId!, { visible: false });
    await assert.rejects(exported(app, frameId!, { format: 'PNG' }), /may not have any visible layers/);
  });

  test('a mask masks all its later siblings and is not seen; by luminance, by alpha, by its outline', async () => {
    const { app, id, source } = await withPicture();
    const grey = Buffer.alloc(96, 0).fill(255, 0, 48);
    const maskPng = await pngOf({ width: 12, height: 8, data: grey });
    const [groupId, maskId] = app.draw((figma) => {
      const picture = figma.currentPage.findOne((node) => node.id === id)!;
      const mask = figma.createRectangle();
      mask.resize(12, 8);
      Object.assign(mask, {
        x: 3,
        y: 5,
        fills: [imagePaint(app, maskPng)],
        isMask: true,
        maskType: 'LUMINANCE',
      });
      return [figma.group([mask, picture], figma.currentPage, 0).id, mask.id];
    });
    const luminance = await exported(app, groupId!);
    assert.deepEqual(rgb(luminance.data).subarray(0, 144), source.subarray(0, 144));
    assert.deepEqual(pixelAt(luminance, 5, 6), [0, 0, 0, 0]);
    app.document.patch(maskId!, { maskType: 'ALPHA' });
    assert.equal(pixelAt(await exported(app, groupId!), 5, 6)[3], 255);
    app.document.patch(maskId!, { type: 'ELLIPSE', maskType: 'VECTOR', opacity: 0.5 });
    const vector = await exported(app, groupId!);
    assert.deepEqual([pixelAt(vector, 6, 4)[3], pixelAt(vector, 0, 0)[3]], [255, 0]);
    const children = app.document.get(groupId!).childIds;
    app.document.patch(groupId!, { childIds: [...children].reverse() });
    assert.equal(pixelAt(await exported(app, groupId!), 0, 0)[3], 255);
  });

  test('frames clip, groups do not; opacity counts once for all that a node holds', async () => {
    const app = new FigmaApp(samplePlugin());
    const id = app.draw((figma) => {
      const frame = figma.createFrame();
      frame.resize(10, 10);
      frame.fills = solid(0, 0, 1);
      const child = figma.createRectangle();
      child.fills = solid(1, 0, 0);
      frame.appendChild(child);
      child.resize(10, 10);
      Object.assign(child, { x: 5 });
      frame.opacity = 0.5;
      return frame.id;
    });
    const picture = await exported(app, id, { format: 'PNG' });
    assert.deepEqual([picture.width, pixelAt(picture, 7, 2)], [10, [255, 0, 0, 128]]);
    assert.deepEqual(pixelAt(picture, 2, 2), [0, 0, 255, 128]);
    app.document.patch(id, { clipsContent: false });
    assert.equal((await exported(app, id, { format: 'PNG' })).width, 15);
  });

  test('with what lies over and under it where it is asked for', async () => {
    const { app, id } = await withPicture();
    app.draw((figma) => {
      const cover = figma.createRectangle();
      cover.fills = solid(0, 1, 0);
    });
    assert.notDeepEqual(pixelAt(await exported(app, id), 4, 4), [0, 255, 0, 255]);
    const whole = await exported(app, id, { ...bounds, contentsOnly: false });
    assert.deepEqual(pixelAt(whole, 4, 4), [0, 255, 0, 255]);
  });

  test('a picture that is turned by a right angle keeps its pixels', async () => {
    const { app, id } = await withPicture();
    const before = await exported(app, id);
    app.draw((figma) => Object.assign(figma.currentPage.children[0]!, { rotation: 90 }));
    const turned = await exported(app, id);
    assert.deepEqual([turned.width, turned.height], [8, 12]);
    assert.deepEqual(pixelAt(turned, 2, 11), pixelAt(before, 0, 2));
  });
});
