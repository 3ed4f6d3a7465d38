/** What is selected is seen, and is what a fill changes: with every tool, by pointer, keys and numbers. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { skipWithoutBrowser } from '../../browser.ts';
import { load, type Raw } from '../sample-pictures.ts';
import { type Colour, type EditorPage, eventually, type Point } from './editor-page.ts';
import { largestDifference, near, pixel, pngFile } from './page-pictures.ts';
import { PageServer, type RunningServer } from './page-server.ts';

const size = { width: 240, height: 180 };
const plain: Colour = [128, 128, 128];
const centre = { x: 120, y: 90 };

describe('selecting on the page', { skip: skipWithoutBrowser }, () => {
  let pages: PageServer;
  let server: RunningServer;
  before(async () => {
    pages = await PageServer.start();
    server = await pages.serve();
  });
  after(() => pages?.close());

  const grey: Raw = { ...size, data: Buffer.alloc(size.width * size.height * 3, plain[0]) };

  async function open(context: Parameters<PageServer['visit']>[0], source = grey): Promise<EditorPage> {
    const editor = await pages.visit(context, server.address);
    await editor.openPicture(await pngFile('plain.png', source));
    return editor;
  }

  /** How strongly a pixel is tinted: 0 for not at all. */
  async function tint(editor: EditorPage, point: Point): Promise<number> {
    const seen = await editor.seen(point);
    return Math.max(...seen.map((value, i) => Math.abs(value - plain[i]!)));
  }

  /** Waits until these are seen selected, and those not. */
  async function assertSelected(editor: EditorPage, yes: readonly Point[], no: readonly Point[]) {
    // The ring of the brush must not lie over what is looked at.
    await editor.page.mouse.move(1, 1);
    await eventually(async () => {
      for (const point of yes)
        assert.ok((await tint(editor, point)) > 20, `${JSON.stringify(point)} is selected`);
      for (const point of no) assert.equal(await tint(editor, point), 0, `${JSON.stringify(point)} is not`);
    });
  }

  test('rectangle, lasso, brush and eraser select what they pass; undo goes back stroke by stroke', async (context) => {
    const editor = await open(context);
    const [left, middle, right] = [{ x: 30, y: 90 }, centre, { x: 210, y: 90 }];
    await editor.choose('Rectangle');
    await editor.drag({ x: 100, y: 70 }, { x: 140, y: 110 });
    await assertSelected(editor, [middle], [left, right]);
    await editor.choose('Lasso');
    await editor.page.keyboard.down('Shift');
    await editor.lasso(10, 70, 50, 110);
    await editor.page.keyboard.up('Shift');
    await assertSelected(editor, [left, middle], [right]);
    await editor.choose('Brush');
    await editor.set('Size', 50);
    await editor.drag({ x: 210, y: 80 }, { x: 210, y: 100 });
    await assertSelected(editor, [left, middle, right], [{ x: 75, y: 90 }]);
    await editor.choose('Eraser');
    await editor.drag({ x: 120, y: 70 }, { x: 120, y: 110 });
    await assertSelected(editor, [left, right], [middle]);

    await editor.button('Undo').click();
    await assertSelected(editor, [left, middle, right], []);
    await editor.page.keyboard.press('Control+z');
    await assertSelected(editor, [left, middle], [right]);
    await editor.button('Redo').click();
    await assertSelected(editor, [left, middle, right], []);
    await editor.button('Clear the selection').click();
    await assertSelected(editor, [], [left, middle, right]);
    await editor.untilSelected(false);
    editor.assertSound();
  });

  test('a fill of a rectangle changes the rectangle alone; of the inverted one, all the rest', async (context) => {
    const data = Buffer.from(grey.data);
    for (let i = 0; i < data.length; i++) data[i] = 100 + ((i * 2_654_435_761) >>> 27);
    const source = { ...grey, data };
    const editor = await open(context, source);
    const isInside = ({ x, y }: Point) => x >= 60 && x < 100 && y >= 50 && y < 90;
    await editor.choose('Rectangle');
    await editor.drag({ x: 60, y: 50 }, { x: 100, y: 90 });
    await editor.fill.click();
    await editor.untilDone('Fill 1');
    const filled = await editor.pixels();
    assert.equal(
      largestDifference(filled, source, (point) => !isInside(point)),
      0,
    );
    assert.ok(largestDifference(filled, source, isInside) > 0);

    await editor.button('Undo').click();
    await editor.untilSelected(true);
    await editor.page.keyboard.press('i');
    await editor.fill.click();
    await editor.untilDone('Fill 1');
    const rest = await editor.pixels();
    assert.equal(largestDifference(rest, source, isInside), 0);
    assert.ok(largestDifference(rest, source, (point) => !isInside(point)) > 0);
    editor.assertSound();
  });

  test('a soft brush and a feather mix gently: less change towards the edge, none beyond', async (context) => {
    const data = Buffer.from(grey.data);
    const blot = near(centre, centre, 60);
    // A white blot, of which a fill from outside leaves nothing where it is selected whole.
    for (let y = 0; y < size.height; y++)
      for (let x = 0; x < size.width; x++)
        if (blot({ x, y })) data.fill(250, (y * size.width + x) * 3, (y * size.width + x) * 3 + 3);
    const source = { ...grey, data };
    const editor = await open(context, source);
    await editor.choose('Brush');
    await editor.set('Size', 80);
    await editor.set('Softness', 100);
    const words = await editor.page.getByRole('slider', { name: 'Size' }).getAttribute('aria-valuetext');
    const radius = Number.parseInt(words ?? '', 10) / 2;
    await editor.drag(centre, { x: centre.x + 1, y: centre.y });
    await editor.fill.click();
    await editor.untilDone('Fill 1');
    const soft = await editor.pixels();
    assert.equal(
      largestDifference(soft, source, (point) => !near(centre, centre, radius + 3)(point)),
      0,
    );
    assert.ok(partlyChanged(soft, source) > 100, `${partlyChanged(soft, source)}`);

    await editor.button('Undo').click();
    await editor.untilSelected(true);
    await editor.choose('Rectangle');
    await editor.drag({ x: 80, y: 50 }, { x: 160, y: 130 });
    await editor.button('More for the selection').click();
    await editor.page.getByRole('spinbutton', { name: 'Feather' }).fill('10');
    await editor.page.getByRole('button', { name: 'Feather', exact: true }).click();
    await editor.fill.click();
    await editor.untilDone('Fill 1');
    const feathered = await editor.pixels();
    const isFar = ({ x, y }: Point) => x < 40 || x >= 200 || y < 10 || y >= 170;
    assert.equal(largestDifference(feathered, source, isFar), 0);
    assert.ok(partlyChanged(feathered, source) > 100, `${partlyChanged(feathered, source)}`);
    editor.assertSound();
  });

  test('without a mouse: all by the keyboard, a rectangle by numbers, tools and run by keys', async (context) => {
    const editor = await open(context);
    const { keyboard } = editor.page;
    await editor.picture.focus();
    await keyboard.press('Control+a');
    await assertSelected(editor, [centre, { x: 2, y: 2 }, { x: 237, y: 177 }], []);
    await keyboard.press('Escape');
    await assertSelected(editor, [], [centre]);

    await editor.button('More for the selection').focus();
    await keyboard.press('Enter');
    for (const [name, value] of [
      ['Left', '20'],
      ['Top', '30'],
      ['Width', '40'],
      ['Height', '50'],
    ] as const) {
      await editor.page.getByRole('spinbutton', { name }).fill(value);
      await keyboard.press('Tab');
    }
    await editor.page.locator('.gesture-outline').waitFor();
    await editor.page.getByRole('spinbutton', { name: 'Height' }).press('Enter');
    await editor.untilSelected(true);
    assert.equal(await editor.page.locator('.gesture-outline').count(), 0);
    await assertSelected(
      editor,
      [
        { x: 24, y: 34 },
        { x: 55, y: 75 },
      ],
      [{ x: 16, y: 34 }, { x: 64, y: 75 }, { x: 55, y: 84 }, centre],
    );
    for (const [key, tool] of [
      ['e', 'Eraser'],
      ['l', 'Lasso'],
      ['r', 'Rectangle'],
      ['h', 'Hand'],
      ['b', 'Brush'],
    ] as const) {
      await keyboard.press(key);
      await editor.page.getByRole('button', { name: tool, pressed: true }).waitFor();
    }
    await keyboard.press('Enter');
    await editor.untilDone('Remove 1');
    const [download] = await Promise.all([
      editor.page.waitForEvent('download'),
      // Asked for before the file is made.
      keyboard.press('Control+s').then(() => keyboard.press('Enter')),
    ]);
    const pixels = await load(await readFile(await download.path()));
    assert.deepEqual(pixel(pixels, { x: 40, y: 55 }), plain);
    await editor.page.locator('dialog').waitFor({ state: 'detached' });
    editor.assertSound();
  });
});

/** Pixels of the blot that are neither as they were nor as their surroundings are. */
function partlyChanged(changed: Raw, source: Raw): number {
  let count = 0;
  for (let i = 0; i < source.data.length; i += 3) {
    const [before, now] = [source.data[i]!, changed.data[i]!];
    if (before === 250 && now < 240 && now > 138) count++;
  }
  return count;
}
