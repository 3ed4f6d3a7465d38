/** `require('uxp').entrypoints`: how Photoshop gets to a plugin's panels and commands. */
import type { Manifest } from './manifest.ts';

/** After which Photoshop gives an entry point up. */
const timeoutMs = 300;

type Method = (...args: unknown[]) => unknown;

export interface EntryPointMethods {
  readonly plugin?: Method | { readonly create?: Method; readonly destroy?: Method };
  readonly panels?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly commands?: Readonly<Record<string, Method | { readonly run?: Method }>>;
}

export class EntryPoints {
  readonly #manifest: Manifest;
  #methods: EntryPointMethods | undefined;

  constructor(manifest: Manifest) {
    this.#manifest = manifest;
  }

  get isSetUp(): boolean {
    return this.#methods !== undefined;
  }

  setup(methods: EntryPointMethods): void {
    if (this.isSetUp) throw new Error('entrypoints.setup() was called before.');
    const declared = (type: string) =>
      this.#manifest.entrypoints.filter((entry) => entry.type === type).map(({ id }) => id);
    for (const [type, ids] of [
      ['panel', Object.keys(methods.panels ?? {})],
      ['command', Object.keys(methods.commands ?? {})],
    ] as const) {
      const [expected, received] = [declared(type).sort().join(), [...ids].sort().join()];
      if (expected !== received) {
        throw new Error(`The manifest has the ${type}s "${expected}", entrypoints.setup() "${received}".`);
      }
    }
    this.#methods = methods;
  }

  async create(): Promise<void> {
    const { plugin } = this.#methods ?? {};
    await inTime('plugin.create', typeof plugin === 'function' ? plugin : plugin?.create);
  }

  async destroy(): Promise<void> {
    const { plugin } = this.#methods ?? {};
    if (typeof plugin === 'object') await inTime('plugin.destroy', plugin.destroy);
  }

  /** The panel is opened for the first time. */
  async openPanel(id: string, rootNode: unknown): Promise<void> {
    const panel = this.#methods?.panels?.[id];
    if (panel === undefined) throw new Error(`There is no panel "${id}".`);
    for (const name of ['create', 'show']) {
      await inTime(`${id}.${name}`, (panel[name] as Method | undefined)?.bind(panel), rootNode);
    }
  }

  async runCommand(id: string): Promise<void> {
    const command = this.#methods?.commands?.[id];
    if (command === undefined) throw new Error(`There is no command "${id}".`);
    await (typeof command === 'function' ? command() : command.run?.());
  }
}

/** Time that a synchronous method takes is not counted: on a busy machine it says nothing of the plugin. */
async function inTime(what: string, method: Method | undefined, ...args: unknown[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${timeoutMs} ms.`)), timeoutMs);
  });
  try {
    await Promise.race([method?.(...args), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
