/** A built plugin, loaded as Photoshop loads it: with UXP's globals and no others, held to its manifest. */
import vm from 'node:vm';
import { type HTMLElement, Window } from 'happy-dom';
import type { Application } from '../application.ts';
import { photoshopModule } from '../photoshop-module.ts';
import { EntryPoints } from './entry-points.ts';
import { type Manifest, mayOpen, mayReach, readManifest } from './manifest.ts';
import type { Network } from './network.ts';
import { defineSpElements } from './sp-elements.ts';
import { newStorage, type PluginStorage } from './storage.ts';
import { webSocketFor } from './web-socket.ts';

export interface PluginOptions {
  /** Names in the plugin's folder, and what is in the files. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly application: Application;
  readonly network: Network;
  readonly storage?: PluginStorage;
}

/** Of the ECMAScript that every context has: not to be relied on in Photoshop. */
const missingBuiltIns = ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'escape', 'unescape'] as const;

/** Classes of the DOM that UXP has as globals. */
const domGlobals = [
  'Node',
  'Element',
  'HTMLElement',
  'Document',
  'DocumentFragment',
  'Text',
  'Event',
  'CustomEvent',
  'KeyboardEvent',
  'MouseEvent',
  'PointerEvent',
] as const;

/** Shared with the plugin, so that what this host hands over is of the plugin's own kinds, as in a real one. */
const sharedBuiltIns = {
  ArrayBuffer,
  DataView,
  Error,
  Float32Array,
  Float64Array,
  Int16Array,
  Int32Array,
  Int8Array,
  RangeError,
  TypeError,
  Uint16Array,
  Uint32Array,
  Uint8Array,
  Uint8ClampedArray,
};

export class UxpPlugin {
  readonly manifest: Manifest;
  readonly window: Window;
  readonly entryPoints: EntryPoints;
  /** Addresses that the plugin had opened in the browser. */
  readonly openedPages: string[] = [];
  /** What it wrote to the console as an error, and what it let fall from a timer. */
  readonly problems: string[] = [];
  readonly #timers = new Map<number, NodeJS.Timeout>();
  readonly #application: Application;
  #lastTimer = 0;
  #isClosed = false;

  private constructor({ files, application, network, storage = newStorage() }: PluginOptions) {
    this.#application = application;
    this.manifest = readManifest(textOf(files, 'manifest.json'));
    this.entryPoints = new EntryPoints(this.manifest);
    this.window = new Window({
      url: 'plugin://inlay/',
      settings: { disableJavaScriptEvaluation: true } as never,
    });
    defineSpElements(this.window);
    const context = this.#context({ application, network, storage });
    this.#runMain(files, context);
  }

  /** Throws where Photoshop would not show the plugin. */
  static async load(options: PluginOptions): Promise<UxpPlugin> {
    const plugin = new UxpPlugin(options);
    if (!plugin.entryPoints.isSetUp)
      throw new Error('entrypoints.setup() was not called when the plugin was loaded.');
    await plugin.entryPoints.create();
    return plugin;
  }

  /** Shows a panel for the first time; without an id the only one. */
  async openPanel(
    id = this.manifest.entrypoints.find(({ type }) => type === 'panel')!.id,
  ): Promise<HTMLElement> {
    const { document } = this.window;
    const root = document.createElement('uxp-panel') as HTMLElement;
    document.body.appendChild(root);
    await this.entryPoints.openPanel(id, root);
    return root;
  }

  /** Photoshop ends, or the plugin is turned off. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      await this.entryPoints.destroy();
    } finally {
      for (const timer of this.#timers.values()) clearTimeout(timer);
      this.#timers.clear();
      this.#application.notifications.clear();
      await this.window.happyDOM.close();
    }
  }

  #runMain(files: PluginOptions['files'], context: vm.Context): void {
    const run = (name: string) =>
      new vm.Script(textOf(files, name), { filename: `plugin/${name}` }).runInContext(context);
    const { main } = this.manifest;
    if (!main.endsWith('.html')) {
      run(main);
      return;
    }
    const html = textOf(files, main);
    const { document } = this.window;
    document.body.innerHTML = /<body[^>]*>([\s\S]*?)<\/body>/.exec(html)?.[1] ?? '';
    for (const [, name] of html.matchAll(/<script[^>]*\bsrc="([^"]+)"/g)) run(name!);
    for (const [, name] of html.matchAll(/<link[^>]*\bhref="([^"]+)"/g)) textOf(files, name!);
  }

  #context({ application, network, storage }: Required<Omit<PluginOptions, 'files'>>): vm.Context {
    const { window } = this;
    const modules: Readonly<Record<string, unknown>> = {
      photoshop: photoshopModule(application),
      uxp: this.#uxpModule(storage),
    };
    const globals = {
      ...sharedBuiltIns,
      ...Object.fromEntries(domGlobals.map((name) => [name, window[name]])),
      document: window.document,
      navigator: { platform: 'MacIntel', userAgent: 'UXP/7.2', language: 'en-US' },
      console: this.#console(),
      crypto: {
        getRandomValues: (array: Uint8Array) => crypto.getRandomValues(array),
        randomUUID: () => crypto.randomUUID(),
      },
      performance: { now: () => performance.now() },
      localStorage: storage.local,
      Blob,
      AbortController,
      WebSocket: webSocketFor(this.manifest, network),
      fetch: (address: string) => this.#fetch(address),
      setTimeout: (action: () => void, delayMs?: number) => this.#startTimer(action, { delayMs }),
      setInterval: (action: () => void, delayMs?: number) =>
        this.#startTimer(action, { delayMs, repeats: true }),
      clearTimeout: (timer: number) => this.#stopTimer(timer),
      clearInterval: (timer: number) => this.#stopTimer(timer),
      requestAnimationFrame: (action: () => void) => this.#startTimer(action, { delayMs: 16 }),
      cancelAnimationFrame: (timer: number) => this.#stopTimer(timer),
      require: (name: string) => {
        if (modules[name] === undefined) throw new Error(`Cannot find module '${name}'`);
        return modules[name];
      },
    };
    const context = vm.createContext(globals, { codeGeneration: { strings: false, wasm: false } });
    for (const name of missingBuiltIns) vm.runInContext(`delete globalThis.${name}`, context);
    vm.runInContext('globalThis.window = globalThis; globalThis.self = globalThis;', context);
    // The document leads to no window but the plugin's own.
    Object.defineProperty(window.document, 'defaultView', { value: vm.runInContext('globalThis', context) });
    return context;
  }

  #uxpModule(storage: PluginStorage): unknown {
    return {
      entrypoints: this.entryPoints,
      storage: { secureStorage: storage.secure },
      shell: {
        openExternal: async (address: string) => {
          if (!mayOpen(this.manifest, address)) throw new Error(`Permission denied to open ${address}.`);
          this.openedPages.push(address);
          return '';
        },
      },
      host: { name: 'Photoshop', version: '25.0.0', uiLocale: 'en_US' },
      versions: { uxp: 'uxp-7.2.0', plugin: '0.0.0' },
    };
  }

  async #fetch(address: string): Promise<never> {
    if (!mayReach(this.manifest, address)) {
      throw new TypeError(`Permission denied to the url ${address}. Manifest entry not found.`);
    }
    throw new TypeError('Network request failed');
  }

  #console(): Readonly<Record<string, (...args: unknown[]) => void>> {
    const keep = (...args: unknown[]) => {
      this.problems.push(
        args.map((arg) => (arg instanceof Error ? (arg.stack ?? arg.message) : String(arg))).join(' '),
      );
    };
    const drop = () => {};
    return { error: keep, warn: keep, log: drop, info: drop, debug: drop };
  }

  #startTimer(
    action: () => void,
    { delayMs = 0, repeats = false }: { readonly delayMs?: number | undefined; readonly repeats?: boolean },
  ): number {
    this.#lastTimer += 1;
    const id = this.#lastTimer;
    const run = () => {
      if (!repeats) this.#timers.delete(id);
      try {
        action();
      } catch (error) {
        this.problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
      }
    };
    this.#timers.set(id, repeats ? setInterval(run, delayMs) : setTimeout(run, delayMs));
    return id;
  }

  #stopTimer(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }
}

function textOf(files: PluginOptions['files'], name: string): string {
  const bytes = files.get(name);
  if (bytes === undefined) throw new Error(`The plugin's folder has no "${name}".`);
  return new TextDecoder().decode(bytes);
}
