/** A panel in a tab of the real browser, on a real server, under the policy of its pages. */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { type Bridge, startBridge } from '../../../../bridge/bridge-fixture.ts';
import { echo, type Script, scriptedModels } from '../../../../bridge/scripted-engine.ts';

export const checkpoint = {
  name: 'dreamscape-1.5',
  kind: 'checkpoint',
  architecture: 'Stable Diffusion 1.x',
  family: 'sd1',
  variant: 'inpainting',
  origin: 'user',
  resolution: { width: 512, height: 512 },
} as const;

const themes = `
  @import "/ui.css"; @import "/panel.css";
  :root { color-scheme: light dark; font-family: system-ui, sans-serif; font-size: 12px }
  body { margin: 0; background: var(--inlay-background); color: var(--inlay-text) }`;

/** A folder with the page's files; the caller removes it. */
export async function buildPanelPage(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'inlay-panel-'));
  await Promise.all([
    build({
      entryPoints: { main: path.join(import.meta.dirname, 'panel-page.tsx') },
      outdir: folder,
      bundle: true,
      format: 'esm',
      target: 'es2022',
      jsx: 'automatic',
      jsxImportSource: 'preact',
      logLevel: 'warning',
    }),
    copyFile('plugins/shared/ui/ui.css', path.join(folder, 'ui.css')),
    copyFile('plugins/shared/panel/ui/panel.css', path.join(folder, 'panel.css')),
    copyFile('plugins/web/index.html', path.join(folder, 'index.html')),
    writeFile(path.join(folder, 'main.css'), themes),
  ]);
  return folder;
}

export interface PanelTab {
  readonly page: Page;
  readonly bridge: Bridge;
  open(options?: Record<string, unknown>): Promise<void>;
}

export interface PanelTabOptions {
  readonly pageFolder: string;
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly script?: Script;
  /** For a test that brings a script of its own. */
  readonly bypassCSP?: boolean;
}

/** A tab with a server of its own; whatever the browser refuses or reports fails the test. */
export async function openPanelTab(
  context: TestContext,
  browser: Browser,
  { pageFolder, width = 300, colorScheme = 'light', script = echo, bypassCSP = false }: PanelTabOptions,
): Promise<PanelTab> {
  const models = [...scriptedModels, checkpoint];
  const bridge = await startBridge(context, { pageFolder, script, models });
  const tab = await browser.newContext({ viewport: { width, height: 700 }, colorScheme, bypassCSP });
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
  return {
    page,
    bridge,
    open: async (options = {}) => {
      await page.evaluate(`open(${JSON.stringify({ token: bridge.token, ...options })})`);
    },
  };
}
