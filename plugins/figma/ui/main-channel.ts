/** The UI's end of the line to main, which has the document. */
import { ClientError } from '../../shared/client/client-error.ts';
import type {
  AnswerOf,
  AskOf,
  MainMessage,
  RequestName,
  SelectionReport,
  UiMessage,
} from '../protocol/messages.ts';

interface Waiter {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: ClientError) => void;
}

/** The little of a window that the line needs. */
export interface ChannelWindow {
  readonly parent: { postMessage(message: unknown, targetOrigin: string): void };
  addEventListener(
    type: 'message',
    listener: (event: { readonly source: unknown; readonly data: unknown }) => void,
  ): void;
}

export class MainChannel {
  readonly #parent: ChannelWindow['parent'];
  readonly #waiters = new Map<number, Waiter>();
  readonly #onSelection: (report: SelectionReport) => void;
  #nextId = 1;

  constructor(window: ChannelWindow, onSelection: (report: SelectionReport) => void) {
    this.#parent = window.parent;
    this.#onSelection = onSelection;
    window.addEventListener('message', ({ source, data }) => {
      // Any frame that can reach this one may send messages; Figma's come from the parent alone.
      if (source !== this.#parent) return;
      const message = (data as { readonly pluginMessage?: MainMessage } | null)?.pluginMessage;
      if (message !== undefined) this.#onMessage(message);
    });
  }

  /** Rejects with the `ClientError` that main refused with. */
  ask<Name extends RequestName>(name: Name, ask: AskOf<Name>): Promise<AnswerOf<Name>> {
    const requestId = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiters.set(requestId, { resolve: resolve as Waiter['resolve'], reject });
      const pluginMessage = { type: 'request', requestId, name, ask } as UiMessage;
      this.#parent.postMessage({ pluginMessage }, '*');
    });
  }

  #onMessage(message: MainMessage): void {
    switch (message.type) {
      case 'selection':
        this.#onSelection(message.report);
        break;
      case 'reply':
        this.#take(message.requestId)?.resolve(message.answer);
        break;
      case 'refused':
        this.#take(message.requestId)?.reject(new ClientError(message.failure));
    }
  }

  #take(requestId: number): Waiter | undefined {
    const waiter = this.#waiters.get(requestId);
    this.#waiters.delete(requestId);
    return waiter;
  }
}
