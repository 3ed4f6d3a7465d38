/** Pictures that come in and go out: dropped, pasted, refused, and downloaded in each format. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import { skipWithoutBrowser } from '../../browser.ts';
import { readPsd } from '../../plugins/shared/psd/read-psd.ts';
import { boastfulPng, load } from '../sample-pictures.ts';
import type { EditorPage, PictureFile } from './editor-page.ts';
import { grain, largestDifference, meanDifference, photo, pngFile, stripes } from './page-pictures.ts';
import { PageServer, type RunningServer } from './page-server.ts';

describe('files of the page', { skip: skipWithoutBrowser }, () => {
  let pages: PageServer;
  let server: RunningServer;
  before(async () => {
    pages = await PageServer.start();
    server = await pages.serve();
  });
  after(() => pages?.close());

  /** As the browser does when files are let go over the page. */
  async function drop({ page }: EditorPage, { name, mimeType, buffer }: PictureFile): Promise<void> {
    const dataTransfer = await page.evaluateHandle(`(() => {
      const bytes = Uint8Array.from(atob('${buffer.toString('base64')}'), (sign) => sign.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], '${name}', { type: '${mimeType}' }));
      return transfer;
    })()`);
    for (const type of ['dragenter', 'dragover', 'drop'])
      await page.dispatchEvent('main', type, { dataTransfer });
  }

  test('dropped pictures open, one after the other, and undo brings the first one back', async (context) => {
    const editor = await pages.visit(context, server.address);
    const [one, two] = [stripes(120, 90), grain(90, 120)];
    await drop(editor, await pngFile('one.png', one));
    await editor.untilShown('one.png');
    assert.deepEqual(await editor.pixels(), one);
    await drop(editor, await pngFile('two.png', two));
    await editor.untilShown('two.png');
    assert.deepEqual(await editor.pixels(), two);
    await editor.button('Undo').click();
    await editor.untilShown('one.png');
    assert.deepEqual(await editor.pixels(), one);
    editor.assertSound();
  });

  test('a picture from the clipboard opens with Ctrl+V', async (context) => {
    const editor = await pages.visit(context, server.address);
    const { buffer } = await pngFile('', stripes(64, 48));
    await editor.page.evaluate(`(() => {
      const bytes = Uint8Array.from(atob('${buffer.toString('base64')}'), (sign) => sign.charCodeAt(0));
      const blob = new Blob([bytes], { type: 'image/png' });
      return navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
    })()`);
    await editor.page.keyboard.press('Control+v');
    await editor.untilShown('Pasted picture.png');
    assert.deepEqual(editor.size, { width: 64, height: 48 });
    assert.equal(largestDifference(await editor.pixels(), stripes(64, 48)), 0);
    editor.assertSound();
  });

  test('PNG is exact with its transparency; JPEG and WebP are near, of the right size and name', async (context) => {
    const editor = await pages.visit(context, server.address);
    const source = stripes(100, 60);
    const alpha = Buffer.from(Array.from({ length: 6_000 }, (_, i) => (i * 7) % 256));
    const rgba = await sharp(source.data, { raw: { width: 100, height: 60, channels: 3 } })
      .joinChannel(alpha, { raw: { width: 100, height: 60, channels: 1 } })
      .raw()
      .toBuffer();
    const buffer = await sharp(rgba, { raw: { width: 100, height: 60, channels: 4 } })
      .png()
      .toBuffer();
    await editor.openPicture({ name: 'glass.v2.png', mimeType: 'image/png', buffer });
    const png = await editor.download('PNG');
    assert.equal(png.name, 'glass.v2-inlay.png');
    assert.deepEqual(await sharp(png.bytes).raw().toBuffer(), rgba);

    await editor.openPicture(photo);
    const original = await editor.pixels();
    for (const [format, type, name] of [
      ['JPEG', 'jpeg', 'launch-pad-inlay.jpg'],
      ['WebP', 'webp', 'launch-pad-inlay.webp'],
    ] as const) {
      const file = await editor.download(format);
      assert.equal(file.name, name);
      const { format: decoded, width, height } = await sharp(file.bytes).metadata();
      assert.deepEqual([decoded, width, height], [type, 640, 427]);
      const difference = meanDifference(await load(file.bytes), original, () => true);
      assert.ok(difference > 0 && difference < 5, `${format}: ${difference}`);
    }
    editor.assertSound();
  });

  test('a download asked for before its dialog is painted is made all the same', async (context) => {
    const editor = await pages.visit(context, server.address);
    await editor.openPicture(await pngFile('grain.png', grain(40, 30)));
    const [download] = await Promise.all([
      editor.page.waitForEvent('download'),
      editor.page.evaluate(`(async () => {
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 's', ctrlKey: true, bubbles: true }));
        while (document.forms.length === 0) await Promise.resolve();
        document.forms[0].requestSubmit();
      })()`),
    ]);
    assert.equal(download.suggestedFilename(), 'grain-inlay.png');
    editor.assertSound();
  });

  test('PSD holds the picture, and over it the variations of a removal in a group, each with its mask', async (context) => {
    const editor = await pages.visit(context, server.address);
    await editor.openPicture(await pngFile('wall.png', grain(120, 90)));
    await editor.choose('Rectangle');
    await editor.drag({ x: 40, y: 30 }, { x: 60, y: 45 });
    await editor.untilSelected(true);
    await editor.remove.click();
    await editor.untilDone('Remove 1');
    const { name, bytes } = await editor.download('PSD');
    assert.equal(name, 'wall-inlay.psd');
    const psd = await readPsd(bytes);
    assert.deepEqual([psd.width, psd.height], [120, 90]);
    const [background, removal, ...others] = psd.children;
    assert.ok(background?.type === 'layer' && removal?.type === 'group' && others.length === 0);
    assert.deepEqual(background.bounds, { left: 0, top: 0, width: 120, height: 90 });
    assert.deepEqual(withoutAlpha(background.rgba), grain(120, 90).data);
    assert.equal(removal.name, 'Remove 1');
    const variations = removal.children.map((child) => {
      assert.ok(child.type === 'layer' && child.mask);
      assert.deepEqual(child.mask.bounds, child.bounds);
      assert.equal(child.mask.outside, 0);
      return [child.name, child.isVisible];
    });
    assert.deepEqual(variations, [
      ['Variation 3', false],
      ['Variation 2', false],
      ['Variation 1', true],
    ]);
    assert.deepEqual(withoutAlpha(psd.composite), (await editor.pixels()).data);
    editor.assertSound();
  });

  function withoutAlpha(rgba: Uint8Array): Uint8Array {
    return Buffer.from(rgba.filter((_, i) => i % 4 !== 3));
  }

  const refused: readonly (readonly [title: string, file: PictureFile, words: RegExp])[] = [
    ['text', { name: 'a.txt', mimeType: 'image/png', buffer: Buffer.from('No picture.') }, /not a picture/],
    ['an empty file', { name: 'a.png', mimeType: 'image/png', buffer: Buffer.alloc(0) }, /empty/],
    [
      'a picture of 40000 x 40000',
      { name: 'a.png', mimeType: 'image/png', buffer: boastfulPng(40_000, 40_000) },
      /too large|40000/,
    ],
    [
      'a picture that breaks off',
      { name: 'a.jpg', mimeType: 'image/jpeg', buffer: photo.buffer.subarray(0, 300) },
      /damaged|cannot be read/,
    ],
  ];

  test('what is no picture, empty, too large or damaged is refused in a sentence; the open picture stays', async (context) => {
    const editor = await pages.visit(context, server.address);
    for (const [title, file, words] of refused) {
      await editor.openFile(file);
      await editor.problem.getByText(words).first().waitFor();
      const text = await editor.problem.innerText();
      assert.match(text, /^[A-Z][^.]+\./, title);
      await editor.button('Dismiss').click();
      await editor.problem.waitFor({ state: 'detached' });
    }
    const source = stripes(80, 60);
    await editor.openPicture(await pngFile('good.png', source));
    await drop(editor, refused[0]![1]);
    await editor.problem.waitFor();
    assert.equal(largestDifference(await editor.pixels(), source), 0);
    editor.assertSound();
  });

  test('with nothing selected, Remove and Fill wait, and the page says what to do', async (context) => {
    const editor = await pages.visit(context, server.address);
    await editor.openPicture(await pngFile('good.png', stripes(80, 60)));
    await editor.page.getByText('Brush over what should go').waitFor();
    assert.deepEqual([await editor.remove.isDisabled(), await editor.fill.isDisabled()], [true, true]);
    await editor.picture.focus();
    await editor.page.keyboard.press('Enter');
    await editor.page.getByText('Select something first').waitFor();
    await editor.drag({ x: 30, y: 30 }, { x: 40, y: 30 });
    await editor.untilSelected(true);
    assert.deepEqual([await editor.remove.isDisabled(), await editor.fill.isDisabled()], [false, false]);
    editor.assertSound();
  });
});
