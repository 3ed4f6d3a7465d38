/** What the page is for: something is marked, and it is gone, and nothing else has changed. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { MAX_MASK_GROWTH } from '../../../engine/fill/object-mask.ts';
import { skipWithoutBrowser } from '../../browser.ts';
import { load } from '../sample-pictures.ts';
import { eventually } from './editor-page.ts';
import {
  grain,
  largestDifference,
  light,
  meanDifference,
  near,
  photo,
  pixel,
  pngFile,
  red,
  stripes,
} from './page-pictures.ts';
import { PageServer, type RunningServer } from './page-server.ts';

describe('removing on the page', { skip: skipWithoutBrowser }, () => {
  let pages: PageServer;
  let server: RunningServer;
  before(async () => {
    pages = await PageServer.start();
    server = await pages.serve();
  });
  after(() => pages?.close());

  const size = { width: 320, height: 240 };
  const disc = { centre: { x: 160, y: 120 }, radius: 26 };
  const source = stripes(size.width, size.height, disc);
  const withoutDisc = stripes(size.width, size.height);

  test('a disc on stripes is brushed over and gone; the stripes go on, and all else has its bytes', async (context) => {
    const editor = await pages.visit(context, server.address);
    await editor.openPicture(await pngFile('disc.png', source));
    await eventually(async () => assert.deepEqual(await editor.seen(disc.centre), red));
    assert.equal(await editor.remove.isDisabled(), true);
    await editor.choose('Brush');
    const [from, to] = [
      { x: 150, y: 120 },
      { x: 170, y: 120 },
    ];
    const sizeSlider = editor.page.getByRole('slider', { name: 'Size' });
    await sizeSlider.fill('63');
    const words = (await sizeSlider.getAttribute('aria-valuetext')) ?? '';
    const radius = Number(/^(\d+) px$/.exec(words)?.[1]) / 2;
    assert.ok(radius > disc.radius && radius < 2 * disc.radius, words);
    await editor.drag(from, to);
    await editor.untilSelected(true);
    await eventually(async () =>
      assert.notDeepEqual(await editor.seen(disc.centre), red, 'the selection is seen'),
    );
    await editor.remove.click();
    await editor.untilDone('Remove 1');
    await editor.untilSelected(false);
    await editor.layer('Remove 1').waitFor();

    const result = await editor.download();
    assert.equal(result.name, 'disc-inlay.png');
    const pixels = await load(result.bytes);
    const isMasked = near(from, to, radius + MAX_MASK_GROWTH + 1);
    assert.deepEqual([pixels.width, pixels.height], [size.width, size.height]);
    assert.equal(
      largestDifference(pixels, source, (point) => !isMasked(point)),
      0,
    );
    const isDisc = near(disc.centre, disc.centre, disc.radius);
    assert.ok(
      meanDifference(pixels, withoutDisc, isDisc) < 8,
      `stripes: ${meanDifference(pixels, withoutDisc, isDisc)}`,
    );
    const expected = pixel(pixels, { x: 160, y: 125 });
    await eventually(async () => {
      const seen = await editor.seen({ x: 160, y: 125 });
      const isThat = seen.every((value, i) => Math.abs(value - expected[i]!) < 24);
      assert.ok(isThat, `${seen} is seen, ${expected} downloaded`);
    });

    await editor.button('Show Remove 1').click();
    assert.deepEqual(await editor.pixels(), source, 'without its layer the picture is as it was opened');
    editor.assertSound();
  });

  test('the example photograph: one click, one stroke, one press, with progress and a preview on the way', async (context) => {
    const editor = await pages.visit(context, server.address);
    await editor.button('Try the example').click();
    await editor.untilShown(photo.name);
    const original = await editor.pixels();
    const [from, to] = [
      { x: 318, y: 125 },
      { x: 318, y: 385 },
    ];
    await editor.drag(from, to);
    await editor.untilSelected(true);
    const phases = await watchProgress(editor.page);
    await editor.page.keyboard.press('Enter');
    await editor.untilDone('Remove 1');
    const seen = await phases();
    assert.ok(seen.includes('Filling'), `phases: ${seen}`);
    const pixels = await editor.pixels();
    assert.equal(
      largestDifference(pixels, original, (point) => !near(from, to, 30 + 28)(point)),
      0,
    );
    // The rocket is white, the sky behind it dark.
    const rocket = near({ x: 321, y: 180 }, { x: 321, y: 300 }, 4);
    const brightness = (of: typeof pixels) =>
      meanDifference(of, { ...of, data: Buffer.alloc(of.data.length) }, rocket);
    assert.ok(brightness(original) > 120, `${brightness(original)}`);
    assert.ok(brightness(pixels) < 90, `${brightness(pixels)}`);
    editor.assertSound();
  });

  test('three variations flip with buttons and arrow keys, and there are more of them', async (context) => {
    const editor = await pages.visit(context, server.address);
    await editor.openPicture(await pngFile('grain.png', grain(160, 120)));
    await editor.choose('Rectangle');
    await editor.drag({ x: 60, y: 40 }, { x: 100, y: 80 });
    await editor.fill.click();
    const bar = editor.variations('Fill 1');
    await editor.untilDone('Fill 1');
    const shown = async (words: string) => {
      await bar.getByText(words, { exact: true }).waitFor();
      await editor.untilDone('Fill 1');
      return editor.pixels();
    };
    const first = await shown('1 of 3');
    await bar.getByRole('button', { name: 'Next variation' }).click();
    const second = await shown('2 of 3');
    await editor.picture.focus();
    await editor.page.keyboard.press('ArrowRight');
    const third = await shown('3 of 3');
    assert.ok(largestDifference(first, second) > 0);
    assert.ok(largestDifference(second, third) > 0);
    await editor.page.keyboard.press('ArrowRight');
    assert.deepEqual(await shown('1 of 3'), first);
    await editor.picture.focus();
    await editor.page.keyboard.press('ArrowLeft');
    assert.deepEqual(await shown('3 of 3'), third);
    await bar.getByRole('button', { name: 'Variation 2', exact: true }).click();
    assert.deepEqual(await shown('2 of 3'), second);

    await bar.getByRole('button', { name: '3 more' }).click();
    const fourth = await shown('4 of 6');
    for (const earlier of [first, second, third]) assert.ok(largestDifference(fourth, earlier) > 0);
    assert.equal(await editor.page.getByRole('button', { name: /^Layer / }).count(), 1);
    editor.assertSound();
  });

  test('layers: off, less opaque, moved, renamed, deleted; undo takes back each, redo does it again', async (context) => {
    const editor = await pages.visit(context, server.address);
    await editor.openPicture(await pngFile('disc.png', source));
    await editor.choose('Rectangle');
    await editor.drag({ x: 120, y: 80 }, { x: 200, y: 160 });
    await editor.fill.click();
    await editor.untilDone('Fill 1');
    const one = await editor.pixels();
    await editor.drag({ x: 150, y: 100 }, { x: 230, y: 150 });
    await editor.fill.click();
    await editor.untilDone('Fill 2');
    const two = await editor.pixels();
    const names = () => editor.page.getByRole('button', { name: /^Layer / }).allTextContents();
    assert.deepEqual(await names(), ['Layer Fill 2', 'Layer Fill 1']);

    await editor.button('Show Fill 2').click();
    assert.deepEqual(await editor.pixels(), one);
    await editor.button('Undo').click();
    assert.deepEqual(await editor.pixels(), two);

    await editor.set('Opacity', 50);
    const half = await editor.pixels();
    assert.ok(largestDifference(half, two) > 0 || largestDifference(one, two) === 0);
    assert.ok(largestDifference(half, one) <= (largestDifference(two, one) + 1) / 2 + 1);
    await editor.page.keyboard.press('Control+z');
    assert.deepEqual(await editor.pixels(), two);

    await editor.button('Move down').click();
    assert.deepEqual(await names(), ['Layer Fill 1', 'Layer Fill 2']);
    await editor.button('Undo').click();

    await editor.page.getByRole('textbox', { name: 'Name' }).fill('Sky');
    await editor.page.keyboard.press('Enter');
    await editor.layer('Sky').waitFor();
    await editor.button('Delete').click();
    assert.deepEqual(await names(), ['Layer Fill 1']);
    assert.deepEqual(await editor.pixels(), one);
    for (let step = 0; step < 2; step++) await editor.button('Undo').click();
    assert.deepEqual(await names(), ['Layer Fill 2', 'Layer Fill 1']);

    await editor.button('Undo').click();
    await editor.untilSelected(true);
    assert.deepEqual(await names(), ['Layer Fill 1']);
    await editor.button('Redo').click();
    await editor.untilSelected(false);
    assert.deepEqual(await editor.pixels(), two);
    editor.assertSound();
  });

  test('before and after side by side: the original on the left of the line, moved by keys and pointer', async (context) => {
    const editor = await pages.visit(context, server.address);
    await editor.openPicture(await pngFile('disc.png', source));
    await editor.choose('Lasso');
    await editor.lasso(120, 80, 200, 160);
    await editor.fill.click();
    await editor.untilDone('Fill 1');
    const compare = editor.button('Compare with the original');
    const handle = editor.page.getByRole('slider', { name: 'Before and after' });
    await compare.click();
    await handle.focus();
    await editor.page.keyboard.press('End');
    await eventually(async () => assert.deepEqual(await editor.seen({ x: 160, y: 125 }), red));
    await editor.page.keyboard.press('Home');
    await eventually(async () => assert.notDeepEqual(await editor.seen({ x: 160, y: 125 }), red));
    // The line of the slider keeps clear of both pixels.
    const [left, right] = [
      { x: 145, y: 125 },
      { x: 175, y: 125 },
    ];
    const grip = await handle.boundingBox();
    assert.ok(grip);
    const { mouse } = editor.page;
    await mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
    await mouse.down();
    await mouse.move(editor.onScreen(disc.centre).x, grip.y + grip.height / 2, { steps: 8 });
    await mouse.up();
    await eventually(async () => assert.deepEqual(await editor.seen(left), red));
    assert.notDeepEqual(await editor.seen(right), red);
    await compare.click();
    await eventually(async () => assert.notDeepEqual(await editor.seen(left), red));
    assert.ok(Math.abs(pixel(await editor.pixels(), { x: 160, y: 125 })[0] - light[0]) < 30);
    editor.assertSound();
  });
});

/** Notes what the progress bar is called, while there is one. The function returned tells. */
async function watchProgress(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(`{
    const seen = new Set();
    window.phasesSeen = seen;
    new MutationObserver(() => {
      const bar = document.querySelector('[role=progressbar]');
      if (bar) seen.add(bar.getAttribute('aria-label'));
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  }`);
  return () => page.evaluate<string[]>('[...window.phasesSeen]');
}
