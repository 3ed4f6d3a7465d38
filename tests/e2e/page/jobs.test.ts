/** Jobs that do not go as planned: cancelled, reloaded over, with an engine or a server that goes away. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { skipWithoutBrowser } from '../../browser.ts';
import { engineOf, whileEngineRests } from '../inlay.ts';
import { waves } from '../sample-pictures.ts';
import { type EditorPage, eventually } from './editor-page.ts';
import { largestDifference, pixel, pngFile, red, stripes } from './page-pictures.ts';
import { PageServer, type RunningServer } from './page-server.ts';

const onWindows = process.platform === 'win32' ? 'Windows has no such signals' : false;

describe('jobs of the page', { skip: skipWithoutBrowser }, () => {
  let pages: PageServer;
  let server: RunningServer;
  before(async () => {
    pages = await PageServer.start();
    server = await pages.serve();
  });
  after(() => pages?.close());

  const disc = { centre: { x: 160, y: 120 }, radius: 26 };
  const source = stripes(320, 240, disc);
  const large = waves(640, 520);

  /** A picture and a selection for a job that takes seconds. */
  async function prepareLongJob(editor: EditorPage): Promise<void> {
    await editor.openPicture(await pngFile('waves.png', large));
    await editor.choose('Rectangle');
    await editor.drag({ x: 170, y: 110 }, { x: 470, y: 410 });
    await editor.untilSelected(true);
  }

  /** The same, started. */
  async function startLongJob(editor: EditorPage): Promise<void> {
    await prepareLongJob(editor);
    await editor.remove.click();
    await editor.page.getByRole('progressbar', { name: 'Filling' }).waitFor();
  }

  const isInside = ({ x, y }: { x: number; y: number }) => x >= 200 && x < 440 && y >= 140 && y < 380;

  test('shows a preview while it runs; cancelled, the selection is kept, nothing has changed, and the next job runs', async (context) => {
    const editor = await pages.visit(context, server.address);
    await prepareLongJob(editor);
    const at = { x: 320, y: 260 };
    const tinted = await eventually(async () => {
      const seen = await editor.seen(at);
      const distance = Math.max(...seen.map((value, i) => Math.abs(value - pixel(large, at)[i]!)));
      assert.ok(distance > 20, 'the selection is seen');
      return seen;
    });
    await editor.remove.click();
    await editor.progress.waitFor();
    await eventually(async () => {
      assert.equal(await editor.progress.count(), 1, 'the job still runs');
      assert.notDeepEqual(await editor.seen(at), tinted, 'a preview takes the place of the tint');
    });
    await whileEngineRests(server.process, () => editor.button('Cancel').click());
    await editor.remove.waitFor();
    await editor.untilSelected(true);
    await eventually(async () => assert.deepEqual(await editor.seen(at), tinted));
    assert.equal(largestDifference(await editor.pixels(), large), 0);

    await editor.choose('Rectangle');
    await editor.drag({ x: 100, y: 100 }, { x: 140, y: 140 });
    await editor.fill.click();
    await editor.untilDone('Fill 1');
    assert.ok(largestDifference(await editor.pixels(), large) > 0);
    editor.assertSound();
  });

  test('the page is loaded again in the middle: the result comes all the same, and layers and selections stay', async (context) => {
    const editor = await pages.visit(context, server.address);
    await startLongJob(editor);
    await whileEngineRests(server.process, () => editor.page.reload());
    await editor.untilShown('waves.png');
    await editor.untilDone('Remove 1');
    const pixels = await editor.pixels();
    assert.ok(largestDifference(pixels, large, isInside) > 0);
    assert.equal(
      largestDifference(pixels, large, ({ x }) => x < 120 || x >= 520),
      0,
    );

    await editor.choose('Lasso');
    // The selection is a moment old when the page is left: in the same event.
    await editor.reloadAfter('pointerup', () => editor.lasso(40, 40, 120, 120));
    await editor.untilShown('waves.png');
    await editor.layer('Remove 1').waitFor();
    await editor.untilSelected(true);
    assert.deepEqual(await editor.pixels(), pixels);
    await editor.page.getByRole('button', { name: 'Lasso', pressed: true }).waitFor();

    await editor.page.mouse.wheel(30, 40);
    await editor.page.keyboard.press('1');
    await editor.page.getByText('100 %').waitFor();
    const looked = await editor.look();
    await editor.page.reload();
    await eventually(async () => assert.equal(await editor.look(), looked, 'zoomed and panned as before'));
    editor.assertSound();
  });

  test('the engine is killed in the middle: it is replaced and the job done, or the page says so and does it again', {
    skip: onWindows,
  }, async (context) => {
    const editor = await pages.visit(context, server.address);
    await startLongJob(editor);
    const enginePid = await engineOf(server.process);
    process.kill(enginePid, 'SIGKILL');
    const retry = editor.problem.getByRole('button', { name: 'Try again' });
    await editor.variations('Remove 1').or(retry).first().waitFor();
    await editor.progress.waitFor({ state: 'detached' });
    if (await retry.isVisible()) await retry.click();
    await editor.untilDone('Remove 1');
    assert.notEqual(await engineOf(server.process), enginePid);
    assert.ok(largestDifference(await editor.pixels(), large, isInside) > 0);
    editor.assertSound();
  });

  test('the server stops and starts again: the page says what to do, then goes on with the job and the picture', {
    skip: onWindows,
  }, async (context) => {
    const own = await pages.serve({ home: 'restarted' });
    const editor = await pages.visit(context, own.address);
    await startLongJob(editor);
    own.process.kill('SIGKILL');
    await own.process.finished;
    await editor.page.getByText('Inlay is not running').waitFor();
    await editor.page.getByText('npm start').waitFor();
    const whole = editor.page.viewportSize()!;
    for (const size of [{ width: 390, height: 844 }, { width: 820, height: 1180 }, whole]) {
      await editor.page.setViewportSize(size);
      // Tries whether a click would reach them: the notice covers no control.
      for (const name of ['More for the selection', 'Brush', 'Cancel', 'Download'])
        await editor.page.getByRole('button', { name, exact: true }).click({ trial: true });
    }
    const again = await pages.serve({ home: 'restarted', port: own.port });
    context.after(() => again.process.kill('SIGKILL'));
    await editor.untilReady();
    await editor.page.getByText('Inlay is not running').waitFor({ state: 'detached' });
    await editor.untilDone('Remove 1');
    const pixels = await editor.pixels();
    assert.ok(largestDifference(pixels, large, isInside) > 0);
    assert.equal(
      largestDifference(pixels, large, ({ x }) => x < 120 || x >= 520),
      0,
    );
  });

  test('two visitors at once: each gets the result of their own picture', async (context) => {
    const [one, two] = await Promise.all([
      pages.visit(context, server.address),
      pages.visit(context, server.address),
    ]);
    const upright = { ...source, data: Buffer.from(source.data.map((value) => 255 - value)) };
    await one.openPicture(await pngFile('one.png', source));
    await two.openPicture(await pngFile('two.png', upright));
    for (const editor of [one, two]) {
      await editor.choose('Rectangle');
      await editor.drag({ x: 124, y: 84 }, { x: 196, y: 156 });
    }
    await Promise.all([one.fill.click(), two.fill.click()]);
    await Promise.all([one.untilDone('Fill 1'), two.untilDone('Fill 1')]);
    const isMasked = ({ x, y }: { x: number; y: number }) => x >= 124 && x < 196 && y >= 84 && y < 156;
    for (const [editor, before] of [
      [one, source],
      [two, upright],
    ] as const) {
      const pixels = await editor.pixels();
      assert.equal(
        largestDifference(pixels, before, (point) => !isMasked(point)),
        0,
      );
      // Neither the disc nor a colour of the other picture: the nearest of its own stripes' two colours.
      const [stripe, disc] = [pixel(before, { x: 20, y: 121 }), pixel(pixels, { x: 160, y: 121 })];
      assert.ok(
        stripe.every((value, i) => Math.abs(value - disc[i]!) < 60),
        `${disc} for ${stripe}`,
      );
      assert.equal(await editor.page.getByRole('button', { name: /^Layer / }).count(), 1);
      editor.assertSound();
    }
    assert.deepEqual(pixel(source, disc.centre), red);
  });
});
