/** What the panel keeps between two runs: its token encrypted where the system lets Photoshop, the rest as it is. */
import { decodeUtf8, encodeUtf8 } from '../../bridge/protocol/utf8.ts';
import { tokenKey } from '../shared/store/connection-store.ts';
import type { HostStorage } from '../shared/store/host-storage.ts';
import type { SecureStorage } from './api/uxp.ts';

/** `localStorage`. */
export interface PlainStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Photoshop's `secureStorage` for the token; where the system's keychain does not give it back, `localStorage`. */
export function photoshopStorage(secure: SecureStorage, plain: PlainStorage): HostStorage {
  return {
    async get(key) {
      const kept = key === tokenKey ? await keptSecurely(secure, key) : undefined;
      return kept ?? plain.getItem(key) ?? undefined;
    },
    async set(key, value) {
      if (key === tokenKey && (await keepSecurely(secure, { key, value }))) plain.removeItem(key);
      else plain.setItem(key, value);
    },
    async remove(key) {
      plain.removeItem(key);
      if (key === tokenKey) await secure.removeItem(key).catch(() => {});
    },
  };
}

async function keptSecurely(secure: SecureStorage, key: string): Promise<string | undefined> {
  try {
    const bytes = await secure.getItem(key);
    return bytes?.length ? decodeUtf8(bytes) : undefined;
  } catch {
    // The keychain is locked or damaged.
    return undefined;
  }
}

/** @returns Whether it can be had back. */
async function keepSecurely(
  secure: SecureStorage,
  { key, value }: { readonly key: string; readonly value: string },
): Promise<boolean> {
  try {
    await secure.setItem(key, encodeUtf8(value));
  } catch {
    return false;
  }
  return (await keptSecurely(secure, key)) === value;
}
