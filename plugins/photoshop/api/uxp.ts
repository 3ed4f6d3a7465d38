/** What the plugin uses of `require('uxp')`, of UXP 7.2 (Photoshop 25.0) and later. */

/** Encrypted by the system. It may be emptied at any time. */
export interface SecureStorage {
  getItem(key: string): Promise<Uint8Array | null | undefined>;
  setItem(key: string, value: string | Uint8Array): Promise<void>;
  removeItem(key: string): Promise<void>;
}

/** Each of these has to return within 300 ms. */
export interface EntryPoints {
  readonly plugin: { create(): void; destroy(): void };
  readonly panels: Readonly<Record<string, { create(root?: unknown): void; show(root?: unknown): void }>>;
  readonly commands: Readonly<Record<string, { run(): void }>>;
}

export interface Uxp {
  readonly entrypoints: { setup(entryPoints: EntryPoints): void };
  readonly storage: { readonly secureStorage: SecureStorage };
  readonly shell: {
    /** The user is asked first; what it is about is told with it. */
    openExternal(url: string, reason: string): Promise<string>;
  };
}
