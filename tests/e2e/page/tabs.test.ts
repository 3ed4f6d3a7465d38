/** Two tabs of one browser: they share the pairing, but there is room for one stored picture. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { skipWithoutBrowser } from '../../browser.ts';
import { EditorPage } from './editor-page.ts';
import { grain, pngFile, stripes } from './page-pictures.ts';
import { PageServer, type RunningServer } from './page-server.ts';

describe('two tabs of the page', { skip: skipWithoutBrowser }, () => {
  let pages: PageServer;
  let server: RunningServer;
  before(async () => {
    pages = await PageServer.start();
    server = await pages.serve();
  });
  after(() => pages?.close());

  test('the second begins empty, says that it keeps nothing, and leaves the picture of the first alone', async (context) => {
    const first = await pages.visit(context, server.address);
    const [one, two] = [stripes(120, 90), grain(90, 120)];
    await first.openFile(await pngFile('one.png', one));
    await first.untilKept(({ fileName }) => fileName === 'one.png');

    const second = await EditorPage.open(await first.page.context().newPage(), server.url);
    await second.untilReady();
    await second.page.getByText('Inlay is open in another tab').waitFor();
    await second.openFile(await pngFile('two.png', two));
    await second.untilShown('two.png');

    await first.page.reload();
    await first.untilShown('one.png');
    assert.deepEqual(await first.pixels(), one);
    assert.deepEqual(await second.pixels(), two);
    assert.equal(await first.page.getByText('Inlay is open in another tab').count(), 0);
  });
});
