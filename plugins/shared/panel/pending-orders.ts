/** Orders that are not over, noted where they outlive the panel: loaded again, it goes on with them. */
import type { JobRequest } from '../../../bridge/protocol/messages.ts';
import type { HostStorage } from '../store/host-storage.ts';
import type { Order, Place } from './editor-host.ts';

export interface PendingOrder {
  readonly id: string;
  readonly order: Order;
  readonly place: Place;
  /** One job each, in the order of the tasks. */
  readonly jobs: readonly { readonly id: string; readonly request: JobRequest }[];
  readonly documentName?: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export class PendingOrders {
  readonly #storage: HostStorage;
  readonly #key: string;
  #orders: readonly PendingOrder[] = [];
  /** Writes go one after the other: the last one is what stays. */
  #writing: Promise<unknown> = Promise.resolve();

  /** @param scope Tells panels apart that share a storage, e.g. by the file that they are open in. */
  constructor(storage: HostStorage, scope: string) {
    this.#storage = storage;
    this.#key = scope === '' ? 'inlay.pending-orders' : `inlay.pending-orders.${scope}`;
  }

  /** Those of an earlier load of the panel. */
  async restore(): Promise<readonly PendingOrder[]> {
    const text = await this.#storage.get(this.#key).catch(() => undefined);
    this.#orders = parsePendingOrders(text);
    return this.#orders;
  }

  /** Settles when it is noted, or cannot be: then a reload loses it, nothing else. */
  async add(order: PendingOrder): Promise<void> {
    await this.#write([...this.#orders.filter(({ id }) => id !== order.id), order]);
  }

  async remove(id: string): Promise<void> {
    const others = this.#orders.filter((order) => order.id !== id);
    if (others.length < this.#orders.length) await this.#write(others);
  }

  #write(orders: readonly PendingOrder[]): Promise<unknown> {
    this.#orders = orders;
    const write = () =>
      this.#orders.length === 0
        ? this.#storage.remove(this.#key)
        : this.#storage.set(this.#key, JSON.stringify(this.#orders));
    this.#writing = this.#writing.then(write).catch(() => {});
    return this.#writing;
  }
}

/** Of what was kept all that is an order, e.g. not of another version of the panel. */
function parsePendingOrders(text: string | undefined): readonly PendingOrder[] {
  try {
    const kept: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(kept) ? kept.filter(isPendingOrder) : [];
  } catch {
    return [];
  }
}

function isPendingOrder(value: unknown): value is PendingOrder {
  const { id, order, place, jobs } = (value ?? {}) as Partial<PendingOrder>;
  return (
    typeof id === 'string' &&
    typeof order?.request?.operation === 'string' &&
    typeof place === 'object' &&
    Array.isArray(jobs) &&
    jobs.every((job) => typeof job?.id === 'string' && typeof job.request === 'object')
  );
}
