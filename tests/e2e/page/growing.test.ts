/** Pictures that become larger: expanded at their borders, or upscaled. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { skipWithoutBrowser } from '../../browser.ts';
import type { Raw } from '../sample-pictures.ts';
import type { EditorPage } from './editor-page.ts';
import { largestDifference, meanDifference, pngFile, stripes } from './page-pictures.ts';
import { PageServer, type RunningServer } from './page-server.ts';

describe('growing a picture on the page', { skip: skipWithoutBrowser }, () => {
  let pages: PageServer;
  let server: RunningServer;
  before(async () => {
    pages = await PageServer.start();
    server = await pages.serve();
  });
  after(() => pages?.close());

  const source = stripes(200, 144);

  async function open(context: Parameters<PageServer['visit']>[0]): Promise<EditorPage> {
    const editor = await pages.visit(context, server.address);
    await editor.openPicture(await pngFile('stripes.png', source));
    return editor;
  }

  const number = (editor: EditorPage, name: string) => editor.page.getByRole('spinbutton', { name });

  /** Every pixel of the source is at its new place. */
  function assertKept(pixels: Raw, { left, top }: { left: number; top: number }): void {
    for (let y = 0; y < source.height; y++) {
      const row = source.data.subarray(y * source.width * 3, (y + 1) * source.width * 3);
      const at = ((y + top) * pixels.width + left) * 3;
      assert.deepEqual(pixels.data.subarray(at, at + row.length), row, `row ${y}`);
    }
  }

  test('by numbers: the stripes go on to the left and the right, and what was there keeps its bytes', async (context) => {
    const editor = await open(context);
    await editor.actions.getByRole('button', { name: 'Expand' }).click();
    const form = editor.page.getByRole('form', { name: 'Expand' });
    const run = form.getByRole('button', { name: 'Expand', exact: true });
    assert.equal(await run.isDisabled(), true);
    await number(editor, 'Left').fill('24');
    await number(editor, 'Right').fill('31');
    await number(editor, 'Right').press('Tab');
    await run.click();
    await editor.page.getByRole('application', { name: /, 255 by 144 pixels/ }).waitFor();
    await editor.untilDone('Expand 1');
    const pixels = await editor.pixels();
    assert.deepEqual([pixels.width, pixels.height], [255, 144]);
    assertKept(pixels, { left: 24, top: 0 });
    const expected = stripes(255, 144);
    const isNew = ({ x }: { x: number }) => x < 24 || x >= 224;
    const difference = meanDifference(pixels, expected, isNew);
    assert.ok(difference < 12, `stripes: ${difference}`);

    await editor.button('Undo').click();
    await editor.page.getByRole('application', { name: /, 200 by 144 pixels/ }).waitFor();
    assert.equal(largestDifference(await editor.pixels(), source), 0);
    editor.assertSound();
  });

  test('by dragging the border: as many pixels as it was dragged, filled', async (context) => {
    const editor = await open(context);
    await editor.actions.getByRole('button', { name: 'Expand' }).click();
    await editor.page.mouse.move(1, 1);
    await editor.locate();
    // From the middle of the right and of the upper border.
    await editor.drag({ x: 200, y: 72 }, { x: 210, y: 72 }, { x: 220, y: 72 });
    const right = Number(await number(editor, 'Right').inputValue());
    assert.ok(Math.abs(right - 20) <= 2, `${right}`);
    await editor.drag({ x: 110, y: 0 }, { x: 110, y: -8 });
    const top = Number(await number(editor, 'Top').inputValue());
    assert.ok(top >= 6 && top <= 10, `${top}`);
    await editor.page.keyboard.press('Enter');
    await editor.untilDone('Expand 1');
    const pixels = await editor.pixels();
    assert.deepEqual([pixels.width, pixels.height], [200 + right, 144 + top]);
    assertKept(pixels, { left: 0, top });
    const black = { ...pixels, data: Buffer.alloc(pixels.data.length) };
    assert.ok(
      meanDifference(pixels, black, ({ x, y }) => x >= 200 || y < top) > 60,
      'the margins are filled',
    );
    editor.assertSound();
  });

  test('upscaled twice: both sides double, by the smallest network, and undo returns', async (context) => {
    const editor = await open(context);
    await editor.actions.getByRole('button', { name: 'Upscale' }).click();
    const form = editor.page.getByRole('form', { name: 'Upscale' });
    await form.getByText('400 × 288').waitFor();
    await form.getByRole('combobox', { name: 'Model' }).selectOption('realesr-animevideov3');
    await form.getByRole('button', { name: 'Upscale', exact: true }).click();
    await editor.page.getByRole('application', { name: /, 400 by 288 pixels/ }).waitFor();
    const pixels = await editor.pixels();
    assert.deepEqual([pixels.width, pixels.height], [400, 288]);
    const doubled: Raw = { width: 400, height: 288, data: Buffer.alloc(400 * 288 * 3) };
    for (let y = 0; y < 288; y++)
      for (let x = 0; x < 400; x++) {
        const at = ((y >> 1) * 200 + (x >> 1)) * 3;
        doubled.data.set(source.data.subarray(at, at + 3), (y * 400 + x) * 3);
      }
    const difference = meanDifference(pixels, doubled, () => true);
    assert.ok(difference < 10, `${difference}`);
    await editor.button('Undo').click();
    await editor.page.getByRole('application', { name: /, 200 by 144 pixels/ }).waitFor();
    assert.equal(largestDifference(await editor.pixels(), source), 0);
    editor.assertSound();
  });
});
