/** `figma.clientStorage`, which main alone can reach: an iframe without an origin has no storage of its own. */
import type { HostStorage } from '../../shared/store/host-storage.ts';
import type { MainChannel } from './main-channel.ts';

export function figmaStorage(main: MainChannel): HostStorage {
  return {
    get: (key) => main.ask('storage-get', { key }),
    set: async (key, value) => {
      await main.ask('storage-set', { key, value });
    },
    remove: async (key) => {
      await main.ask('storage-remove', { key });
    },
  };
}
