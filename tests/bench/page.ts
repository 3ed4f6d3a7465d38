/**
 * Frame times of the page with a picture of 24 megapixels, in headless Chromium without a GPU: panning with the pointer,
 * zooming with the wheel, and brushing. `npx tsx tests/bench/page.ts` prints p50 and p95 of the time between frames and of
 * the main thread's work in one; nothing is asserted.
 */
import sharp from 'sharp';
import { skipWithoutBrowser } from '../browser.ts';
import type { EditorPage } from '../e2e/page/editor-page.ts';
import { PageServer } from '../e2e/page/page-server.ts';
import { waves } from '../e2e/sample-pictures.ts';

const size = { width: 6000, height: 4000 };
const steps = 120;

interface Frame {
  /** Since the frame before. */
  readonly intervalMs: number;
  /** From the frame's begin until its callbacks have run and the browser is free again. */
  readonly workMs: number;
}

const watchFrames = `{
  const frames = [];
  window.frames_ = frames;
  window.watching = true;
  const channel = new MessageChannel();
  let begun = 0, last = 0;
  channel.port1.onmessage = () => frames.push({ intervalMs: last, workMs: performance.now() - begun });
  let before = performance.now();
  const tick = (now) => {
    last = now - before;
    before = now;
    begun = performance.now();
    channel.port2.postMessage(0);
    if (window.watching) requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}`;

async function framesDuring(editor: EditorPage, act: () => Promise<void>): Promise<readonly Frame[]> {
  await editor.page.evaluate(watchFrames);
  await act();
  return editor.page.evaluate<readonly Frame[]>('(window.watching = false, window.frames_.slice(1))');
}

function quantile(values: readonly number[], fraction: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor(fraction * (sorted.length - 1))] ?? Number.NaN).toFixed(1).padStart(7);
}

function report(title: string, frames: readonly Frame[]): void {
  const [intervals, work] = [frames.map((frame) => frame.intervalMs), frames.map((frame) => frame.workMs)];
  console.log(
    `${title.padEnd(24)}${String(frames.length).padStart(7)} frames   between frames p50 ${quantile(intervals, 0.5)} p95 ${quantile(intervals, 0.95)} ms   work p50 ${quantile(work, 0.5)} p95 ${quantile(work, 0.95)} ms`,
  );
}

if (skipWithoutBrowser) throw new Error(skipWithoutBrowser);
const leaving: (() => unknown)[] = [];
const pages = await PageServer.start();
try {
  const { address } = await pages.serve();
  const editor = await pages.visit({ after: (leave) => leaving.push(leave as () => unknown) }, address, {
    viewport: { width: 1440, height: 900 },
  });
  const { width, height, data } = waves(size.width, size.height);
  const buffer = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
  const openedAt = performance.now();
  await editor.openPicture({ name: 'large.jpg', mimeType: 'image/jpeg', buffer });
  console.log(`open                    ${(performance.now() - openedAt).toFixed(0)} ms until it is seen`);
  const { mouse, keyboard } = editor.page;
  const { x, y } = editor.onScreen({ x: size.width / 2, y: size.height / 2 });

  const zoom = (delta: number) => async () => {
    for (let i = 0; i < steps / 4; i++) await mouse.wheel(0, delta);
  };
  const pan = async () => {
    await mouse.down();
    for (let i = 0; i < steps; i++) await mouse.move(x + 200 * Math.sin(i / 12), y + 120 * Math.cos(i / 9));
    await mouse.up();
  };
  await mouse.move(x, y);
  report('zoom in, the first time', await framesDuring(editor, zoom(-100)));
  report('zoom out', await framesDuring(editor, zoom(100)));
  await keyboard.press('0');
  report('zoom in again', await framesDuring(editor, zoom(-100)));
  await editor.choose('Hand');
  await keyboard.press('0');
  report('pan the whole picture', await framesDuring(editor, pan));
  await keyboard.press('1');
  report('pan at 100 %', await framesDuring(editor, pan));
  await keyboard.press('b');
  report('brush at 100 %', await framesDuring(editor, pan));
  await keyboard.press('0');
  report('brush over all of it', await framesDuring(editor, pan));
} finally {
  for (const leave of leaving) await leave();
  await pages.close();
}
