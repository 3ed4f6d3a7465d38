/** Figma with one file open, as its user has it: they draw, select, run the plugin, press its buttons, and undo. */
import type { SceneNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { Browser } from 'playwright-core';
import { ClientStorage } from './client-storage.ts';
import { exportNode } from './export-node.ts';
import { FigmaDocument } from './figma-document.ts';
import { FigmaWindow } from './figma-window.ts';
import type { LoopbackProxy } from './loopback-proxy.ts';
import { type FigmaManifest, readManifest } from './manifest.ts';
import { createPluginApi } from './plugin-api.ts';
import { PluginSession } from './plugin-session.ts';
import { createSandbox } from './sandbox.ts';
import type { Theme } from './theme.ts';
import { RecordingFrame, type UiFrame } from './ui-frame.ts';

/** The files of a plugin as it is installed. */
export interface InstalledPlugin {
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface RunOptions {
  readonly command?: string;
  /** None: the plugin's page is loaded nowhere. */
  readonly browser?: Browser;
  readonly proxy?: LoopbackProxy;
  readonly theme?: Theme;
}

export interface RunningPlugin {
  readonly session: PluginSession;
  readonly window: FigmaWindow | undefined;
  /** What main and its page said to the console as errors, and threw. */
  readonly failures: readonly string[];
  /** The user closes the plugin, or the test ends. */
  close(): Promise<void>;
}

export class FigmaApp {
  readonly document: FigmaDocument;
  readonly manifest: FigmaManifest;
  readonly storage = new ClientStorage();
  readonly #plugin: InstalledPlugin;

  constructor(plugin: InstalledPlugin, document = new FigmaDocument()) {
    this.#plugin = plugin;
    this.document = document;
    this.manifest = readManifest(this.#text('manifest.json'));
  }

  /** The API as the user's own hands, to draw with; each call is a step of undo of its own. */
  draw<Result>(act: (figma: ReturnType<typeof createPluginApi>) => Result): Result {
    const session = this.#session(new RecordingFrame());
    try {
      return act(createPluginApi(session));
    } finally {
      this.document.commitUndo();
      session.deafen();
    }
  }

  select(...nodes: readonly (Pick<SceneNode, 'id'> | string)[]): void {
    this.document.select(nodes.map((node) => (typeof node === 'string' ? node : node.id)));
  }

  /** Ctrl-Z. */
  undo(): boolean {
    return this.document.undo();
  }

  /** What a node looks like, as a PNG of its whole box. */
  picture(id: string, options: { readonly contentsOnly?: boolean } = {}): Promise<Uint8Array> {
    return exportNode(this.document, id, { format: 'PNG', useAbsoluteBounds: true, ...options });
  }

  /** The buttons that the properties panel shows for a node: those of the manifest alone. */
  relaunchButtons(
    id: string,
  ): readonly { readonly command: string; readonly name: string; readonly text: string }[] {
    const data = this.document.get(id).relaunchData;
    return (this.manifest.relaunchButtons ?? []).flatMap(({ command, name }) => {
      const text = data[command];
      return text === undefined ? [] : [{ command, name, text }];
    });
  }

  async run({ command, browser, proxy, theme = 'light' }: RunOptions = {}): Promise<RunningPlugin> {
    const { manifest } = this;
    const window = browser && (await FigmaWindow.open({ browser, manifest, theme, ...(proxy && { proxy }) }));
    const session = this.#session(window ?? new RecordingFrame(), command);
    const failures = window?.failures ?? [];
    const sandbox = createSandbox({
      figma: createPluginApi(session),
      html: session.html,
      onFailure: (message) => failures.push(message),
    });
    sandbox.run(this.#text(manifest.main));
    await window?.settled();
    return {
      session,
      window,
      failures,
      close: async () => {
        session.close();
        sandbox.close();
        await window?.end();
      },
    };
  }

  #session(ui: UiFrame, command?: string): PluginSession {
    const { document, manifest, storage } = this;
    return new PluginSession({
      document,
      manifest,
      html: this.#text(manifest.ui),
      storage,
      ui,
      ...(command !== undefined && { command }),
    });
  }

  #text(name: string): string {
    const bytes = this.#plugin.files.get(name);
    if (bytes === undefined) throw new Error(`Expected the plugin to have a file ${name}.`);
    return new TextDecoder().decode(bytes);
  }
}
