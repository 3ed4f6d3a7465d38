import type { ClientStorageAPI } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { copyMessage } from './message-copy.ts';

/** Of one plugin on one computer, keys and values together. */
export const maxClientStorageBytes = 5_000_000;

/** Stays when the plugin is closed and run again. */
export class ClientStorage implements ClientStorageAPI {
  readonly #values = new Map<string, unknown>();

  async getAsync(key: string): Promise<unknown> {
    return copyMessage(this.#values.get(key), 'getAsync');
  }

  async setAsync(key: string, value: unknown): Promise<void> {
    const copy = copyMessage(value, 'setAsync');
    const others = [...this.#values].filter(([other]) => other !== key);
    const byteLength = Buffer.byteLength(JSON.stringify([...others, [key, copy]]));
    if (byteLength > maxClientStorageBytes)
      throw new Error(`in setAsync: Client storage quota exceeded (${byteLength} bytes)`);
    this.#values.set(key, copy);
  }

  async deleteAsync(key: string): Promise<void> {
    this.#values.delete(key);
  }

  async keysAsync(): Promise<string[]> {
    return [...this.#values.keys()];
  }
}
