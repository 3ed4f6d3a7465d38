/** The built plugin in an in-memory Figma, against the real server and engine: its panel is used as a person uses it. */
import assert from 'node:assert/strict';
import type { Browser, Frame, Locator } from 'playwright-core';
import { defaultPorts } from '../../../bridge/protocol/ports.ts';
import { buildFigmaPlugin } from '../../../plugins/packaging/figma-plugin.ts';
import { tokenKey } from '../../../plugins/shared/store/connection-store.ts';
import { launchBrowser } from '../../browser.ts';
import { FigmaApp, type InstalledPlugin, type RunningPlugin } from '../../hosts/figma/figma-app.ts';
import type { FigmaDocument } from '../../hosts/figma/figma-document.ts';
import { LoopbackProxy } from '../../hosts/figma/loopback-proxy.ts';
import type { Theme } from '../../hosts/figma/theme.ts';
import type { Cleanup } from '../../temporary-folder.ts';
import { eventually } from '../page/editor-page.ts';
import { type RealServer, startRealServer } from '../real-server.ts';

export interface OpenOptions {
  readonly theme?: Theme;
  readonly command?: string;
  /** Else the panel is left as it is at first. */
  readonly isPaired?: boolean;
  /** Whether the browser lets the panel through to this computer; and whether Inlay is there. */
  readonly way?: 'open' | 'blocked' | 'nothing-there';
}

/** A server, a browser and a plugin for the tests of one file. */
export class FigmaWorkplace {
  readonly server: RealServer;
  readonly browser: Browser;
  readonly plugin: InstalledPlugin;

  readonly #cleanups: readonly (() => Promise<void>)[];

  private constructor(
    { server, browser, plugin }: Pick<FigmaWorkplace, 'server' | 'browser' | 'plugin'>,
    cleanups: readonly (() => Promise<void>)[],
  ) {
    this.server = server;
    this.browser = browser;
    this.plugin = plugin;
    this.#cleanups = cleanups;
  }

  static async start(): Promise<FigmaWorkplace> {
    const cleanups: (() => Promise<void>)[] = [];
    const [server, browser, plugin] = await Promise.all([
      startRealServer({ after: (cleanup) => cleanups.push(cleanup) }),
      launchBrowser(),
      buildFigmaPlugin('1.2.3'),
    ]);
    return new FigmaWorkplace({ server, browser, plugin }, cleanups);
  }

  async close(): Promise<void> {
    await this.browser.close();
    for (const cleanup of this.#cleanups) await cleanup();
  }

  newFile(document?: FigmaDocument): FigmaApp {
    return new FigmaApp(this.plugin, document);
  }

  /** Runs the plugin in a file, as from the menu or by a relaunch button. Closed with the test. */
  async open(context: Cleanup, app: FigmaApp, options: OpenOptions = {}): Promise<FigmaPanel> {
    const { theme = 'light', command, isPaired = true, way = 'open' } = options;
    const proxy = await LoopbackProxy.start();
    if (way === 'open') proxy.routes.set(defaultPorts[0], this.server.server.port);
    const running = await app.run({
      browser: this.browser,
      theme,
      ...(way !== 'blocked' && { proxy }),
      ...(command !== undefined && { command }),
    });
    const panel = new FigmaPanel(app, running, { proxy, server: this.server });
    context.after(() => panel.close());
    const isKnown = (await app.storage.getAsync(tokenKey)) !== undefined;
    if (isPaired && !isKnown && way === 'open') await panel.pair();
    return panel;
  }
}

interface Surroundings {
  readonly proxy: LoopbackProxy;
  readonly server: RealServer;
}

export class FigmaPanel {
  readonly app: FigmaApp;
  readonly running: RunningPlugin;
  readonly proxy: LoopbackProxy;
  readonly #server: RealServer;

  constructor(app: FigmaApp, running: RunningPlugin, { proxy, server }: Surroundings) {
    this.app = app;
    this.running = running;
    this.proxy = proxy;
    this.#server = server;
  }

  get frame(): Frame {
    return this.running.window!.frame;
  }

  button(name: string | RegExp): Locator {
    return this.frame.getByRole('button', { name, exact: true });
  }

  /** The button that begins the work, beside the number of variations. */
  get runButton(): Locator {
    return this.frame.locator('.inlay-run').getByRole('button');
  }

  get prompt(): Locator {
    return this.frame.getByRole('textbox', { name: 'Prompt' });
  }

  /** What was said last; empty while nothing was. */
  get status(): Locator {
    return this.frame.locator('.inlay-status');
  }

  get alert(): Locator {
    return this.frame.getByRole('alert');
  }

  /** As when its user closes the plugin; or the test is over. */
  async close(): Promise<void> {
    await this.running.close();
    this.proxy.close();
  }

  async pair(): Promise<void> {
    const code = this.frame.getByRole('textbox', { name: 'Code' });
    await code.fill(this.#server.server.openPairing().code);
    await this.button('Pair').click();
    await code.waitFor({ state: 'detached' });
    await this.untilPairingIsKept();
    await this.frame.getByRole('group', { name: 'What to do' }).waitFor();
  }

  /** The connection is there before Figma keeps what the next run of the plugin connects with. */
  async untilPairingIsKept(): Promise<void> {
    await eventually(async () => assert.ok(await this.app.storage.getAsync(tokenKey), 'a token'));
  }

  choose(operation: string): Promise<void> {
    return this.frame
      .getByRole('group', { name: 'What to do' })
      .getByRole('button', { name: operation, exact: true })
      .click();
  }

  /** Types numbers into fields, as a person who goes on to the next one does. */
  async set(fields: Readonly<Record<string, number>>): Promise<void> {
    for (const [label, value] of Object.entries(fields)) {
      // Its unit is part of a field's name.
      const field = this.frame.getByRole('spinbutton', { name: new RegExp(`^${label}( px)?$`) });
      await field.fill(String(value));
      await field.press('Tab');
    }
  }

  /** The same in the fold of further options, which is opened first. */
  async setUp(fields: Readonly<Record<string, number>>): Promise<void> {
    const fold = this.button('More options');
    if ((await fold.getAttribute('aria-expanded')) === 'false') await fold.click();
    await this.set(fields);
  }

  /** Begins the work, as soon as it can be done. */
  async start(): Promise<void> {
    await eventually(async () => {
      if (await this.runButton.isEnabled()) return;
      assert.fail(`It cannot be done: ${await this.frame.locator('body').innerText()}`);
    });
    await this.runButton.click();
  }

  /** Begins, and waits until the result is in its place. */
  async run(): Promise<void> {
    const { undoDepth } = this.app.document;
    await this.start();
    // What the panel says may still be of the run before.
    await eventually(async () => assert.ok(this.app.document.undoDepth > undoDepth, 'a result'));
    await this.untilDone();
  }

  /** Until the model draws: by then all that was to be sent has been. */
  async untilDrawing(): Promise<void> {
    await this.frame.getByRole('progressbar', { name: 'Drawing' }).waitFor();
  }

  async untilDone(): Promise<void> {
    await this.status.filter({ hasText: /^Done/ }).waitFor();
  }

  /** The panel says why it cannot be done, in a sentence, and does not begin. */
  async untilRefused(pattern: RegExp): Promise<void> {
    await this.says(pattern);
    assert.ok(await this.runButton.isDisabled(), 'the button cannot be pressed');
  }

  /** Waits for words in the panel. */
  async says(pattern: RegExp): Promise<void> {
    await this.frame.getByText(pattern).first().waitFor();
  }

  /** Neither half has thrown or complained. */
  assertSound(): void {
    // A browser's own line about a connection that failed is no failure of the plugin.
    const own = this.running.failures.filter((text) => !text.startsWith('WebSocket connection to'));
    assert.deepEqual(own, []);
  }
}
