import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser, type ModulePage, openModule, skipWithoutBrowser } from '../../../browser.ts';

describe('the view of a document', { skip: skipWithoutBrowser }, () => {
  let browser: Browser;
  let module: ModulePage;
  before(async () => {
    browser = await launchBrowser();
    module = await openModule(browser, path.join(import.meta.dirname, 'picture-view.page.ts'));
  });
  after(async () => {
    await module?.close();
    await browser?.close();
  });
  const differences = (scale: number, left: number, top: number) =>
    module.call<number>('differences', scale, left, top);
  const pixel = (overlay: object, ...at: readonly [number, number]) =>
    module.call<number[]>('pixelWith', overlay, at);

  test('shows the very pixels of the document at 100 %, across tiles, and sharp squares above', async () => {
    assert.deepEqual(await module.call('start', 1), [300, 200]);
    assert.equal(await differences(1, 0, 0), 0);
    assert.equal(await differences(1, 400, 450), 0, 'where four tiles meet');
    assert.equal(await differences(1, 900, 800), 0, 'the lower right corner');
    assert.equal(await differences(4, 490, 500), 0);
  });

  test('shows a changed layer where it is, and nothing of its old look', async () => {
    await module.call('start', 1);
    assert.equal(await differences(1, 420, 430), 0);
    await module.call('changeLayers');
    assert.equal(await differences(1, 420, 430), 0);
  });

  test('draws with all pixels of a dense display', async () => {
    assert.deepEqual(await module.call('start', 2), [600, 400]);
    assert.equal(await differences(1, 300, 300), 0);
    assert.equal(await differences(2, 300, 300), 0);
  });

  test('a preview of more than the selection is seen in the selection alone, as softly as that is', async () => {
    const [inside, rim, outside] = await module.call<number[][]>('maskedPixels');
    assert.deepEqual(inside, [0, 255, 0, 255]);
    assert.deepEqual(rim, [0, 255, 0, 128]);
    assert.equal(outside![3], 0);
  });

  test('what a model sees has a dashed frame, light and dark in turns', async () => {
    const { light, dark } = await module.call<{ light: number; dark: number }>('frameShades');
    assert.ok(light > 25 && dark > 10, `${light} light, ${dark} dark`);
  });

  test('asks for no frame when nothing changes', async () => {
    assert.equal(await module.call('framesWhenIdle'), 0);
  });

  test('tints what is selected, shows the base left of the split, the preview in its place', async () => {
    await module.call('start', 1);
    await module.call('showFlat');
    const none = { isSelectionShown: false, split: null, preview: null };
    assert.deepEqual(await pixel(none, 75, 50), [255, 255, 255, 255]);
    assert.deepEqual(await pixel({ isSelectionShown: true }, 25, 50), [255, 255, 255, 255]);
    const tinted = await pixel({ isSelectionShown: true }, 75, 50);
    assert.equal(tinted[0], 255);
    assert.ok(Math.abs(tinted[1]! - 127) <= 2);
    assert.deepEqual(await pixel({ ...none, split: 0.1 }, 20, 50), [100, 100, 100, 255]);
    assert.deepEqual(await pixel({ split: 0.1 }, 60, 50), [255, 255, 255, 255]);
    assert.deepEqual(await pixel(none, 150, 50), [10, 20, 30, 255], 'around the picture');
  });

  test('shows squares where the picture is transparent', async () => {
    await module.call('showTransparent');
    const none = { isSelectionShown: false, split: null };
    assert.deepEqual(await pixel(none, 4, 4), [200, 200, 200, 255]);
    assert.deepEqual(await pixel(none, 12, 4), [255, 255, 255, 255]);
  });

  test('the frame of an expansion and the brush are drawn over the picture', async () => {
    await module.call('showFlat');
    const none = { isSelectionShown: false, split: null };
    const frame = { left: 0, top: 0, width: 200, height: 100 };
    assert.deepEqual(await pixel({ ...none, expandFrame: frame }, 50, 50), [255, 255, 255, 255]);
    const [red, , blue] = await pixel({}, 150, 50);
    assert.ok(blue! > red! + 20, 'new area tinted with the accent');
    const ring = await pixel(
      { expandFrame: null, brush: { at: { x: 50, y: 50 }, diameter: 40, hardness: 1 } },
      71,
      50,
    );
    assert.notDeepEqual(ring, [255, 255, 255, 255]);
  });

  test('pans over 24 megapixels without ever stopping to paint', async () => {
    const times = await module.call<number[]>('panTimes');
    // A wide bound: a busy machine delays frames whatever they do. Painting anew would take several hundred.
    assert.ok(times[30]! < 100, `the median frame took ${times[30]} ms`);
  });
});
