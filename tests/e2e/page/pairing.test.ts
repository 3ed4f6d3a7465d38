/** How a browser becomes a client: by the printed address, or by the code. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { skipWithoutBrowser } from '../../browser.ts';
import { PageServer, type RunningServer } from './page-server.ts';

describe('pairing the page', { skip: skipWithoutBrowser }, () => {
  let pages: PageServer;
  let server: RunningServer;
  before(async () => {
    pages = await PageServer.start();
    server = await pages.serve();
  });
  after(() => pages?.close());

  test('the printed address pairs at once, its key is gone from the address bar, and a reload stays paired', async (context) => {
    const editor = await pages.visit(context, server.address);
    await editor.page.waitForURL(`${server.url}/`);
    assert.equal(
      await editor.page.evaluate('history.length'),
      2,
      'the address without the key took the place of the one with it',
    );
    await editor.page.reload();
    await editor.untilReady();
    await editor.page.goto(server.url);
    await editor.untilReady();
    await server.process.says(/Paired with Web page in Chrome\./);
    editor.assertSound();
  });

  test('without the key it asks for the code; a wrong one is refused in a sentence, the right one pairs', async (context) => {
    const editor = await pages.arrive(context, server.url);
    const code = editor.page.getByRole('textbox', { name: 'Code' });
    const pair = editor.button('Pair');
    const alert = editor.page.getByRole('alert');
    await code.fill('12');
    await pair.click();
    await alert.getByText('The code is six digits.').waitFor();
    await code.fill(server.code === '000000' ? '111111' : '000000');
    await pair.click();
    await alert.getByText(/[A-Z].* code .*\./).waitFor();
    assert.match((await alert.innerText()).trim(), /^[A-Z].+\.$/);
    await code.fill(server.code);
    await code.press('Enter');
    await editor.untilReady();
    assert.equal(await code.count(), 0);
    await editor.page.reload();
    await editor.untilReady();
  });

  test('the address of an earlier start pairs nobody, and the page says why', async (context) => {
    const stale = `${server.url}/#${'A'.repeat(43)}`;
    const editor = await pages.arrive(context, stale);
    await editor.page.getByText('This address is from an earlier start of Inlay.').waitFor();
    await editor.page.getByRole('textbox', { name: 'Code' }).waitFor();
    await editor.page.waitForURL(`${server.url}/`);
  });
});
