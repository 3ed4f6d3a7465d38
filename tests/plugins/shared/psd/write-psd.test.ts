/** What is written is read back by a reader that shares no code with the writer, and what that does not tell by another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initializeCanvas, type Layer, readPsd as readByWriter } from 'ag-psd';
import fc from 'fast-check';
import type {
  LayeredPicture,
  LayerGroup,
  PixelLayer,
} from '../../../../plugins/shared/psd/layered-picture.ts';
import { maxPsdSide, PsdLimitError, writePsd } from '../../../../plugins/shared/psd/write-psd.ts';
import { type ReadGroup, type ReadLayer, readPsd } from './read-psd.ts';

function noise(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (Math.imul(i + seed, 2654435761) >>> 13) & 255);
}

function layer(name: string, change: Partial<PixelLayer> = {}): PixelLayer {
  const bounds = change.bounds ?? { left: 0, top: 0, width: 6, height: 5 };
  const rgba = noise(bounds.width * bounds.height * 4, name.length);
  return { type: 'layer', name, bounds, rgba, opacity: 1, isVisible: true, ...change };
}

function group(name: string, change: Partial<LayerGroup> = {}): LayerGroup {
  return { type: 'group', name, opacity: 1, isVisible: true, children: [], ...change };
}

function picture(change: Partial<LayeredPicture> = {}): LayeredPicture {
  const { width, height } = { width: 12, height: 9, ...change };
  const composite = noise(width * height * 4, 7).map((value, i) => (i % 4 === 3 ? 255 : value));
  return { width, height, children: [], composite, ...change };
}

/** Not one that ends at the canvas's left or top edge: the reader takes an end of 0 for 1. */
const anyLayer: fc.Arbitrary<PixelLayer> = fc
  .record({
    name: fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
    left: fc.integer({ min: -40, max: 40 }),
    top: fc.integer({ min: -40, max: 40 }),
    width: fc.integer({ min: 1, max: 33 }),
    height: fc.integer({ min: 1, max: 33 }),
    opacity: fc.integer({ min: 0, max: 255 }),
    isVisible: fc.boolean(),
    seed: fc.nat(),
    outside: fc.constantFrom(0, 255),
    isMasked: fc.boolean(),
    maskAt: fc.integer({ min: -5, max: 5 }),
  })
  .filter(({ left, top, width, height }) => left + width !== 0 && top + height !== 0)
  .map(({ name, left, top, width, height, opacity, isVisible, seed, outside, isMasked, maskAt }) => ({
    type: 'layer',
    name,
    opacity: opacity / 255,
    isVisible,
    bounds: { left, top, width, height },
    rgba: noise(width * height * 4, seed),
    ...(isMasked && {
      mask: {
        bounds: { left: left + maskAt, top, width: height, height: width },
        values: noise(width * height, seed + 1),
        outside,
        isEnabled: true,
      },
    }),
  }));

/** A layer as it must be read. */
function readOf({ name, opacity, isVisible, bounds, rgba, mask }: PixelLayer): ReadLayer {
  return {
    type: 'layer',
    name,
    opacity: Math.round(opacity * 255),
    isVisible,
    bounds,
    rgba: Uint8Array.from(rgba),
    ...(mask && {
      mask: { bounds: mask.bounds, values: Uint8Array.from(mask.values), outside: mask.outside },
    }),
  };
}

test('layers come back with their names, places, masks, opacity and every byte of their pixels', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyLayer, { minLength: 1, maxLength: 4 }), async (layers) => {
      const read = await readPsd(writePsd(picture({ children: layers })));
      assert.deepEqual(read.children, layers.map(readOf));
    }),
    { numRuns: 60 },
  );
});

test('groups hold what they held, in the same order, bottom first', async () => {
  const children = [
    layer('below'),
    group('a', {
      opacity: 0.4,
      children: [layer('a1'), group('inner', { children: [layer('i')] }), layer('a2')],
    }),
    group('empty'),
    layer('above'),
  ];
  const read = await readPsd(writePsd(picture({ children })));
  const outline = (nodes: readonly (ReadGroup | ReadLayer)[]): unknown =>
    nodes.map((node) => (node.type === 'group' ? [node.name, outline(node.children)] : node.name));
  assert.deepEqual(outline(read.children), [
    'below',
    ['a', ['a1', ['inner', ['i']], 'a2']],
    ['empty', []],
    'above',
  ]);
  assert.equal((read.children[1] as ReadGroup).opacity, 102);
});

test("the canvas, its composite and the document's resolution come back", async () => {
  const source = picture({ width: 31, height: 1, pixelsPerInch: 300, children: [layer('a')] });
  const read = await readPsd(writePsd(source));
  assert.deepEqual([read.width, read.height, read.pixelsPerInch], [31, 1, 300]);
  assert.deepEqual(read.composite, source.composite);
});

test('a hidden group, its mask, and a mask that is switched off stay what they are', () => {
  const mask = {
    bounds: { left: 1, top: 2, width: 3, height: 2 },
    values: Uint8Array.of(0, 50, 100, 150, 200, 255),
    outside: 255,
    isEnabled: false,
  } as const;
  const source = picture({
    children: [group('g', { isVisible: false, mask, children: [layer('a', { mask })] })],
  });
  // It makes no pixels without a canvas.
  const createImageData = (width: number, height: number) => ({
    width,
    height,
    data: new Uint8ClampedArray(width * height * 4),
  });
  initializeCanvas(() => assert.fail('a canvas was asked for'), createImageData);
  const { children } = readByWriter(writePsd(source), { useImageData: true });
  const [read] = children as [Layer];
  const maskRead = { left: 1, top: 2, right: 4, bottom: 4, defaultColor: 255, disabled: true };
  const told = (of: Layer['mask']) =>
    Object.fromEntries(Object.keys(maskRead).map((key) => [key, of?.[key as 'left']]));
  assert.equal(read.hidden, true);
  assert.deepEqual(told(read.mask), maskRead);
  assert.deepEqual(told(read.children![0]!.mask), maskRead);
});

test('an opaque bottom layer is no fixed background, and a layer without pixels is one all the same', async () => {
  const opaque = layer('bottom', { bounds: { left: 0, top: 0, width: 12, height: 9 } });
  const children = [
    { ...opaque, rgba: opaque.rgba.map((value, i) => (i % 4 === 3 ? 255 : value)) },
    layer('nothing', { bounds: { left: 3, top: 4, width: 0, height: 0 } }),
  ];
  const file = writePsd(picture({ children }));
  const read = await readPsd(file);
  assert.deepEqual(
    read.children.map((node) => node.name),
    ['bottom', 'nothing'],
  );
  assert.deepEqual((read.children[0] as ReadLayer).rgba, Uint8Array.from(children[0]!.rgba));
  assert.equal((read.children[1] as ReadLayer).rgba.length, 0);
});

test('a picture on the longest side of the format is written, and one pixel more refused', async () => {
  const thin = (width: number) => picture({ width, height: 1, children: [layer('a')] });
  assert.equal((await readPsd(writePsd(thin(maxPsdSide)))).width, maxPsdSide);
  assert.throws(
    () => writePsd(thin(maxPsdSide + 1)),
    (error) =>
      error instanceof PsdLimitError &&
      error.message === 'A PSD file has at most 30000 pixels a side; the picture is 30001 × 1.',
  );
});

test('pixels and masks that are not of their bounds are refused with the name of the layer', () => {
  const short = layer('torn', { rgba: new Uint8Array(3) });
  assert.throws(() => writePsd(picture({ children: [short] })), /120 bytes for layer "torn", received 3/);
  const mask = { bounds: short.bounds, values: new Uint8Array(31), outside: 0, isEnabled: true } as const;
  const masked = layer('masked', { mask });
  assert.throws(
    () => writePsd(picture({ children: [group('g', { children: [masked] })] })),
    /30 bytes for the mask of layer "masked", received 31/,
  );
  assert.throws(() => writePsd(picture({ composite: new Uint8Array(1) })), /432 bytes for the whole picture/);
});
