/** Figma's own page in a browser, with the frame in it that a plugin's page runs in: sandboxed, of no origin, under the manifest's policy. */
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core';
import { patienceMs } from '../../patience.ts';
import type { LoopbackProxy } from './loopback-proxy.ts';
import { contentSecurityPolicy, type FigmaManifest } from './manifest.ts';
import { copyMessage } from './message-copy.ts';
import { type Theme, themeStyle } from './theme.ts';
import type { UiFrame, UiOptions } from './ui-frame.ts';

const sizePollingMs = 10;
const address = 'https://www.figma.com/design/test';

/** What the outer page's script offers. */
interface OuterPage {
  openPlugin(frame: {
    readonly html: string;
    readonly visible: boolean;
    readonly size: readonly [width: number, height: number];
    readonly allow: string;
  }): Promise<void>;
  postToPlugin(message: unknown): void;
  showPlugin(isVisible: boolean): void;
  resizePlugin(size: readonly [width: number, height: number]): void;
  closePlugin(): void;
}

const outerPage = `<!doctype html><meta charset="utf-8"><title>Figma</title><body style="margin:0"><script>
let frame;
addEventListener('message', ({ source, data }) => {
  if (frame === undefined || source !== frame.contentWindow) return;
  if (typeof data !== 'object' || data === null || !('pluginMessage' in data)) return;
  figmaMain(data.pluginMessage);
});
function openPlugin({ html, visible, size, allow }) {
  closePlugin();
  frame = document.createElement('iframe');
  frame.setAttribute('sandbox', 'allow-scripts');
  frame.allow = allow;
  frame.style.border = '0';
  showPlugin(visible);
  resizePlugin(size);
  const loaded = new Promise((resolve) => { frame.onload = () => resolve(); });
  frame.srcdoc = html;
  document.body.append(frame);
  return loaded;
}
function postToPlugin(pluginMessage) {
  frame?.contentWindow.postMessage({ pluginMessage, pluginId: 'test' }, '*');
}
function showPlugin(isVisible) { frame.style.visibility = isVisible ? 'visible' : 'hidden'; }
function resizePlugin([width, height]) { frame.width = width; frame.height = height; }
function closePlugin() { frame?.remove(); frame = undefined; }
</script>`;

export interface WindowOptions {
  readonly browser: Browser;
  readonly manifest: FigmaManifest;
  readonly theme: Theme;
  /**
   * Leads the page to this computer, in the place of the browser's own way. Without it a public page such as Figma's is
   * not let through to a local address: that is what a browser does that has not been allowed to.
   */
  readonly proxy?: LoopbackProxy;
}

export class FigmaWindow implements UiFrame {
  readonly page: Page;
  /** What the page said to the console as errors, and what it threw. */
  readonly failures: string[] = [];
  /** All messages from the page to main and back, to be looked through. */
  readonly traffic: { readonly to: 'main' | 'ui'; readonly message: unknown }[] = [];
  onMessage: (message: unknown) => void = () => {};
  readonly #context: BrowserContext;
  readonly #options: WindowOptions;
  /** Everything that is asked of the browser goes in order. */
  #queue: Promise<unknown> = Promise.resolve();
  #frame: Frame | undefined;

  private constructor(page: Page, context: BrowserContext, options: WindowOptions) {
    this.page = page;
    this.#context = context;
    this.#options = options;
  }

  static async open(options: WindowOptions): Promise<FigmaWindow> {
    const { browser, proxy } = options;
    const context = await browser.newContext({
      viewport: { width: 900, height: 1000 },
      colorScheme: options.theme,
      // Its user has allowed it: without a user to ask, the browser's answer to the first try would be no.
      ...(proxy && {
        proxy: { server: proxy.address, bypass: '<-loopback>' },
        permissions: ['local-network-access'],
      }),
    });
    context.setDefaultTimeout(patienceMs);
    const page = await context.newPage();
    const window = new FigmaWindow(page, context, options);
    page.on('pageerror', (error) => window.failures.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') window.failures.push(message.text());
    });
    await page.exposeBinding('figmaMain', (_, message: unknown) => {
      window.traffic.push({ to: 'main', message });
      window.onMessage(copyMessage(message));
    });
    await page.route(`${address}**`, (route) => route.fulfill({ contentType: 'text/html', body: outerPage }));
    await page.goto(address);
    return window;
  }

  /** The plugin's page. */
  get frame(): Frame {
    if (this.#frame === undefined) throw new Error('Expected the plugin to have shown its page.');
    return this.#frame;
  }

  open(html: string, { visible, width, height, themeColors }: UiOptions): void {
    const { manifest, theme, proxy } = this.#options;
    const style = themeColors ? themeStyle(theme) : '';
    const policy = `<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(manifest)}">`;
    const themed = themeColors ? html.replace(/<html/i, `<html class="figma-${theme}"`) : html;
    const document = themed.replace(/<head>/i, (head) => head + policy + style);
    if (document === themed) throw new Error('Expected a page with a <head>.');
    const allow = proxy === undefined ? '' : 'loopback-network';
    this.#enqueue(async () => {
      await this.page.evaluate((frame) => (globalThis as unknown as OuterPage).openPlugin(frame), {
        html: document,
        visible,
        size: [width, height] as const,
        allow,
      });
      this.#frame = this.page.frames()[1];
      // A frame of another origin is told its size once its parent has been laid out, which may be after its page has loaded.
      await this.#frame?.waitForFunction('innerWidth > 0', undefined, { polling: sizePollingMs });
    });
  }

  post(message: unknown): void {
    this.#enqueue(async () => {
      this.traffic.push({ to: 'ui', message });
      await this.page.evaluate(
        (posted) => (globalThis as unknown as OuterPage).postToPlugin(posted),
        message,
      );
    });
  }

  show(isVisible: boolean): void {
    this.#enqueue(() =>
      this.page.evaluate((shown) => (globalThis as unknown as OuterPage).showPlugin(shown), isVisible),
    );
  }

  resize(width: number, height: number): void {
    this.#enqueue(() =>
      this.page.evaluate((size) => (globalThis as unknown as OuterPage).resizePlugin(size), [
        width,
        height,
      ] as const),
    );
  }

  close(): void {
    this.#frame = undefined;
    this.#enqueue(() => this.page.evaluate(() => (globalThis as unknown as OuterPage).closePlugin()));
  }

  /** Ends the window, as when the tab is closed. */
  async end(): Promise<void> {
    await this.#context.close();
    await this.#queue;
  }

  /** Until all that was asked of the browser so far has been done. */
  async settled(): Promise<void> {
    await this.#queue;
  }

  #enqueue(task: () => Promise<unknown>): void {
    this.#queue = this.#queue.then(task).catch((error: unknown) => {
      if (!this.page.isClosed()) this.failures.push(String(error));
    });
  }
}
