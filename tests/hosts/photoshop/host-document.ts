import type { DocumentState } from './document-state.ts';
import { PhotoshopError } from './errors.ts';
import { History } from './history.ts';

let lastDocumentId = 58;

/** An open document: its identity, and the states that it has been through. */
export class HostDocument {
  readonly id = ++lastDocumentId;
  readonly name: string;
  readonly #history: History;
  isOpen = true;

  constructor(name: string, state: DocumentState) {
    this.name = name;
    this.#history = new History('Open', state);
  }

  /** Throws once the document is closed. */
  get history(): History {
    if (!this.isOpen)
      throw new PhotoshopError(`The document "${this.name}" does not exist any more.`, -25_920);
    return this.#history;
  }

  get state(): DocumentState {
    return this.history.current;
  }

  /** A step of history, or a part of one while that is suspended. */
  change(name: string, state: DocumentState): void {
    this.history.change(name, state);
  }
}
