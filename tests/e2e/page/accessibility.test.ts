/** What axe finds in each state of the page, light and dark; and that nothing is wider than a phone. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { encodeSafetensors } from '../../../models/convert/safetensors-writer.ts';
import { skipWithoutBrowser } from '../../browser.ts';
import { whileEngineRests } from '../inlay.ts';
import { waves } from '../sample-pictures.ts';
import { pngFile } from './page-pictures.ts';
import { PageServer, type RunningServer } from './page-server.ts';

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

describe('the page for everyone', { skip: skipWithoutBrowser }, () => {
  let pages: PageServer;
  let server: RunningServer;
  before(async () => {
    pages = await PageServer.start();
    const models = path.dirname(await pages.inlay.installCheckpoint());
    const style = { name: 'emb_params', dtype: 'F32', shape: [1, 768], data: new Uint8Array(3072) } as const;
    await writeFile(path.join(models, 'style-of-mine.safetensors'), encodeSafetensors([style], {}));
    await writeFile(path.join(models, 'sketch.safetensors'), 'no weights');
    server = await pages.serve();
  });
  after(() => pages?.close());

  /** Nothing of impact serious or critical, and nothing to scroll sideways for. */
  async function assertAccessible(page: Page, state: string): Promise<void> {
    if (!(await page.evaluate<boolean>('Boolean(window.axe)'))) await page.addScriptTag({ path: axeFile });
    const found = await page.evaluate<readonly Finding[]>(
      'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)',
    );
    const grave = found
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => ({
        id,
        nodes: nodes.map(({ html, failureSummary }) => [html, failureSummary]),
      }));
    assert.deepEqual(grave, [], state);
    const overflow = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    assert.ok(overflow <= 0, `${state}: ${overflow} pixels too wide`);
  }

  for (const [colorScheme, viewport] of [
    ['light', { width: 1280, height: 800 }],
    ['dark', { width: 390, height: 844 }],
  ] as const) {
    test(`${colorScheme}, ${viewport.width} pixels wide: every state passes`, async (context) => {
      // The policy of the page lets no foreign script in; colours on their way to others are measured by nobody.
      const options = { colorScheme, viewport, bypassCSP: true, reducedMotion: 'reduce' } as const;
      const stranger = await pages.arrive(context, server.url, options);
      await stranger.page.getByRole('textbox', { name: 'Code' }).waitFor();
      await assertAccessible(stranger.page, 'pairing');

      const editor = await pages.visit(context, server.address, options);
      const { page } = editor;
      await assertAccessible(page, 'empty');
      await editor.openPicture(await pngFile('waves.png', waves(480, 360)));
      await editor.choose('Rectangle');
      await editor.drag({ x: 150, y: 100 }, { x: 330, y: 260 });
      await editor.untilSelected(true);
      await assertAccessible(page, 'selected');
      await editor.button('More for the selection').click();
      await assertAccessible(page, 'menu of the selection');
      await page.keyboard.press('Escape');
      const prompt = page.getByRole('textbox', { name: 'Prompt' });
      await prompt.fill('a lighthouse, styl');
      await page.getByText(/^Sees .* of memory/).waitFor();
      await page.getByRole('group', { name: 'Embeddings' }).waitFor();
      await assertAccessible(page, 'prompt');
      await editor.button('Settings').click();
      await editor.button('Advanced').click();
      await page.getByRole('combobox', { name: 'Drawn at' }).selectOption('a size in pixels');
      await page.getByText('sketch cannot be used').waitFor();
      await editor.button('Controls').click();
      await editor.button('Add a control').click();
      await page.getByRole('group', { name: 'Control 1' }).getByRole('button', { name: 'More' }).click();
      await assertAccessible(page, 'settings');
      await editor.button('Remove control 1').click();
      await page.getByRole('spinbutton', { name: 'Width' }).fill('64');
      await page.getByRole('spinbutton', { name: 'Height' }).fill('64');
      await page.getByRole('spinbutton', { name: 'Steps' }).fill('2');
      await page.keyboard.press('Escape');
      await whileEngineRests(server.process, async () => {
        await prompt.press('Enter');
        await editor.progress.waitFor();
        await assertAccessible(page, 'drawing');
      });
      await editor.untilDone('a lighthouse, styl');
      await page.keyboard.press('Control+z');
      await editor.untilSelected(true);
      await whileEngineRests(server.process, async () => {
        await editor.remove.click();
        await editor.progress.waitFor();
        await assertAccessible(page, 'running');
      });
      await editor.untilDone('Remove 1');
      if (await editor.button('Layers').isVisible()) await editor.button('Layers').click();
      await editor.layer('Remove 1').waitFor();
      await assertAccessible(page, 'layers');
      if (await editor.button('Close the layers').isVisible())
        await editor.button('Close the layers').click();
      await editor.button('Compare with the original').click();
      await assertAccessible(page, 'compared');
      await editor.actions.getByRole('button', { name: 'Expand' }).click();
      await page.getByRole('spinbutton', { name: 'Right' }).fill('64');
      await page.keyboard.press('Tab');
      await page.getByText(/^Sees 544 × 360 px/).waitFor();
      await assertAccessible(page, 'expanding');
      await editor.button('Leave expanding').click();
      await editor.button('New picture from words').click();
      await page.getByRole('dialog', { name: 'New picture from words' }).waitFor();
      await page.getByRole('dialog').getByRole('button', { name: 'Controls' }).click();
      await page.getByRole('button', { name: 'Draw a sketch' }).click();
      await page.getByRole('dialog', { name: 'Draw a sketch' }).waitFor();
      await assertAccessible(page, 'sketch');
      await page.keyboard.press('Escape');
      await assertAccessible(page, 'new picture');
      await page.keyboard.press('Escape');
      await page.locator('dialog').waitFor({ state: 'detached' });
      await page.getByRole('banner').getByRole('button', { name: 'Download' }).click();
      await page.getByText('WebP', { exact: true }).click();
      await assertAccessible(page, 'download');
      await page.keyboard.press('Escape');
      await page.locator('dialog').waitFor({ state: 'detached' });
      await editor.openFile({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('no') });
      await editor.problem.waitFor();
      await assertAccessible(page, 'problem');
    });
  }
});
