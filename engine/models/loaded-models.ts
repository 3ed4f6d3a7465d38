/**
 * Loaded networks, kept between jobs so that the next one starts at once, and unloaded when nobody has used them for a
 * while, so that an editor left open overnight does not hold their memory.
 */
export interface Disposable {
  dispose(): Promise<void>;
}

export interface LoadedModelsOptions {
  readonly idleUnloadMs: number;
  /** How many stay loaded; the one unused longest goes first. */
  readonly maxLoaded?: number;
}

interface Entry<T> {
  readonly model: T;
  lastUsed: number;
}

export class LoadedModels<T extends Disposable> {
  readonly #idleUnloadMs: number;
  readonly #maxLoaded: number;
  readonly #entries = new Map<string, Entry<T>>();
  #idleTimer: NodeJS.Timeout | undefined;
  #uses = 0;

  constructor({ idleUnloadMs, maxLoaded = 2 }: LoadedModelsOptions) {
    this.#idleUnloadMs = idleUnloadMs;
    this.#maxLoaded = maxLoaded;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Runs `work` with the model of that key, loading it first where needed. The model is not disposed while in use. */
  async use<R>(key: string, load: () => Promise<T>, work: (model: T) => Promise<R>): Promise<R> {
    clearTimeout(this.#idleTimer);
    try {
      let entry = this.#entries.get(key);
      if (entry === undefined) {
        await this.#makeRoom();
        entry = { model: await load(), lastUsed: 0 };
        this.#entries.set(key, entry);
      }
      entry.lastUsed = ++this.#uses;
      return await work(entry.model);
    } finally {
      this.#idleTimer = setTimeout(() => void this.unloadAll(), this.#idleUnloadMs);
      this.#idleTimer.unref();
    }
  }

  async unloadAll(): Promise<void> {
    clearTimeout(this.#idleTimer);
    const models = [...this.#entries.values()].map((entry) => entry.model);
    this.#entries.clear();
    await Promise.all(models.map((model) => model.dispose()));
  }

  async #makeRoom(): Promise<void> {
    if (this.#entries.size < this.#maxLoaded) return;
    const [oldest] = [...this.#entries].sort(([, a], [, b]) => a.lastUsed - b.lastUsed);
    if (oldest === undefined) return;
    const [key, { model }] = oldest;
    this.#entries.delete(key);
    await model.dispose();
  }
}
