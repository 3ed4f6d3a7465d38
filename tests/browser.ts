/** The real browser that tests of the page run in: an installed Chromium, headless. Without one they are skipped. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { patienceMs } from './patience.ts';

const usualPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** The environment variable CHROMIUM, else a usual place. */
const browserPath = [process.env.CHROMIUM, ...usualPaths].find((file) => file && existsSync(file));

/** For `test(title, { skip: skipWithoutBrowser }, …)`: why a test cannot run here, or false. */
export const skipWithoutBrowser: string | false = browserPath
  ? false
  : 'no Chromium was found: install it, or say where it is with the environment variable CHROMIUM';

/** Starts the browser; the caller closes it. */
export function launchBrowser(): Promise<Browser> {
  if (!browserPath) throw new Error('Expected skipWithoutBrowser to keep this test from running');
  // Containers seldom allow the sandbox; the pages are our own.
  return chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'], timeout: patienceMs });
}

/** A tab that runs a module of ours. */
export interface ModulePage {
  readonly page: Page;
  /** Calls an export of the module in the tab. Arguments and result travel as JSON would. */
  call<Result>(name: string, ...args: unknown[]): Promise<Result>;
  /** The same module in another tab of the same visitor. */
  open(): Promise<Omit<ModulePage, 'open' | 'close'>>;
  close(): Promise<void>;
}

/** Bundles a TypeScript file for the browser, serves it beside the page's worker, and opens it in a tab of `browser`. Its exports are called from outside. */
export async function openModule(browser: Browser, file: string): Promise<ModulePage> {
  const scripts = new Map([
    ['/module.js', bundle(file)],
    ['/canvas/picture-file-worker.js', bundle('plugins/web/canvas/picture-file-worker.ts')],
  ]);
  const server = createServer(async (request, response) => {
    const script = await scripts.get(request.url ?? '');
    response.setHeader('Content-Type', `${script ? 'text/javascript' : 'text/html'}; charset=utf-8`);
    response.end(script ?? '<!doctype html><title>Test</title><script src="/module.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const visitor = await browser.newContext();
  visitor.setDefaultTimeout(patienceMs);
  const open = async () => {
    const page = await visitor.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const call = <Result>(name: string, ...args: unknown[]) =>
      page.evaluate<Result>(`testModule[${JSON.stringify(name)}](...${JSON.stringify(args)})`);
    return { page, call };
  };
  return {
    ...(await open()),
    open,
    close: async () => {
      await visitor.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

async function bundle(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'testModule',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'warning',
  });
  return outputFiles[0]!.text;
}
