/** Pictures from words on the page, drawn by a tiny checkpoint that the user has put into the models folder. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { skipWithoutBrowser } from '../../browser.ts';
import { whileEngineRests } from '../inlay.ts';
import { largestDifference, pngFile, stripes } from './page-pictures.ts';
import { PageServer, type RunningServer } from './page-server.ts';

describe('pictures from words', { skip: skipWithoutBrowser }, () => {
  let pages: PageServer;
  let server: RunningServer;
  before(async () => {
    pages = await PageServer.start();
    await pages.inlay.installCheckpoint();
    server = await pages.serve();
  });
  after(() => pages?.close());

  test('an empty page begins with words: settings, a picture of the chosen size, variations, and the same again', async (context) => {
    const editor = await pages.visit(context, server.address);
    const { page } = editor;
    const prompt = page.getByRole('textbox', { name: 'Prompt' });
    const generate = page.getByRole('button', { name: 'Generate', exact: true });
    assert.ok(await generate.isDisabled(), 'without words there is nothing to draw');
    await prompt.fill('a red house');
    await page.getByText('Settings', { exact: true }).click();
    for (const [field, value] of [
      ['Width', '96'],
      ['Height', '64'],
      ['Steps', '2'],
      ['Variations', '2'],
      ['Seed', '7'],
    ] as const) {
      await page.getByRole('spinbutton', { name: field }).fill(value);
    }
    await prompt.press('Shift+Enter');
    await prompt.pressSequentially('by the sea');
    assert.equal(await prompt.inputValue(), 'a red house\nby the sea');
    await prompt.press('Enter');
    await editor.untilShown('a red house.png');
    await editor.untilDone('a red house');
    assert.deepEqual(editor.size, { width: 96, height: 64 });
    assert.match(await editor.variations('a red house').innerText(), /1 of 2/);
    const first = await editor.pixels();
    assert.ok(new Set(first.data).size > 8, 'it is a picture');

    const recipe = page.getByRole('group', { name: 'Layer a red house' });
    assert.match(await recipe.innerText(), /Seed 7 · 2 steps/);
    assert.match(await recipe.innerText(), /Made by tiny\./);
    await page.reload();
    await editor.untilShown('a red house.png');
    await editor.layer('a red house').click();
    await page.getByRole('button', { name: 'Use these settings again' }).click();
    const dialog = page.getByRole('dialog', { name: 'New picture from words' });
    await dialog.getByRole('textbox', { name: 'Prompt' }).fill('');
    await page.keyboard.press('ArrowUp');
    assert.equal(
      await dialog.getByRole('textbox', { name: 'Prompt' }).inputValue(),
      'a red house\nby the sea',
    );
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await editor.untilDone('a red house');
    await editor.locate();
    assert.deepEqual(await editor.pixels(), first);
    editor.assertSound();
  });

  test('in the place of an open picture, given up in the middle, and undone', async (context) => {
    const editor = await pages.visit(context, server.address);
    const { page } = editor;
    await editor.openPicture(await pngFile('stripes.png', stripes(200, 120)));
    const before = await editor.pixels();
    const ask = async (steps: string) => {
      await editor.button('New picture from words').click();
      const dialog = page.getByRole('dialog', { name: 'New picture from words' });
      await dialog.getByRole('textbox', { name: 'Prompt' }).fill('a tree');
      await dialog.getByText('Settings', { exact: true }).click();
      await dialog.getByRole('spinbutton', { name: 'Steps' }).fill(steps);
      await dialog.getByRole('spinbutton', { name: 'Width' }).fill('64');
      await dialog.getByRole('spinbutton', { name: 'Height' }).fill('64');
      await dialog.getByRole('button', { name: 'Generate' }).click();
    };
    await whileEngineRests(server.process, async () => {
      await ask('150');
      await editor.untilShown('a tree.png');
      await editor.progress.waitFor();
      await page.keyboard.press('Escape');
    });
    await editor.untilShown('stripes.png');
    assert.deepEqual(await editor.pixels(), before);
    await ask('1');
    await editor.untilDone('a tree');
    await page.keyboard.press('Control+z');
    await editor.untilShown('stripes.png');
    assert.deepEqual(await editor.pixels(), before);
    editor.assertSound();
  });

  test('a prompt fills the selection; without a selection it varies the picture; emptied, all is as without it', async (context) => {
    const editor = await pages.visit(context, server.address);
    const { page } = editor;
    const source = stripes(200, 120);
    await editor.openPicture(await pngFile('stripes.png', source));
    const prompt = page.getByRole('textbox', { name: 'Prompt' });
    await editor.button('Settings').click();
    await page.getByRole('spinbutton', { name: 'Steps' }).fill('2');
    await page.getByRole('spinbutton', { name: 'Variations' }).fill('1');
    await page.keyboard.press('Escape');
    await editor.choose('Rectangle');
    await editor.drag({ x: 60, y: 40 }, { x: 120, y: 80 });
    await editor.untilSelected(true);
    await prompt.fill('a boat');
    await prompt.press('Enter');
    await editor.untilDone('a boat');
    const isFar = ({ x, y }: { x: number; y: number }) => x < 40 || x >= 140 || y < 20 || y >= 100;
    const filled = await editor.pixels();
    assert.equal(largestDifference(filled, source, isFar), 0);
    assert.ok(largestDifference(filled, source) > 0);

    await prompt.fill('in winter');
    await editor.actions.getByRole('button', { name: 'Vary' }).click();
    await editor.untilDone('in winter');
    assert.ok(largestDifference(await editor.pixels(), source, isFar) > 0);
    await page.keyboard.press('Control+z');

    await prompt.fill('');
    await editor.drag({ x: 60, y: 40 }, { x: 120, y: 80 });
    await editor.untilSelected(true);
    await editor.fill.click();
    await editor.untilDone('Fill 2');
    editor.assertSound();
  });

  test('a prompt says what the new parts of an expansion show, and what was there keeps its bytes', async (context) => {
    const editor = await pages.visit(context, server.address);
    const { page } = editor;
    const source = stripes(96, 64);
    await editor.openPicture(await pngFile('stripes.png', source));
    await editor.actions.getByRole('button', { name: 'Expand' }).click();
    await editor.button('Settings').click();
    await page.getByRole('spinbutton', { name: 'Steps' }).fill('1');
    await page.getByRole('spinbutton', { name: 'Variations' }).fill('1');
    await page.keyboard.press('Escape');
    await page.getByRole('spinbutton', { name: 'Right' }).fill('32');
    await page.getByRole('textbox', { name: 'Prompt' }).fill('a beach');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('application', { name: /, 128 by 64 pixels/ }).waitFor();
    await editor.untilDone('a beach');
    const recipe = page.getByRole('group', { name: 'Layer a beach' });
    assert.match(await recipe.innerText(), /1 step ·/);
    const expanded = await editor.pixels();
    for (let y = 0; y < 64; y++) {
      const row = expanded.data.subarray(y * 128 * 3, (y * 128 + 96) * 3);
      assert.deepEqual(row, source.data.subarray(y * 96 * 3, (y + 1) * 96 * 3), `row ${y}`);
    }
    editor.assertSound();
  });

  test('what a prompt would do is told before it runs, and again when the context changes', async (context) => {
    const editor = await pages.visit(context, server.address);
    const { page } = editor;
    await editor.openPicture(await pngFile('stripes.png', stripes(640, 480)));
    await page.getByRole('textbox', { name: 'Prompt' }).fill('a boat');
    const outlook = page.getByText(/ of memory/);
    await page.getByText(/^640 × 480 px, drawn at \d+ × \d+ · about .* of memory/).waitFor();
    await editor.choose('Rectangle');
    await editor.drag({ x: 300, y: 200 }, { x: 380, y: 280 });
    await editor.untilSelected(true);
    await page.getByText(/^Sees \d\d\d × \d\d\d px, drawn at /).waitFor();
    await editor.button('Settings').click();
    await page.getByRole('combobox', { name: 'Context' }).selectOption('the whole picture');
    await page.getByText(/^Sees 640 × 480 px, drawn at /).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('textbox', { name: 'Prompt' }).fill('');
    await outlook.waitFor({ state: 'detached' });
    editor.assertSound();
  });

  test('a checkpoint that is copied into the models folder is there when the settings are opened', async (context) => {
    const editor = await pages.visit(context, server.address);
    const { page } = editor;
    await editor.openPicture(await pngFile('stripes.png', stripes(96, 64)));
    await pages.inlay.installCheckpoint('later');
    await editor.button('Settings').click();
    await page.getByRole('combobox', { name: 'Model' }).selectOption('later');
    await page.getByText('Drawn by later.').waitFor();
    editor.assertSound();
  });

  test('the keys go from the picture to the prompt and back', async (context) => {
    const editor = await pages.visit(context, server.address);
    const { page } = editor;
    await editor.openPicture(await pngFile('stripes.png', stripes(96, 64)));
    await page.keyboard.press('p');
    await page.keyboard.type('a boat, bigger');
    assert.equal(await page.getByRole('textbox', { name: 'Prompt' }).inputValue(), 'a boat, bigger');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+a');
    await editor.untilSelected(true);
    await page.keyboard.press('Escape');
    await editor.untilSelected(false);
    editor.assertSound();
  });
});
