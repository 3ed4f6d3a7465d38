/** A picture file and a sketch that a new picture follows, by the ControlNet that is shipped. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import { skipWithoutBrowser } from '../../browser.ts';
import { isHouseLine, lineAgreement, houseSide as side } from '../drawn-lines.ts';
import { load, waves } from '../sample-pictures.ts';
import { pngFile } from './page-pictures.ts';
import { PageServer, type RunningServer } from './page-server.ts';

describe('pictures that follow others', { skip: skipWithoutBrowser }, () => {
  let pages: PageServer;
  let server: RunningServer;
  before(async () => {
    pages = await PageServer.start();
    server = await pages.serve();
  });
  after(() => pages?.close());

  test('a file guides a new picture, which follows its lines; a sketch is drawn by keys and is there after a reload', async (context) => {
    const editor = await pages.visit(context, server.address);
    const { page } = editor;
    await page.getByRole('textbox', { name: 'Prompt' }).fill('a red house in the snow');
    await page.getByText('Settings', { exact: true }).click();
    for (const [field, value] of [
      ['Steps', '12'],
      ['Variations', '1'],
      ['Seed', '3'],
    ] as const) {
      await page.getByRole('spinbutton', { name: field }).fill(value);
    }
    await editor.button('Controls').click();
    const data = Uint8Array.from({ length: side * side }, (_, i) =>
      isHouseLine(i % side, Math.floor(i / side)) ? 0 : 255,
    );
    const buffer = await sharp(data, { raw: { width: side, height: side, channels: 1 } })
      .png()
      .toBuffer();
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      editor.button('Use a picture').click(),
    ]);
    await chooser.setFiles({ name: 'house.png', mimeType: 'image/png', buffer });
    const card = page.getByRole('group', { name: 'Control 1' });
    await card.getByRole('button', { name: 'Show the map' }).click();
    await card.getByRole('img', { name: 'Map of control 1: edges' }).waitFor();
    await page.getByRole('button', { name: 'Generate', exact: true }).click();
    await editor.untilDone('a red house in the snow');
    const followed = lineAgreement(await editor.pixels(), 3);

    await editor.button('New picture from words').click();
    const dialog = page.getByRole('dialog', { name: 'New picture from words' });
    await dialog.getByRole('button', { name: 'Controls (1)' }).click();
    await dialog.getByRole('button', { name: 'Remove control 1' }).click();
    await dialog.getByRole('button', { name: 'Generate', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await editor.untilDone('a red house in the snow');
    const unguided = lineAgreement(await editor.pixels(), 3);
    context.diagnostic(
      `edge agreement: ${followed.toFixed(2)} with the file, ${unguided.toFixed(2)} without`,
    );
    assert.ok(followed > 1.3 * unguided, `${followed} with the file, ${unguided} without`);

    await editor.button('New picture from words').click();
    await dialog.getByRole('button', { name: 'Controls' }).click();
    await dialog.getByRole('button', { name: 'Draw a sketch' }).click();
    const sketching = page.getByRole('dialog', { name: 'Draw a sketch' });
    const pad = sketching.getByRole('application', { name: 'Sketch' });
    await pad.focus();
    for (const key of ['Space', 'ArrowLeft', 'ArrowLeft', 'ArrowUp', 'Space']) await page.keyboard.press(key);
    const box = (await pad.boundingBox())!;
    await page.mouse.move(box.x + box.width / 4, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 3, { steps: 4 });
    await page.mouse.up();
    await sketching.getByRole('button', { name: 'Use the sketch' }).click();
    await dialog.getByRole('button', { name: 'Controls (1)' }).waitFor();
    const kept = await page.evaluate<string>('localStorage.getItem("inlay.sketch")');
    assert.equal((JSON.parse(kept) as { lines: unknown[] }).lines.length, 2);
    await page.reload();
    await editor.button('New picture from words').click();
    await dialog.getByRole('button', { name: 'Controls (1)' }).click();
    assert.equal(await card.getByLabel('Picture').inputValue(), 'sketch');
    editor.assertSound();
  });

  test('the map of what is there can be looked at, and becomes a layer over the picture, to the bit', async (context) => {
    const editor = await pages.visit(context, server.address);
    const { page } = editor;
    const file = await pngFile('waves.png', waves(120, 90));
    await editor.openPicture(file);
    await editor.button('Settings').click();
    await editor.button('Controls').click();
    await editor.button('Add a control').click();
    const card = page.getByRole('group', { name: 'Control 1' });
    await card.getByLabel('Follow its').selectOption('softedge');
    await card.getByRole('button', { name: 'Show the map' }).click();
    await card.getByRole('img', { name: 'Map of control 1: soft edges' }).waitFor();
    await card.getByRole('button', { name: 'Map as a layer' }).click();
    await page.keyboard.press('Escape');
    await editor.layer('Map: soft edges').waitFor();

    await writeFile(pages.inlay.file(file.name), file.buffer);
    const { code } = await pages.inlay.run(['control', 'softedge', file.name, '-o', 'map.png']);
    assert.equal(code, 0);
    const map = await load(pages.inlay.file('map.png'));
    assert.ok((await editor.pixels()).data.equals(map.data));
    await page.keyboard.press('Control+z');
    await editor.layer('Map: soft edges').waitFor({ state: 'detached' });
    editor.assertSound();
  });
});
