/**
 * Makes the README's pictures (`npm run picture`): the page in Chromium, with the launch pad's rocket brushed over and then
 * removed, as a person would do it; and the mask of the command line's example.
 */
import sharp from 'sharp';
import { skipWithoutBrowser } from '../tests/browser.ts';
import type { EditorPage } from '../tests/e2e/page/editor-page.ts';
import { photo } from '../tests/e2e/page/page-pictures.ts';
import { PageServer } from '../tests/e2e/page/page-server.ts';

const mask = 'docs/pictures/launch-pad-mask.png';
const output = 'docs/pictures/before-after.jpg';

/** Around the rocket and its tower. */
const outline = 'M300 110 L342 110 L350 330 L354 350 L356 408 L278 408 L280 352 L298 330 Z';
const maskSvg = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="427">
  <rect width="100%" height="100%" fill="black"/><path d="${outline}" fill="white"/></svg>`;

const viewport = { width: 900, height: 700 };
const deviceScaleFactor = 1.5;
const gap = 16;
const seed = 3;

if (skipWithoutBrowser) throw new Error(skipWithoutBrowser);
await sharp(Buffer.from(maskSvg)).flatten().toColourspace('b-w').png().toFile(mask);

const leaving: (() => unknown)[] = [];
const pages = await PageServer.start();
try {
  const { address } = await pages.serve();
  const options = { viewport, deviceScaleFactor, colorScheme: 'light', reducedMotion: 'reduce' } as const;
  const editor = await pages.visit(
    { after: (leave) => leaving.push(leave as () => unknown) },
    address,
    options,
  );
  await editor.openPicture(photo);
  await editor.button('Variations and seed').click();
  await editor.page.getByRole('spinbutton', { name: 'Seed' }).fill(String(seed));
  await editor.choose('Brush');
  await editor.drag({ x: 321, y: 128 }, { x: 322, y: 330 });
  await editor.drag({ x: 306, y: 352 }, { x: 312, y: 388 }, { x: 332, y: 388 }, { x: 334, y: 350 });
  await editor.untilSelected(true);
  const before = await shot(editor);
  await editor.remove.click();
  await editor.untilDone('Remove 1');
  const after = await shot(editor);
  const [width, height] = [viewport.width * deviceScaleFactor, viewport.height * deviceScaleFactor];
  const { size } = await sharp({
    create: { width: 2 * width + gap, height, channels: 3, background: 'white' },
  })
    .composite([
      { input: before, left: 0, top: 0 },
      { input: after, left: width + gap, top: 0 },
    ])
    .jpeg({ quality: 80 })
    .toFile(output);
  console.log(`${output}: ${Math.round(size / 1_000)} kB`);
} finally {
  for (const leave of leaving) await leave();
  await pages.close();
}

/** The page with nothing on it that passes: no message of a moment, no ring of the brush. */
async function shot({ page }: EditorPage): Promise<Buffer> {
  await page.mouse.move(1, 1);
  await page.locator('.status-line[data-shown=true]').waitFor({ state: 'detached' });
  return page.screenshot();
}
