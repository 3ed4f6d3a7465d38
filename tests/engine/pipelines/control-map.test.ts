/** Where a control's map lies: over what is drawn, pixel for pixel, whatever the sizes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ControlKind } from '../../../engine/api.ts';
import { type Bounds, boundsOf, type Size } from '../../../engine/image/bounds.ts';
import { cropPicture } from '../../../engine/image/crop.ts';
import type { Channels, Picture } from '../../../engine/image/picture.ts';
import type { ControlNetModel } from '../../../engine/models/controlnet.ts';
import {
  type DecodedControl,
  drawnPart,
  extendControls,
  mapControls,
} from '../../../engine/pipelines/control-map.ts';
import { latentPixelSide, placeDrawing } from '../../../engine/pipelines/working-size.ts';
import type { Tensor } from '../../../engine/runtime/session.ts';
import { atLeisure } from '../control/arbitraries.ts';

/** A control that is its map; no map asks its network. */
function controlOf(picture: Picture, kind?: ControlKind): DecodedControl {
  const settings = { model: { name: 'any' }, strength: 1, start: 0, end: 1, mode: 'balanced' } as const;
  return { settings, network: {} as ControlNetModel, kind, label: 'control 1', picture };
}

function noise({ width, height }: Size, channels: Channels): Picture {
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i++) data[i] = Math.imul(i + 1, 0x9e3779b1) >>> 24;
  return { width, height, channels, data };
}

const side = fc.integer({ min: 1, max: 150 });
const canvases = fc.record({ width: side, height: side });
/** Any bounds in a canvas, many of them one pixel at an edge. */
const selections = canvases.chain((canvas) => {
  const span = (length: number) =>
    fc.oneof(
      fc.constantFrom({ start: 0, length: 1 }, { start: length - 1, length: 1 }),
      fc
        .integer({ min: 0, max: length - 1 })
        .chain((start) =>
          fc.record({ start: fc.constant(start), length: fc.integer({ min: 1, max: length - start }) }),
        ),
    );
  return fc.record({ x: span(canvas.width), y: span(canvas.height) }).map(({ x, y }) => ({
    canvas,
    bounds: { left: x.start, top: y.start, width: x.length, height: y.length },
  }));
});
const choices = fc.record({
  policy: fc.constantFrom('auto', 'whole'),
  workingSize: fc.constantFrom('auto', 'native'),
} as const);

function placeOf(
  canvas: Size,
  bounds: Bounds,
  choice: Pick<Parameters<typeof placeDrawing>[1], 'policy' | 'workingSize'>,
) {
  const { context: area, size } = placeDrawing(bounds, {
    canvas,
    ...choice,
    description: {
      family: 'sd1',
      variant: 'base',
      hasZeroTerminalSnr: false,
      predictionType: 'epsilon',
      resolution: { width: 64, height: 64 },
    },
  });
  return { area, size };
}

async function mapAt(
  picture: Picture,
  place: { readonly area: Bounds; readonly size: Size },
): Promise<Tensor> {
  const [mapped] = await mapControls([controlOf(picture)], { place, ...atLeisure });
  return mapped!.image;
}

test('a map is as large as the drawing and shows what the source shows there, were it the source', async () => {
  await fc.assert(
    fc.asyncProperty(selections, choices, async ({ canvas, bounds }, choice) => {
      const place = placeOf(canvas, bounds, choice);
      const { width, height } = place.size;
      const source = noise(canvas, 3);
      const { shape, data } = await mapAt(source, place);
      assert.deepEqual(shape, [1, 3, height, width]);
      assert.ok(width % latentPixelSide === 0 && height % latentPixelSide === 0);
      const shown = drawnPart(source, place);
      assert.deepEqual([shown.width, shown.height], [width, height]);
      for (const [i, value] of shown.data.entries()) {
        const at = (i % 3) * width * height + Math.floor(i / 3);
        assert.ok(Math.abs(data[at]! - value / 255) < 1e-6);
      }
    }),
    { numRuns: 60 },
  );
});

test('one white pixel of a control lies on the map where that of the selection does', async () => {
  await fc.assert(
    fc.asyncProperty(selections, choices, async ({ canvas, bounds }, choice) => {
      const place = placeOf(canvas, bounds, choice);
      const { left, top } = bounds;
      const control: Picture = { ...canvas, channels: 1, data: new Uint8Array(canvas.width * canvas.height) };
      control.data[top * canvas.width + left] = 255;
      const { data } = await mapAt(control, place);
      const { width, height } = place.size;
      const centre = { x: 0, y: 0, weight: 0 };
      for (let pixel = 0; pixel < width * height; pixel++) {
        const value = data[pixel]!;
        centre.x += value * ((pixel % width) + 0.5);
        centre.y += value * (Math.floor(pixel / width) + 0.5);
        centre.weight += value;
      }
      // Of a pixel that is a small part of one of the map's nothing may be left.
      if (centre.weight === 0) return;
      const scale = { x: place.area.width / width, y: place.area.height / height };
      const x = place.area.left + (centre.x / centre.weight) * scale.x;
      const y = place.area.top + (centre.y / centre.weight) * scale.y;
      assert.ok(Math.abs(x - left - 0.5) <= 0.5 + scale.x, `${x} for ${left}`);
      assert.ok(Math.abs(y - top - 0.5) <= 0.5 + scale.y, `${y} for ${top}`);
    }),
    { numRuns: 60 },
  );
});

test('on a larger canvas a control stays where its picture is, and what is new of lines is black', () => {
  const margin = fc.integer({ min: 0, max: 9 });
  const margins = fc.record({ left: margin, right: margin, top: margin, bottom: margin });
  fc.assert(
    fc.property(canvases, margins, fc.constantFrom('canny', 'depth', undefined), (canvas, added, kind) => {
      const picture = noise(canvas, 3);
      const extended = extendControls([controlOf(picture, kind)], added)[0]!.picture!;
      const { left, top, right, bottom } = added;
      assert.deepEqual(
        [extended.width, extended.height],
        [canvas.width + left + right, canvas.height + top + bottom],
      );
      assert.deepEqual(cropPicture(extended, { ...boundsOf(canvas), left, top }).data, picture.data);
      if (kind === 'depth') return;
      const sum = ({ data }: Picture) => Array.from(data).reduce((total, value) => total + value, 0);
      assert.equal(sum(extended), sum(picture));
    }),
    { numRuns: 40 },
  );
});
