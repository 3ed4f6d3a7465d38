/**
 * Loaded networks, kept between jobs so that the next one starts at once, as long as they and the work of the one in use
 * fit into a budget. How long an idle engine keeps them is its host's affair, which replaces the whole process.
 */
import { networkBudget, requireMemory } from '../runtime/memory.ts';

export interface Disposable {
  dispose(): Promise<void>;
}

export interface LoadedModelsOptions {
  /** What all of them and their work may take, of which `heldBytes` are taken by those that are loaded. */
  readonly budgetBytes?: (heldBytes: number) => number;
}

export interface ModelUse<T> {
  /** Tells the model from all others, of whatever kind. */
  readonly key: string;
  /** The model as a sentence names it. */
  readonly title: string;
  /** What it holds once it is loaded. */
  readonly bytes: number;
  /** Most that it takes while it is being loaded. */
  readonly loadBytes: number;
  /** What the work takes besides. */
  readonly workBytes: number;
  readonly load: () => Promise<T>;
}

interface Entry {
  readonly key: string;
  readonly bytes: number;
  readonly model: Promise<Disposable>;
  lastUsed: number;
  users: number;
  /** Unloaded while in use: goes with its last user. */
  isLeaving: boolean;
}

export class LoadedModels {
  readonly #budgetBytes: (heldBytes: number) => number;
  readonly #entries = new Map<string, Entry>();
  #uses = 0;

  constructor({ budgetBytes = networkBudget }: LoadedModelsOptions = {}) {
    this.#budgetBytes = budgetBytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What all models and their work may take, with those that are loaded now. */
  get budgetBytes(): number {
    return this.#budgetBytes(this.#heldBytes);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /**
   * Runs `work` with the model, loading it first where needed. The model is not disposed while in use; others go before it
   * is loaded, the one unused longest first, as far as the budget asks. Throws `out-of-memory` where that is not enough.
   */
  async use<T extends Disposable, R>(use: ModelUse<T>, work: (model: T) => Promise<R>): Promise<R> {
    const { key, bytes, load } = use;
    await this.#makeRoom(use);
    const entry = this.#entries.get(key) ?? this.#add({ key, bytes, load });
    entry.lastUsed = ++this.#uses;
    entry.users += 1;
    try {
      // A key stands for one model, so the entry holds what `load` gives.
      return await work((await entry.model) as T);
    } finally {
      entry.users -= 1;
      if (entry.isLeaving) await this.#unload(entry);
    }
  }

  /** Unloads every model; one in use as soon as its work is done. */
  async unloadAll(): Promise<void> {
    await Promise.all([...this.#entries.values()].map((entry) => this.#unload(entry)));
  }

  get #heldBytes(): number {
    return [...this.#entries.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #add({ key, bytes, load }: Pick<ModelUse<Disposable>, 'key' | 'bytes' | 'load'>): Entry {
    const model = load();
    const entry = { key, bytes, model, lastUsed: 0, users: 0, isLeaving: false };
    this.#entries.set(key, entry);
    // A load that fails leaves nothing behind; whoever waits for it hears of it.
    model.catch(() => this.#entries.delete(key));
    return entry;
  }

  async #makeRoom({ key, title, bytes, loadBytes, workBytes }: ModelUse<Disposable>): Promise<void> {
    const needed = this.has(key) ? workBytes : Math.max(loadBytes, bytes + workBytes);
    // Asked once: a process need not have back what was freed in it for using it again.
    const budget = this.budgetBytes;
    const idle = [...this.#entries.values()]
      .filter((entry) => entry.users === 0 && entry.key !== key)
      .sort((a, b) => a.lastUsed - b.lastUsed);
    for (const entry of idle) {
      if (this.#heldBytes + needed <= budget) return;
      await this.#unload(entry);
    }
    requireMemory(needed, title, budget - this.#heldBytes);
  }

  async #unload(entry: Entry): Promise<void> {
    if (entry.users > 0) {
      entry.isLeaving = true;
      return;
    }
    if (!this.#entries.delete(entry.key)) return;
    await (await entry.model).dispose();
  }
}
