/** Scenes of the shared components in tabs of the real browser, each on a page that a real server gives out under its real policy. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { type Bridge, startBridge } from '../../../bridge/bridge-fixture.ts';
import { launchBrowser } from '../../../browser.ts';
import { buildPage, openServedPage, type TabOptions } from '../served-page.ts';

export const narrowPanel = { width: 240, height: 400 };

const styles = `
  @import "/ui.css";
  :root { color-scheme: light dark; font: 14px/1.4 system-ui }
  body { background: var(--inlay-surface); color: var(--inlay-text); margin: 8px }`;

export interface Stage {
  readonly page: Page;
  readonly root: Locator;
  readonly bridge: Bridge;
  show(name: string, properties?: Record<string, unknown>): Promise<void>;
  heard(): Promise<readonly unknown[]>;
}

/** For the tests of one file; the caller closes it. */
export class Stages {
  readonly pageFolder: string;
  readonly #browser: Browser;

  private constructor(browser: Browser, pageFolder: string) {
    this.#browser = browser;
    this.pageFolder = pageFolder;
  }

  static async build(): Promise<Stages> {
    const entry = path.join(import.meta.dirname, 'scenes.tsx');
    const [browser, pageFolder] = await Promise.all([
      launchBrowser(),
      buildPage({ entry, styleSheets: ['plugins/shared/ui/ui.css'], styles }),
    ]);
    return new Stages(browser, pageFolder);
  }

  /** A tab with a server of its own; whatever the browser refuses or reports fails the test. */
  async open(context: TestContext, options: NonNullable<TabOptions['options']> = {}): Promise<Stage> {
    const bridge = await startBridge(context, { pageFolder: this.pageFolder });
    const page = await openServedPage(context, { bridge, browser: this.#browser, options });
    return {
      page,
      root: page.locator('#inlay'),
      bridge,
      show: (name, properties = {}) =>
        page.evaluate(`show(${JSON.stringify(name)}, ${JSON.stringify(properties)})`),
      heard: () => page.evaluate('heard()'),
    };
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await rm(this.pageFolder, { recursive: true, force: true });
  }
}

export async function eventuallyEqual(look: () => Promise<string>, expected: string): Promise<void> {
  for (let left = 3_000; left > 0 && (await look()) !== expected; left--) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(await look(), expected);
}
