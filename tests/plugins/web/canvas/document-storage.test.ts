import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser, type ModulePage, openModule, skipWithoutBrowser } from '../../../browser.ts';

describe('the document between visits', { skip: skipWithoutBrowser }, () => {
  let browser: Browser;
  let module: ModulePage;
  before(async () => {
    browser = await launchBrowser();
    module = await openModule(browser, path.join(import.meta.dirname, 'document-storage.page.ts'));
  });
  after(async () => {
    await module?.close();
    await browser?.close();
  });

  test('is the same in every byte after a reload, and a change writes only what changed', async () => {
    assert.equal(await module.call('load'), undefined);
    const saved = await module.call('saveExample');
    await module.page.reload();
    assert.deepEqual(await module.call('load'), saved);
    assert.deepEqual(await module.call('writesOfChanges'), [1, 1, 2], 'the index; the index; it and a tile');
  });

  test('stays whole when a save is cut short at any write, and nothing is left behind after the next', async () => {
    const saved = await module.call('saveExample');
    const count = await module.call('recordCount');
    for (const failing of [0, 1, 4]) {
      const error = await module.call<{ message: string }>('saveFailing', failing, 'UnknownError');
      assert.match(error.message, /does not let the page keep/);
      await module.page.reload();
      assert.deepEqual(await module.call('load'), saved);
    }
    await module.call('saveExample');
    assert.equal(await module.call('recordCount'), count);
  });

  test('says that there is no room in a sentence with what to do', async () => {
    const error = await module.call<{ message: string; hint: string }>(
      'saveFailing',
      1,
      'QuotaExceededError',
    );
    assert.match(error.message, /no room left/);
    assert.match(error.hint, /Download it/);
  });

  test('of a large picture is kept in parts, and is the same in every byte', async () => {
    assert.deepEqual(
      await module.call('keepLarge'),
      { isSame: true, writes: [3, 1] },
      'two parts and the index; the index',
    );
  });

  test('is gone when cleared', async () => {
    await module.call('saveExample');
    await module.call('clear');
    assert.equal(await module.call('load'), undefined);
    assert.equal(await module.call('recordCount'), 0);
  });

  test('belongs to one tab, which says so; what a page that is being left still holds is waited for', async () => {
    const other = await module.open();
    await other.call('linger', 800);
    assert.equal(await module.call('claim'), true, 'nobody said a word');
    assert.equal(await other.call('claim'), false);
    await module.page.reload();
    assert.equal(await other.call('claim'), true, 'it was let go with the page');
    await other.page.close();
  });
});
