/** Components in a tab of the real browser, on a page that the real server gives out under its real policy. */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import type { Bridge } from '../../bridge/bridge-fixture.ts';
import { patienceMs } from '../../patience.ts';

export interface PageParts {
  /** Of the script, which shows what is tested. */
  readonly entry: string;
  /** Style sheets of ours that the page's own may import by their names. */
  readonly styleSheets: readonly string[];
  /** The page's own. */
  readonly styles: string;
}

/** A folder with the page's files; the caller removes it. */
export async function buildPage({ entry, styleSheets, styles }: PageParts): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'inlay-page-'));
  await Promise.all([
    build({
      entryPoints: { main: entry },
      outdir: folder,
      bundle: true,
      format: 'esm',
      target: 'es2022',
      jsx: 'automatic',
      jsxImportSource: 'preact',
      logLevel: 'warning',
    }),
    ...styleSheets.map((file) => copyFile(file, path.join(folder, path.basename(file)))),
    copyFile('plugins/web/index.html', path.join(folder, 'index.html')),
    writeFile(path.join(folder, 'main.css'), styles),
  ]);
  return folder;
}

export interface TabOptions {
  readonly bridge: Bridge;
  readonly browser: Browser;
  readonly options?: Parameters<Browser['newContext']>[0];
}

/** A tab at a server's page; whatever the browser refuses or reports fails the test. */
export async function openServedPage(
  context: TestContext,
  { bridge, browser, options = {} }: TabOptions,
): Promise<Page> {
  const tab = await browser.newContext(options);
  tab.setDefaultTimeout(patienceMs);
  const page = await tab.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) problems.push(message.text());
  });
  await page.goto(`http://localhost:${bridge.server.port}/`);
  context.after(async () => {
    await tab.close();
    assert.deepEqual(problems, []);
  });
  return page;
}
