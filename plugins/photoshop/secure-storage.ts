/** What the panel keeps between two runs: encrypted where the system lets Photoshop, else as it is. */
import { decodeUtf8, encodeUtf8 } from '../../bridge/protocol/utf8.ts';
import type { HostStorage } from '../shared/store/host-storage.ts';
import type { SecureStorage } from './api/uxp.ts';

/** Without those that are there, so that a key which has been removed stays so. */
export interface PlainStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/**
 * Photoshop's `secureStorage`, which fails where the system's keychain is locked or damaged; what it cannot take goes to
 * `localStorage`.
 */
export function photoshopStorage(secure: SecureStorage, plain: PlainStorage): HostStorage {
  return {
    async get(key) {
      const value = await secure.getItem(key).catch(() => undefined);
      if (value === null || value === undefined || value.length === 0) return plain.getItem(key) ?? undefined;
      try {
        return decodeUtf8(value);
      } catch {
        // Of a damaged keychain.
        return plain.getItem(key) ?? undefined;
      }
    },
    async set(key, value) {
      try {
        await secure.setItem(key, encodeUtf8(value));
        plain.removeItem(key);
      } catch {
        plain.setItem(key, value);
      }
    },
    async remove(key) {
      plain.removeItem(key);
      await secure.removeItem(key).catch(() => {});
    },
  };
}
