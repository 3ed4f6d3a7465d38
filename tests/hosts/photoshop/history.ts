/** The undo stack of one document. */
import type { DocumentState } from './document-state.ts';

export interface HistoryEntry {
  readonly id: number;
  readonly name: string;
  readonly state: DocumentState;
}

interface Suspension {
  readonly name: string;
  readonly before: DocumentState;
}

let lastEntryId = 0;

export class History {
  #entries: HistoryEntry[];
  #index = 0;
  #suspension: Suspension | undefined;
  #current: DocumentState;

  constructor(name: string, state: DocumentState) {
    this.#entries = [{ id: ++lastEntryId, name, state }];
    this.#current = state;
  }

  get current(): DocumentState {
    return this.#current;
  }

  get entries(): readonly HistoryEntry[] {
    return this.#entries;
  }

  get active(): HistoryEntry {
    return this.#entries[this.#index]!;
  }

  get isSuspended(): boolean {
    return this.#suspension !== undefined;
  }

  /** A step of its own, unless history is suspended. */
  change(name: string, state: DocumentState): void {
    this.#current = state;
    if (this.#suspension === undefined) this.#push(name);
  }

  /** What is no step of history, such as which layer is active. */
  replace(state: DocumentState): void {
    this.#current = state;
    if (this.#suspension === undefined) this.#entries[this.#index] = { ...this.active, state };
  }

  suspend(name: string): void {
    if (this.#suspension !== undefined) throw new Error('The history of this document is suspended already.');
    this.#suspension = { name, before: this.#current };
  }

  /** One step of all that was done since `suspend`, or none of it. */
  resume({ commit, finalName }: { readonly commit: boolean; readonly finalName?: string | undefined }): void {
    const suspension = this.#suspension;
    if (suspension === undefined) throw new Error('The history of this document is not suspended.');
    this.#suspension = undefined;
    if (!commit) this.#current = suspension.before;
    else if (this.#current !== suspension.before) this.#push(finalName ?? suspension.name);
  }

  /** The document as it was one step before; false when there is none. */
  undo(): boolean {
    return this.#goTo(this.#index - 1);
  }

  redo(): boolean {
    return this.#goTo(this.#index + 1);
  }

  #goTo(index: number): boolean {
    const entry = this.#entries[index];
    if (entry === undefined || this.#suspension !== undefined) return false;
    this.#index = index;
    this.#current = entry.state;
    return true;
  }

  #push(name: string): void {
    this.#entries = [
      ...this.#entries.slice(0, this.#index + 1),
      { id: ++lastEntryId, name, state: this.#current },
    ];
    this.#index = this.#entries.length - 1;
  }
}
