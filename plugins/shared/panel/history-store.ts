/** What was made with the panel, the newest first; kept between visits. */
import { type ReadonlySignal, signal } from '@preact/signals-core';
import { randomId } from '../client/random-id.ts';
import { titleOf, wordsOf } from '../store/diffusion-settings.ts';
import type { HostStorage } from '../store/host-storage.ts';
import type { Recipe } from './editor-host.ts';
import { panelOperationNames } from './operations.ts';

export interface HistoryEntry {
  readonly id: string;
  readonly recipe: Recipe;
  readonly documentName?: string;
}

const historyKey = 'inlay.history';
/** Older ones are forgotten. */
export const maxHistoryEntries = 100;

export class HistoryStore {
  readonly #storage: HostStorage;
  readonly #entries = signal<readonly HistoryEntry[]>([]);
  readonly entries: ReadonlySignal<readonly HistoryEntry[]> = this.#entries;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(storage: HostStorage) {
    this.#storage = storage;
  }

  async restore(): Promise<void> {
    this.#entries.value = (await this.#kept()) ?? [];
  }

  add(recipe: Recipe, documentName?: string): Promise<void> {
    const entry: HistoryEntry = {
      id: randomId(),
      recipe,
      ...(documentName !== undefined && { documentName }),
    };
    return this.#change((entries) => [entry, ...entries].slice(0, maxHistoryEntries));
  }

  delete(id: string): Promise<void> {
    return this.#change((entries) => entries.filter((entry) => entry.id !== id));
  }

  clear(): Promise<void> {
    return this.#change(() => []);
  }

  /** On top of what another panel with the same storage may have kept meanwhile. */
  #change(change: (entries: readonly HistoryEntry[]) => readonly HistoryEntry[]): Promise<void> {
    this.#entries.value = change(this.#entries.peek());
    const write = async () => {
      const kept = await this.#kept();
      if (kept === undefined) return;
      const entries = change(kept);
      this.#entries.value = entries;
      await this.#storage.set(historyKey, JSON.stringify(entries));
    };
    // Storage that is full or forbidden costs the memory, nothing else.
    const written = this.#writing.then(write).catch(() => {});
    this.#writing = written;
    return written;
  }

  /** Nothing where the storage cannot be read. */
  async #kept(): Promise<readonly HistoryEntry[] | undefined> {
    let text: string | undefined;
    try {
      text = await this.#storage.get(historyKey);
    } catch {
      return undefined;
    }
    return parseHistory(text);
  }
}

function parseHistory(text: string | undefined): readonly HistoryEntry[] {
  try {
    const kept: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(kept) ? kept.filter(isHistoryEntry).slice(0, maxHistoryEntries) : [];
  } catch {
    // What is damaged is as good as none.
    return [];
  }
}

/** What an order or result is called: its prompt, cut, or what was done. */
export function entryTitle({ operation, request }: Pick<Recipe, 'operation' | 'request'>): string {
  const prompt = wordsOf(request)?.prompt;
  return prompt === undefined ? panelOperationNames[operation] : titleOf(prompt);
}

/** Those in whose prompt, document or operation each of the words is found. */
export function searched(entries: readonly HistoryEntry[], query: string): readonly HistoryEntry[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return entries;
  return entries.filter(({ recipe, documentName = '' }) => {
    const prompt = wordsOf(recipe.request)?.prompt ?? '';
    const text = `${prompt} ${documentName} ${panelOperationNames[recipe.operation]}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function isHistoryEntry(value: unknown): value is HistoryEntry {
  const { id, recipe } = (value ?? {}) as Partial<HistoryEntry>;
  const isRequest = typeof recipe?.request?.operation === 'string';
  return (
    typeof id === 'string' &&
    isRequest &&
    typeof recipe.place === 'object' &&
    recipe.operation in panelOperationNames
  );
}
