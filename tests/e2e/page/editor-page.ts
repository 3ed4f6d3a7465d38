/** The page as a person uses it: by what is written on it, with the pointer and the keys. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import { patienceMs } from '../../patience.ts';
import { load, type Raw } from '../sample-pictures.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PictureFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

export type Colour = readonly [red: number, green: number, blue: number];

/** What a test asks of the record that the browser keeps. */
interface KeptDocument {
  readonly fileName: string;
  readonly selection: { readonly tiles: readonly unknown[] };
  readonly layers: readonly unknown[];
}

export class EditorPage {
  readonly page: Page;
  /** What the page said to the console as errors, and what it threw. */
  readonly failures: string[] = [];
  /** Where the picture's corner is on the screen, and how many screen pixels one of its pixels has. */
  #place: { readonly left: number; readonly top: number; readonly scale: number } | undefined;
  #size: { readonly width: number; readonly height: number } | undefined;

  private constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(patienceMs);
    page.on('pageerror', (error) => this.failures.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.failures.push(message.text());
    });
  }

  static async open(page: Page, address: string): Promise<EditorPage> {
    const editor = new EditorPage(page);
    await page.goto(address);
    return editor;
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  get picture(): Locator {
    return this.page.getByRole('application');
  }

  get actions(): Locator {
    return this.page.getByRole('toolbar', { name: 'Actions' });
  }

  get remove(): Locator {
    return this.actions.getByRole('button', { name: 'Remove', exact: true });
  }

  get fill(): Locator {
    return this.actions.getByRole('button', { name: 'Fill', exact: true });
  }

  /** The variations of a layer, which is chosen when its job ends; the first are there while it still runs. */
  variations(layer: string): Locator {
    return this.page.getByRole('group', { name: `Variations of ${layer}`, exact: true });
  }

  /** Until the job that makes this layer has ended, and its result is in the picture. */
  async untilDone(layer: string): Promise<void> {
    await this.variations(layer).waitFor();
    await this.progress.waitFor({ state: 'detached' });
  }

  layer(name: string): Locator {
    return this.button(`Layer ${name}`);
  }

  get progress(): Locator {
    return this.page.getByRole('progressbar');
  }

  get problem(): Locator {
    return this.page.getByRole('alert');
  }

  async untilReady(): Promise<void> {
    const chip = this.page.getByRole('button', { name: 'Connection: CPU' });
    await chip.waitFor().catch(async (cause: Error) => {
      const words = await this.page.locator('body').innerText();
      assert.fail(`${cause.message}\nThe page says: ${words}\nTo the console: ${this.failures.join('\n')}`);
    });
  }

  /** Opens a picture by the button and the browser's dialog. */
  async openFile(file: PictureFile): Promise<void> {
    const [chooser] = await Promise.all([
      this.page.waitForEvent('filechooser'),
      this.button('Open a picture').click(),
    ]);
    await chooser.setFiles(file);
  }

  /** The same, until it is there. */
  async openPicture(file: PictureFile): Promise<void> {
    await this.openFile(file);
    await this.untilShown(file.name);
  }

  async untilShown(name: string): Promise<void> {
    await this.page.getByRole('application', { name: `Picture ${name},` }).waitFor();
    await this.locate();
  }

  /** Looks where the picture is; called after it has moved. All of it must be in view. */
  async locate(): Promise<void> {
    const label = (await this.picture.getAttribute('aria-label')) ?? '';
    const [, width = '', height = ''] = /, (\d+) by (\d+) pixels/.exec(label) ?? [];
    this.#size = { width: Number(width), height: Number(height) };
    let before: readonly number[] | null = null;
    await eventually(async () => {
      const box = await this.page.evaluate<readonly number[] | null>(extentOfPicture);
      assert.ok(box, 'the picture is in view');
      // A slow machine shows it before the bars around it have found their places.
      const isAtRest = box.every((edge, index) => edge === before?.[index]);
      before = box;
      assert.ok(isAtRest, 'the picture rests');
      const [left = 0, top = 0, right = 0] = box;
      this.#place = { left, top, scale: (right - left) / Number(width) };
      assert.ok(right - left > 8, 'the picture is large enough to be found');
    });
  }

  get size(): { readonly width: number; readonly height: number } {
    assert.ok(this.#size);
    return this.#size;
  }

  /** From the picture's pixels to the screen's. */
  onScreen({ x, y }: Point): Point {
    assert.ok(this.#place, 'locate() was called');
    const { left, top, scale } = this.#place;
    return { x: left + x * scale, y: top + y * scale };
  }

  get scale(): number {
    assert.ok(this.#place);
    return this.#place.scale;
  }

  async choose(tool: 'Brush' | 'Eraser' | 'Lasso' | 'Rectangle' | 'Hand'): Promise<void> {
    await this.page.getByRole('toolbar', { name: 'Tools' }).getByRole('button', { name: tool }).click();
  }

  /** Moves a slider. */
  async set(slider: string, value: number): Promise<void> {
    await this.page.getByRole('slider', { name: slider, exact: true }).fill(String(value));
  }

  /** Presses the pointer at the first point of the picture, goes through the others, and lets go at the last. */
  async drag(...path: readonly Point[]): Promise<void> {
    const { mouse } = this.page;
    const [first, ...rest] = path.map((point) => this.onScreen(point));
    assert.ok(first);
    await mouse.move(first.x, first.y);
    await mouse.down();
    for (const { x, y } of rest) await mouse.move(x, y, { steps: 6 });
    await mouse.up();
  }

  /** A closed line around a rectangle of the picture. */
  lasso(left: number, top: number, right: number, bottom: number): Promise<void> {
    return this.drag(
      { x: left, y: top },
      { x: right, y: top },
      { x: right, y: bottom },
      { x: left, y: bottom },
      { x: left, y: top },
    );
  }

  /** The colour in which a pixel of the picture is seen. */
  async seen(point: Point): Promise<Colour> {
    const { x, y } = this.onScreen({ x: point.x + 0.5, y: point.y + 0.5 });
    return this.page.evaluate<Colour>(
      `(async () => { ${painted}; ${canvasContext}; return [...context.getImageData(${Math.floor(x)} - box.left, ${Math.floor(y)} - box.top, 1, 1).data.slice(0, 3)]; })()`,
    );
  }

  /** Whether something is selected, as the picture's own name says. */
  async untilSelected(isSelected: boolean): Promise<void> {
    const words = isSelected ? 'Something is selected.' : 'Nothing is selected.';
    await this.page.getByRole('application', { name: words }).waitFor();
  }

  /** Acts, and loads the page again in the event that this brings about, once the page has handled it. */
  async reloadAfter(event: string, act: () => Promise<void>): Promise<void> {
    await this.page.evaluate(`addEventListener('${event}', () => location.reload(), { once: true })`);
    await Promise.all([this.page.waitForEvent('load'), act()]);
  }

  /** All that is seen of the picture, once it rests, as a string to compare. */
  async look(): Promise<string> {
    let before: string | undefined;
    return eventually(async () => {
      const now = await this.page.evaluate<string>(
        `(async () => { ${painted}; ${canvasContext}; return canvas.toDataURL(); })()`,
      );
      const isAtRest = now === before;
      before = now;
      assert.ok(isAtRest, 'the picture rests');
      return now;
    });
  }

  /** Waits until the browser has put away what a reload is to bring back. */
  untilKept(isSo: (document: KeptDocument) => boolean): Promise<void> {
    return eventually(async () => {
      const document = await this.page.evaluate<KeptDocument | null>(keptDocument);
      assert.ok(document !== null && isSo(document), 'the document is kept');
    });
  }

  /** The file that the dialog gives, with its suggested name. */
  async download(format: 'PNG' | 'JPEG' | 'WebP' | 'PSD' = 'PNG'): Promise<{ name: string; bytes: Buffer }> {
    await this.page.getByRole('banner').getByRole('button', { name: 'Download' }).click();
    const dialog = this.page.getByRole('dialog', { name: 'Download' });
    // The radio button itself lies under its label's words.
    await dialog.getByText(format, { exact: true }).click();
    const [download] = await Promise.all([
      this.page.waitForEvent('download'),
      dialog.getByRole('button', { name: `Download ${format}` }).click(),
    ]);
    const bytes = await readFile(await download.path());
    return { name: download.suggestedFilename(), bytes };
  }

  /** The picture's pixels, by way of a downloaded PNG. */
  async pixels(): Promise<Raw> {
    return load((await this.download()).bytes);
  }

  /** The page has thrown nothing, and said no error. */
  assertSound(): void {
    assert.deepEqual(this.failures, []);
  }
}

/** What has changed is painted with the next frame, however long that takes. */
const painted = 'await new Promise((resolve) => requestAnimationFrame(resolve))';

const canvasContext = `
  const canvas = document.querySelector('canvas.picture');
  const context = canvas.getContext('2d');
  const box = canvas.getBoundingClientRect()`;

/** The smallest rectangle that has everything which differs from the corner's colour, in CSS pixels of the window. */
const extentOfPicture = `(async () => {
  ${painted};
  ${canvasContext};
  const { width, height } = canvas;
  const pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
    if (pixels[y * width + x] === pixels[0]) continue;
    left = Math.min(left, x); right = Math.max(right, x + 1);
    top = Math.min(top, y); bottom = Math.max(bottom, y + 1);
  }
  if (right === 0) return null;
  const ratio = width / box.width;
  return [box.left + left / ratio, box.top + top / ratio, box.left + right / ratio, box.top + bottom / ratio];
})()`;

const keptDocument = `new Promise((resolve, reject) => {
  const opening = indexedDB.open('inlay');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const database = opening.result;
    if (!database.objectStoreNames.contains('document')) { database.close(); resolve(null); return; }
    const reading = database.transaction('document').objectStore('document').get('index');
    reading.onsuccess = () => { database.close(); resolve(reading.result ?? null); };
    reading.onerror = () => reject(reading.error);
  };
})`;

/** Tries again until it does not throw. */
export async function eventually<Value>(look: () => Promise<Value>, timeoutMs = patienceMs): Promise<Value> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(50);
    }
  }
}
