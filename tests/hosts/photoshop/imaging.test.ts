import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { adobeRgbProfile, convertPixels, srgbProfile } from './color.ts';
import { patchwork, startHost } from './host-fixture.ts';
import { Raster } from './raster.ts';
import { rectangleOf } from './rectangle.ts';
import { type BitDepth, maxOf } from './samples.ts';

const srgb = { colorSpace: 'RGB', colorProfile: srgbProfile } as const;
const grayImage = { components: 1, colorSpace: 'Grayscale', colorProfile: 'Gray Gamma 2.2' } as const;

async function pixelsOf(
  { imaging }: ReturnType<typeof startHost>,
  options: Parameters<ReturnType<typeof startHost>['imaging']['getPixels']>[0],
) {
  const { imageData, sourceBounds } = await imaging.getPixels(options);
  try {
    return { data: await imageData.getData(), sourceBounds, components: imageData.components };
  } finally {
    imageData.dispose();
  }
}

test('pixels of a document with a Background have three components, and end at the canvas', async () => {
  const host = startHost();
  host.user.open({ width: 20, height: 10, background: patchwork });
  const { data, sourceBounds, components } = await host.modal(() =>
    pixelsOf(host, { sourceBounds: { left: 15, top: 5, right: 25, bottom: 15 } }),
  );
  assert.deepEqual(sourceBounds, { left: 15, top: 5, right: 20, bottom: 10 });
  assert.equal(components, 3);
  assert.equal(data.length, 5 * 5 * 3);
  assert.deepEqual(
    [...data.subarray(0, 3)],
    patchwork(15, 5)
      .map((v) => v * 255)
      .map(Math.round),
  );
  assert.equal(host.application.images.undisposed, 0);
});

test('pixels of a layer have alpha, and only what is not transparent comes back', async () => {
  const host = startHost();
  const document = host.user.open({ width: 40, height: 40 });
  const layer = host.user.addLayer(document, 'Spot', {
    bounds: rectangleOf(-3, 4, 10, 6),
    paint: (_x, _y, out, index) => out.set([9, 8, 7, 255], index),
  });
  const all = await host.modal(() => pixelsOf(host, { layerID: layer.id }));
  assert.deepEqual(all.sourceBounds, { left: -3, top: 4, right: 7, bottom: 10 });
  assert.equal(all.components, 4);
  const wanted = { left: 0, top: 0, width: 30, height: 30 };
  const composite = await host.modal(() => pixelsOf(host, { sourceBounds: wanted }));
  assert.deepEqual(composite.sourceBounds, { left: 0, top: 4, right: 7, bottom: 10 });
  assert.equal(composite.components, 4, 'no Background: the composite is transparent');
  const matted = await host.modal(() => pixelsOf(host, { sourceBounds: wanted, applyAlpha: true }));
  assert.equal(matted.components, 3);
});

test('an empty region is an error, not an empty image', async () => {
  const host = startHost();
  const document = host.user.open({ width: 40, height: 40 });
  const layer = host.user.addLayer(document, 'Empty');
  const expected = { message: 'grabPixels: got invalid empty image region' };
  await assert.rejects(
    host.modal(() => host.imaging.getPixels({ layerID: layer.id })),
    expected,
  );
  await assert.rejects(
    host.modal(() => host.imaging.getPixels({})),
    expected,
  );
  const outside = { left: 50, top: 0, right: 60, bottom: 10 };
  await assert.rejects(
    host.modal(() => host.imaging.getPixels({ sourceBounds: outside })),
    expected,
  );
});

test('every imaging call outside a modal scope throws', async () => {
  const { imaging, user } = startHost();
  user.open({ width: 4, height: 4, background: patchwork });
  await assert.rejects(imaging.getPixels({}), /modal scope/);
  await assert.rejects(imaging.getSelection({}), /modal scope/);
  await assert.rejects(
    imaging.createImageDataFromBuffer(new Uint8Array(1), { width: 1, height: 1, ...grayImage }),
    /modal scope/,
  );
});

test('16-bit samples reach 32768, unless the full range is asked for', async () => {
  const host = startHost();
  host.user.open({ width: 4, height: 4, depth: 16, background: () => [1, 0.5, 0] });
  await host.modal(async () => {
    const { imageData } = await host.imaging.getPixels({});
    assert.deepEqual([...(await imageData.getData()).subarray(0, 3)], [32_768, 16_384, 0]);
    const full = await imageData.getData({ fullRange: true });
    assert.deepEqual([...full.subarray(0, 3)], [65_535, 32_768, 0]);
    const planes = await imageData.getData({ chunky: false });
    assert.deepEqual([planes[0], planes[16], planes[32]], [32_768, 16_384, 0]);
    imageData.dispose();
    const tooBright = new Uint16Array([40_000]);
    await assert.rejects(
      host.imaging.createImageDataFromBuffer(tooBright, { width: 1, height: 1, ...grayImage }),
      /32768/,
    );
    const { imageData: narrow } = await host.imaging.getPixels({ componentSize: 8 });
    assert.deepEqual([...(await narrow.getData()).subarray(0, 3)], [255, 128, 0]);
    narrow.dispose();
    host.application.quirks.refusesDepthConversion = true;
    await assert.rejects(host.imaging.getPixels({ componentSize: 8 }), /Error Code -1/);
  });
});

test('a CMYK document gives its pixels in RGB alone, and takes them so', async () => {
  const host = startHost();
  const document = host.user.open({ width: 8, height: 8, mode: 'CMYK', background: () => [0, 1, 1, 0] });
  await assert.rejects(
    host.modal(() => host.imaging.getPixels({})),
    /CMYK/,
  );
  const { data } = await host.modal(() => pixelsOf(host, srgb));
  assert.deepEqual([...data.subarray(0, 3)], [255, 0, 0]);
  const layer = host.user.addLayer(document, 'Blue');
  await host.modal(async () => {
    const blue = Uint8Array.from([0, 0, 255, 255]);
    const imageData = await host.imaging.createImageDataFromBuffer(blue, {
      width: 1,
      height: 1,
      components: 4,
      ...srgb,
    });
    await host.imaging.putPixels({ layerID: layer.id, imageData, targetBounds: { left: 2, top: 3 } });
    imageData.dispose();
  });
  const placed = await host.modal(() => pixelsOf(host, { layerID: layer.id, ...srgb }));
  assert.deepEqual(placed.sourceBounds, { left: 2, top: 3, right: 3, bottom: 4 });
  assert.deepEqual([...placed.data], [0, 0, 255, 255]);
});

test('colours come back from any profile and mode as they went in, to a rounding', () => {
  const targets = [
    { mode: 'RGB', profile: adobeRgbProfile },
    { mode: 'CMYK', profile: 'any' },
    { mode: 'Lab', profile: 'any' },
  ] as const;
  const from = { mode: 'RGB', profile: srgbProfile } as const;
  const channel = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(fc.tuple(channel, channel, channel), fc.constantFrom(...targets), (rgb, to) => {
      const there = convertPixels(Uint8Array.from(rgb), { from, to, depth: 16, hasAlpha: false });
      // In that profile's gamut there is room for all of sRGB.
      const back = convertPixels(there, { from: to, to: from, depth: 8, hasAlpha: false });
      for (const [i, value] of rgb.entries())
        assert.ok(Math.abs(back[i]! - value) <= 1, `${rgb} ${[...back]}`);
    }),
  );
});

test('the same numbers are another colour in another profile', () => {
  const from = { mode: 'RGB', profile: adobeRgbProfile } as const;
  const to = { mode: 'RGB', profile: srgbProfile } as const;
  const [red] = convertPixels(Uint8Array.of(200, 100, 100), { from, to, depth: 8, hasAlpha: false });
  assert.ok(red! > 215, String(red));
});

test('an image is counted until it is disposed of, and cannot be used after', async () => {
  const host = startHost();
  const document = host.user.open({ width: 4, height: 4, background: patchwork });
  await host.modal(async () => {
    const { imageData } = await host.imaging.getPixels({});
    assert.equal(host.application.images.undisposed, 1);
    imageData.dispose();
    assert.equal(host.application.images.undisposed, 0);
    await assert.rejects(imageData.getData(), /disposed/);
    const layerID = document.state.layers[0]!.id;
    await assert.rejects(host.imaging.putPixels({ layerID, imageData }), /disposed/);
  });
});

test('putPixels drops whatever else is in the layer, unless it is told not to replace', async () => {
  const host = startHost();
  const document = host.user.open({ width: 30, height: 30 });
  const { id: layerID } = host.user.addLayer(document, 'Layer');
  const put = async (left: number, replace?: boolean) => {
    const options = { width: 2, height: 2, components: 3, ...srgb };
    const imageData = await host.imaging.createImageDataFromBuffer(new Uint8Array(12), options);
    await host.imaging.putPixels({
      layerID,
      imageData,
      targetBounds: { left, top: 0 },
      ...(replace !== undefined && { replace }),
    });
    imageData.dispose();
    return host.active().layers[0]!.bounds;
  };
  await host.modal(async () => {
    assert.equal((await put(0)).right, 2);
    assert.deepEqual(await put(10, false), { left: 0, top: 0, right: 12, bottom: 2, width: 12, height: 2 });
    assert.deepEqual(await put(20), { left: 20, top: 0, right: 22, bottom: 2, width: 2, height: 2 });
  });
});

test('a layer mask has to be made before it can be put', async () => {
  const host = startHost();
  const document = host.user.open({ width: 30, height: 30, background: patchwork });
  const { id: layerID } = host.user.addLayer(document, 'Layer');
  const makeMask = {
    _obj: 'make',
    new: { _class: 'channel' },
    at: { _ref: 'channel', _enum: 'channel', _value: 'mask' },
    using: { _enum: 'userMaskEnabled', _value: 'hideAll' },
  };
  await host.modal(async () => {
    const options = { width: 2, height: 1, ...grayImage };
    const imageData = await host.imaging.createImageDataFromBuffer(Uint8Array.of(255, 7), options);
    const put = () => host.imaging.putLayerMask({ layerID, imageData, targetBounds: { left: 5, top: 6 } });
    await assert.rejects(put(), /no user mask/);
    assert.deepEqual(await host.action.batchPlay([makeMask]), [{}]);
    await put();
    imageData.dispose();
    const mask = await host.imaging.getLayerMask({ layerID });
    assert.deepEqual(mask.sourceBounds, { left: 5, top: 6, right: 7, bottom: 7 });
    assert.deepEqual([...(await mask.imageData.getData())], [255, 7]);
    mask.imageData.dispose();
    const [again] = await host.action.batchPlay([makeMask]);
    assert.equal(again!._obj, 'error');
  });
});

test('black tiles of a mask turn white where the host is told so', async () => {
  const host = startHost();
  host.application.quirks.blackMaskTilesTurnWhite = true;
  const document = host.user.open({ width: 200, height: 200, background: patchwork });
  const { id: layerID } = host.user.addLayer(document, 'Layer');
  host.user.changeLayer(document, layerID, {
    mask: { raster: Raster.empty({ channels: 1, depth: 8 }), isEnabled: true },
  });
  await host.modal(async () => {
    const gray = new Uint8Array(128 * 64);
    gray[100] = 9;
    const options = { width: 128, height: 64, ...grayImage };
    const imageData = await host.imaging.createImageDataFromBuffer(gray, options);
    await host.imaging.putLayerMask({ layerID, imageData });
    imageData.dispose();
    const mask = await host.imaging.getLayerMask({ layerID });
    const data = await mask.imageData.getData();
    assert.equal(data[0], 255, 'the left tile was black');
    assert.equal(data[64], 0, 'the right one had a grey pixel');
    mask.imageData.dispose();
  });
});

test('a selection comes back trimmed to what is selected at all, and inside the canvas', async () => {
  const host = startHost();
  const document = host.user.open({ width: 30, height: 30, background: patchwork });
  await assert.rejects(
    host.modal(() => host.imaging.getSelection({})),
    /no selection/,
  );
  host.user.selectSoftly(document, rectangleOf(20, 20, 20, 20), (x, y) => (x + y) / 80);
  assert.deepEqual(host.active().selection.bounds?.right, 40, 'it reaches beyond the canvas');
  const { imageData, sourceBounds } = await host.modal(() =>
    host.imaging.getSelection({ sourceBounds: { left: 0, top: 0, right: 25, bottom: 30 } }),
  );
  assert.deepEqual(sourceBounds, { left: 20, top: 20, right: 25, bottom: 30 });
  assert.equal((await imageData.getData())[0], Math.round((40 / 80) * 255));
  imageData.dispose();
});

test('a picture of 12,000 x 9,000 pixels costs no memory until it is painted on', async () => {
  const host = startHost();
  const before = process.memoryUsage();
  const document = host.user.open({ width: 12_000, height: 9_000, background: patchwork });
  host.user.selectRectangle(document, rectangleOf(0, 0, 12_000, 9_000));
  const { data } = await host.modal(() =>
    pixelsOf(host, { sourceBounds: { left: 11_000, top: 8_000, right: 11_100, bottom: 8_100 } }),
  );
  assert.deepEqual(
    [...data.subarray(0, 3)],
    patchwork(11_000, 8_000).map((v) => Math.round(v * 255)),
  );
  const after = process.memoryUsage();
  assert.ok(after.arrayBuffers - before.arrayBuffers < 20_000_000);
});

test('what is written to a raster is read back, wherever it lies and however deep it is', () => {
  const side = fc.integer({ min: 1, max: 40 });
  const place = fc.integer({ min: -300, max: 300 });
  fc.assert(
    fc.property(
      side,
      side,
      place,
      place,
      fc.constantFrom<BitDepth>(8, 16, 32),
      (width, height, left, top, depth) => {
        const bounds = rectangleOf(left, top, width, height);
        const pattern = Raster.ofPattern(
          { channels: 2, depth },
          {
            bounds,
            paint(x, y, out, index) {
              out[index] = Math.abs(x * 3 + y) % 200;
              out[index + 1] = maxOf[depth];
            },
          },
        );
        const samples = pattern.read(bounds);
        const raster = Raster.empty({ channels: 2, depth }).written(bounds, samples);
        assert.deepEqual(raster.read(bounds), samples);
        assert.deepEqual(raster.contentBounds(), bounds);
        const moved = raster.movedBy({ x: 5, y: -7 });
        assert.deepEqual(moved.read(rectangleOf(left + 5, top - 7, width, height)), samples);
        assert.deepEqual(moved.contentBounds(), rectangleOf(left + 5, top - 7, width, height));
      },
    ),
    { numRuns: 40 },
  );
});
