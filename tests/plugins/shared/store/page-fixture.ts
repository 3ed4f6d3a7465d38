/** One load of a page or panel: the stores on a real socket, with storage that outlives them. */
import type { TestContext } from 'node:test';
import { ClientWebSocket } from '../../../../bridge/websocket.ts';
import type { JobImage } from '../../../../plugins/shared/client/client-job.ts';
import type { SocketConstructor } from '../../../../plugins/shared/client/socket.ts';
import { ConnectionStore, tokenKey } from '../../../../plugins/shared/store/connection-store.ts';
import type { HostStorage } from '../../../../plugins/shared/store/host-storage.ts';
import { type JobEntry, JobStore } from '../../../../plugins/shared/store/job-store.ts';
import type { Bridge } from '../../../bridge/bridge-fixture.ts';

export class MemoryStorage implements HostStorage {
  readonly values = new Map<string, string>();

  static withToken(token: string): MemoryStorage {
    const storage = new MemoryStorage();
    storage.values.set(tokenKey, token);
    return storage;
  }

  async get(key: string): Promise<string | undefined> {
    return this.values.get(key);
  }

  async set(key: string, value: string): Promise<void> {
    this.values.set(key, value);
  }

  async remove(key: string): Promise<void> {
    this.values.delete(key);
  }
}

export interface PageOptions {
  readonly storage?: HostStorage;
  readonly port?: number;
  readonly WebSocket?: SocketConstructor;
  readonly backOffDelaysMs?: readonly number[];
  readonly diagnose?: () => Promise<'blocked' | undefined>;
}

/** Not yet started. Without a storage of its own it has the token of the bridge's first client. */
export function openPage(context: TestContext, bridge: Bridge, options: PageOptions = {}) {
  const {
    storage = MemoryStorage.withToken(bridge.token),
    port = bridge.server.port,
    WebSocket = ClientWebSocket,
    backOffDelaysMs = [20],
    diagnose,
  } = options;
  const connection = new ConnectionStore({
    client: 'Web page in Chrome on Linux',
    editor: 'web',
    WebSocket,
    storage,
    ports: [port],
    backOffDelaysMs,
    ...(diagnose && { diagnose }),
  });
  context.after(() => connection.close());
  return { connection, jobs: new JobStore(connection) };
}

/** Waits until the job is as wanted. Rejects when it has ended otherwise. */
export function untilJob(
  jobs: JobStore,
  id: string,
  isWanted: (entry: JobEntry) => boolean,
): Promise<JobEntry> {
  return new Promise((resolve, reject) => {
    const stop = jobs.jobs.subscribe((entries) => {
      const entry = entries.find((candidate) => candidate.id === id);
      if (entry === undefined) return;
      if (isWanted(entry)) resolve(entry);
      else if (entry.state === 'failed' || entry.state === 'cancelled') reject(entry.error);
      else return;
      queueMicrotask(() => stop());
    });
  });
}

/** A source and a mask of so many pixels, and how often they were asked for. */
export class Images {
  asked = 0;
  readonly images: readonly JobImage[];

  constructor(width: number, height: number) {
    const bytesOf = (length: number) =>
      Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 9)) & 255);
    this.images = [
      { role: 'source', format: 'rgba8', width, height, bytes: bytesOf(width * height * 4) },
      { role: 'mask', format: 'gray8', width, height, bytes: bytesOf(width * height) },
    ];
  }

  readonly source = async (): Promise<readonly JobImage[]> => {
    this.asked += 1;
    return this.images;
  };
}
