/**
 * Shows the page in each of its states, in light and dark, wide and narrow: `npm run screenshots [FOLDER]` starts a server,
 * drives the page in Chromium as a person would, and writes PNGs (default folder: tests/out/screenshots). To look at, after
 * every change of the page.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { miniModelName } from '../bridge/protocol/mini-model.ts';
import { skipWithoutBrowser } from '../tests/browser.ts';
import type { EditorPage } from '../tests/e2e/page/editor-page.ts';
import { PageServer, type RunningServer } from '../tests/e2e/page/page-server.ts';
import { writeHashedCheckpoint } from '../tests/engine/hashed-checkpoint.ts';

const screens = {
  wide: { width: 1440, height: 900 },
  tablet: { width: 820, height: 1180 },
  narrow: { width: 390, height: 844 },
} as const;
type ScreenName = keyof typeof screens;

const photo = {
  name: 'launch-pad.jpg',
  mimeType: 'image/jpeg',
  buffer: readFileSync('docs/pictures/launch-pad.jpg'),
};
const rocket = [
  { x: 318, y: 130 },
  { x: 318, y: 385 },
] as const;

interface Shoot {
  readonly server: RunningServer;
  readonly editor: EditorPage;
  shot(state: string): Promise<void>;
}

/** All states in the order in which a person would come to them; the last ones stop the server. */
async function shoot({ server, editor, shot }: Shoot): Promise<void> {
  const { page } = editor;
  const isNarrow = page.viewportSize()!.width < screens.tablet.width;
  await page.goto(server.url);
  await page.getByRole('textbox', { name: 'Code' }).waitFor();
  await shot('pairing');
  await page.goto('about:blank');
  await page.goto(server.address);
  await editor.untilReady();
  await shot('empty');
  await editor.openPicture(photo);
  await shot('opened');
  await editor.drag(...rocket);
  await editor.untilSelected(true);
  await shot('selected');
  await page.getByRole('button', { name: 'More for the selection' }).click();
  await shot('selection-menu');
  await page.keyboard.press('Escape');
  await editor.remove.click();
  await editor.progress.waitFor();
  await page.getByRole('progressbar', { name: 'Filling' }).waitFor();
  await shot('running');
  await editor.untilDone('Remove 1');
  await shot('removed');
  await shootPrompts({ server, editor, shot });
  if (isNarrow) {
    await editor.button('Layers').click();
    await shot('layers');
    await editor.button('Close the layers').click();
  }
  await editor.button('Compare with the original').click();
  await shot('compared');
  await editor.button('Compare with the original').click();
  await editor.actions.getByRole('button', { name: 'Expand' }).click();
  await page.getByRole('spinbutton', { name: 'Right' }).fill('120');
  await page.getByRole('spinbutton', { name: 'Right' }).press('Tab');
  await shot('expanding');
  await editor.button('Leave expanding').click();
  await editor.actions.getByRole('button', { name: 'Upscale' }).click();
  await shot('upscaling');
  await editor.button('Leave upscaling').click();
  await editor.choose('Rectangle');
  await shot('rectangle');
  await page.getByRole('banner').getByRole('button', { name: 'Download' }).click();
  await page.getByText('JPEG', { exact: true }).click();
  await page.getByText('launch-pad-inlay.jpg').waitFor();
  await shot('download');
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await shot('shortcuts');
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: /^Connection/ }).click();
  await shot('connection');
  await page.keyboard.press('Escape');
  await editor.openFile({ name: 'notes.txt', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await editor.problem.first().waitFor();
  await shot('problem');
  server.process.kill('SIGTERM');
  await page.getByText('Inlay is not running').waitFor();
  await shot('server-gone');
}

/** What comes of words: before, while and after it is drawn. Then all is undone again. */
async function shootPrompts({ editor, shot }: Shoot): Promise<void> {
  const { page } = editor;
  const prompt = page.getByRole('textbox', { name: 'Prompt' });
  await editor.choose('Rectangle');
  await editor.drag({ x: 420, y: 260 }, { x: 560, y: 400 });
  await prompt.fill('a red house with a brown roof');
  await page.getByText(/^Sees .* of memory/).waitFor();
  await shot('prompted');
  await editor.button('Settings').click();
  await editor.button('Advanced').click();
  await shot('settings');
  await page.keyboard.press('Escape');
  await prompt.press('Enter');
  await page.getByRole('progressbar', { name: 'Drawing' }).waitFor();
  await shot('drawing');
  await editor.untilDone('a red house with a brown roof');
  await shot('drawn');
  await editor.button('New picture from words').click();
  await page
    .getByRole('dialog')
    .getByText(/ of memory/)
    .waitFor();
  await shot('new-picture');
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await prompt.fill('');
  await editor.button('Undo').click();
  await editor.button('Clear the selection').click();
}

if (skipWithoutBrowser) throw new Error(skipWithoutBrowser);
const folder = process.argv[2] ?? path.join('tests', 'out', 'screenshots');
mkdirSync(folder, { recursive: true });
const leaving: (() => unknown)[] = [];
const pages = await PageServer.start();
try {
  const models = path.join(pages.inlay.file('home'), 'models');
  mkdirSync(models, { recursive: true });
  // Where no checkpoint is shipped, one that draws noise shows as well where everything is.
  if (!existsSync(path.join('models', `${miniModelName}.safetensors`)))
    await writeHashedCheckpoint(path.join(models, 'noise.safetensors'), 'inpainting', {
      metadata: { 'modelspec.resolution': '128x128' },
    });
  for (const screen of Object.keys(screens) as ScreenName[]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const server = await pages.serve();
      const editor = await pages.arrive(
        { after: (end) => leaving.push(end as () => unknown) },
        'about:blank',
        {
          viewport: screens[screen],
          colorScheme,
          hasTouch: screen !== 'wide',
        },
      );
      const shot = async (state: string) => {
        const file = path.join(folder, `${screen}-${colorScheme}-${state}.png`);
        await editor.page.screenshot({ path: file, animations: 'disabled' });
        console.log(file);
      };
      await shoot({ server, editor, shot });
      server.process.kill('SIGKILL');
    }
  }
} finally {
  for (const leave of leaving) await leave();
  await pages.close();
}
