import type { HostStorage } from '../../shared/store/host-storage.ts';

/** What the stores keep, in this browser. */
export const browserStorage: HostStorage = {
  get: async (key) => localStorage.getItem(key) ?? undefined,
  set: async (key, value) => localStorage.setItem(key, value),
  remove: async (key) => localStorage.removeItem(key),
};
