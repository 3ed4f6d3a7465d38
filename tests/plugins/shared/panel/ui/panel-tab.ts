/** A panel in a tab of the real browser, on a real server, under the policy of its pages. */
import path from 'node:path';
import type { TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Bridge, startBridge } from '../../../../bridge/bridge-fixture.ts';
import { echo, type Script, scriptedModels } from '../../../../bridge/scripted-engine.ts';
import { buildPage, openServedPage } from '../../served-page.ts';

export const checkpoint = {
  name: 'dreamscape-1.5',
  kind: 'checkpoint',
  architecture: 'Stable Diffusion 1.x',
  family: 'sd1',
  variant: 'inpainting',
  origin: 'user',
  resolution: { width: 512, height: 512 },
} as const;

/** What works beside it. */
export const companions = [
  {
    name: 'edges-sd15',
    kind: 'controlnet',
    architecture: 'ControlNet',
    family: 'sd1',
    controlKinds: ['canny'],
    origin: 'user',
  },
  { name: 'ink-lines', kind: 'lora', architecture: 'LoRA', family: 'sd1', origin: 'user' },
  { name: 'of-another-family', kind: 'lora', architecture: 'LoRA', family: 'sd2', origin: 'user' },
  { name: 'mood', kind: 'hypernetwork', architecture: 'Hypernetwork', family: 'sd1', origin: 'user' },
] as const;

const themes = `
  @import "/ui.css"; @import "/panel.css";
  :root { color-scheme: light dark; font-family: system-ui, sans-serif; font-size: 12px }
  body { margin: 0; background: var(--inlay-background); color: var(--inlay-text) }`;

/** A folder with the page's files; the caller removes it. */
export function buildPanelPage(): Promise<string> {
  return buildPage({
    entry: path.join(import.meta.dirname, 'panel-page.tsx'),
    styleSheets: ['plugins/shared/ui/ui.css', 'plugins/shared/panel/ui/panel.css'],
    styles: themes,
  });
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
  const models = [...scriptedModels, checkpoint, ...companions];
  const bridge = await startBridge(context, { pageFolder, script, models });
  const options = { viewport: { width, height: 700 }, colorScheme, bypassCSP };
  const page = await openServedPage(context, { bridge, browser, options });
  return {
    page,
    bridge,
    open: async (options = {}) => {
      await page.evaluate(`open(${JSON.stringify({ token: bridge.token, ...options })})`);
    },
  };
}
