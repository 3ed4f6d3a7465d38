/** A built Inlay that serves its page, as `npm start` runs it, with browsers to open it in. */

import type { TestContext } from 'node:test';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { launchBrowser } from '../../browser.ts';
import { freePort, Inlay, type RunningProcess } from '../inlay.ts';
import { EditorPage } from './editor-page.ts';

export interface RunningServer {
  readonly process: RunningProcess;
  /** With the key in it. */
  readonly address: string;
  readonly url: string;
  readonly port: number;
  /** Six digits, good for one pairing. */
  readonly code: string;
}

export interface ServeOptions {
  readonly home?: string;
  readonly port?: number;
}

/** One build, one browser, and as many servers and visitors as a test file wants; all gone after `close`. */
export class PageServer {
  readonly inlay: Inlay;
  readonly browser: Browser;

  private constructor(inlay: Inlay, browser: Browser) {
    this.inlay = inlay;
    this.browser = browser;
  }

  static async start(): Promise<PageServer> {
    const [inlay, browser] = await Promise.all([Inlay.build(), launchBrowser()]);
    return new PageServer(inlay, browser);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.inlay.remove();
  }

  /** `inlay serve`, once it is ready. */
  async serve({ home = 'home', port }: ServeOptions = {}): Promise<RunningServer> {
    const usedPort = port ?? (await freePort());
    const process = this.inlay.start(['serve', '--port', String(usedPort)], {
      env: { INLAY_HOME: this.inlay.file(home) },
    });
    const [, code = ''] = await process.says(/Pairing code: (\d{6}) /);
    const [, address = '', url = ''] = await process.says(/Address {2}((http:\S+)\/#\S+)/);
    return { process, address, url, port: usedPort, code };
  }

  /** Someone who has opened the printed address, once the page is connected. */
  async visit(
    context: Pick<TestContext, 'after'>,
    address: string,
    options?: BrowserContextOptions,
  ): Promise<EditorPage> {
    const editor = await this.arrive(context, address, options);
    await editor.untilReady();
    return editor;
  }

  /** A browser of its own for each visitor: nothing is kept from the ones before. Closed with the test. */
  async arrive(
    context: Pick<TestContext, 'after'>,
    address: string,
    options: BrowserContextOptions = {},
  ): Promise<EditorPage> {
    const visitor = await this.browser.newContext({
      viewport: { width: 1280, height: 800 },
      permissions: ['clipboard-read', 'clipboard-write'],
      ...options,
    });
    context.after(() => visitor.close());
    return EditorPage.open(await visitor.newPage(), address);
  }
}
