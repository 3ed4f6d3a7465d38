/** `on`, `once` and `off` as `figma` and `figma.ui` have them. */

type Listener = (...values: never[]) => unknown;

export class EventListeners {
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #once = new Set<Listener>();

  on(event: string, listener: Listener): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }

  once(event: string, listener: Listener): void {
    this.#once.add(listener);
    this.on(event, listener);
  }

  off(event: string, listener: Listener): void {
    this.#listeners.get(event)?.delete(listener);
  }

  emit(event: string, ...values: readonly unknown[]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      if (this.#once.delete(listener)) this.off(event, listener);
      (listener as (...all: readonly unknown[]) => unknown)(...values);
    }
  }
}
