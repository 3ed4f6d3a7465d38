/** What UXP keeps for a plugin between two runs. */
export class LocalStorage {
  readonly #items = new Map<string, string>();

  get length(): number {
    return this.#items.size;
  }

  key(index: number): string | null {
    return [...this.#items.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#items.set(key, String(value));
  }

  removeItem(key: string): void {
    this.#items.delete(key);
  }

  clear(): void {
    this.#items.clear();
  }
}

/** Encrypted by the system, which may lose it: text goes in, bytes come out. */
export class SecureStorage {
  readonly #items = new Map<string, Uint8Array>();

  get length(): number {
    return this.#items.size;
  }

  copy(): SecureStorage {
    const copy = new SecureStorage();
    for (const [key, value] of this.#items) copy.#items.set(key, value);
    return copy;
  }

  async getItem(key: string): Promise<Uint8Array | null> {
    return this.#items.get(key)?.slice() ?? null;
  }

  async setItem(key: string, value: string | ArrayBuffer | Uint8Array): Promise<void> {
    this.#items.set(key, typeof value === 'string' ? new TextEncoder().encode(value) : bytesOf(value));
  }

  async removeItem(key: string): Promise<void> {
    this.#items.delete(key);
  }

  async clear(): Promise<void> {
    this.#items.clear();
  }
}

function bytesOf(value: ArrayBuffer | Uint8Array): Uint8Array {
  return value instanceof Uint8Array ? value.slice() : new Uint8Array(value.slice(0));
}

/** What is left of a plugin when Photoshop ends. */
export interface PluginStorage {
  readonly local: LocalStorage;
  readonly secure: SecureStorage;
}

export function newStorage(): PluginStorage {
  return { local: new LocalStorage(), secure: new SecureStorage() };
}
