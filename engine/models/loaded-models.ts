/**
 * Loaded networks, kept between jobs so that the next one starts at once. How long an idle engine keeps them is its
 * host's affair, which replaces the whole process: only that gives all of the memory back.
 */
export interface Disposable {
  dispose(): Promise<void>;
}

export interface LoadedModelsOptions {
  /** How many stay loaded; the one unused longest goes first. One in use never goes. */
  readonly maxLoaded?: number;
}

interface Entry<T> {
  readonly key: string;
  readonly model: T;
  lastUsed: number;
  users: number;
  /** Unloaded while in use: goes with its last user. */
  isLeaving: boolean;
}

export class LoadedModels<T extends Disposable> {
  readonly #maxLoaded: number;
  readonly #entries = new Map<string, Entry<T>>();
  #uses = 0;

  constructor({ maxLoaded = 2 }: LoadedModelsOptions = {}) {
    this.#maxLoaded = maxLoaded;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Runs `work` with the model of that key, loading it first where needed. The model is not disposed while in use. */
  async use<R>(key: string, load: () => Promise<T>, work: (model: T) => Promise<R>): Promise<R> {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      await this.#makeRoom();
      entry = { key, model: await load(), lastUsed: 0, users: 0, isLeaving: false };
      this.#entries.set(key, entry);
    }
    entry.lastUsed = ++this.#uses;
    entry.users += 1;
    try {
      return await work(entry.model);
    } finally {
      entry.users -= 1;
      if (entry.isLeaving) await this.#unload(entry);
    }
  }

  /** Unloads every model; one in use as soon as its work is done. */
  async unloadAll(): Promise<void> {
    await Promise.all([...this.#entries.values()].map((entry) => this.#unload(entry)));
  }

  async #makeRoom(): Promise<void> {
    if (this.#entries.size < this.#maxLoaded) return;
    const [oldest] = [...this.#entries.values()]
      .filter(({ users }) => users === 0)
      .sort((a, b) => a.lastUsed - b.lastUsed);
    if (oldest !== undefined) await this.#unload(oldest);
  }

  async #unload(entry: Entry<T>): Promise<void> {
    if (entry.users > 0) {
      entry.isLeaving = true;
      return;
    }
    this.#entries.delete(entry.key);
    await entry.model.dispose();
  }
}
