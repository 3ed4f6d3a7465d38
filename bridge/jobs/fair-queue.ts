/**
 * A bounded queue within the process, fair between clients: each turn goes to the client whose last turn is the longest
 * ago. However many jobs a client has waiting, another's first one comes right after the one that is running.
 */
import { BridgeError } from '../errors.ts';
import type { JobQueue, QueuedItem } from './job-queue.ts';

export interface FairQueueLimits {
  readonly maxQueuedJobs: number;
  readonly maxQueuedJobsPerClient: number;
}

export class FairQueue<Item extends QueuedItem> implements JobQueue<Item> {
  readonly #limits: FairQueueLimits;
  /** Each client's items, first come first served. A client without any has no entry. */
  readonly #waiting = new Map<string, Item[]>();
  readonly #lastTurns = new Map<string, number>();
  #turn = 0;
  #size = 0;
  #wake: (() => void) | undefined;

  constructor(limits: FairQueueLimits) {
    this.#limits = limits;
  }

  add(item: Item): void {
    const { maxQueuedJobs, maxQueuedJobsPerClient } = this.#limits;
    const own = this.#waiting.get(item.clientId) ?? [];
    if (own.length >= maxQueuedJobsPerClient) throw tooMany('of one client', maxQueuedJobsPerClient);
    if (this.#size >= maxQueuedJobs) throw tooMany('in all', maxQueuedJobs);
    this.#waiting.set(item.clientId, [...own, item]);
    this.#size += 1;
    this.#wake?.();
  }

  async take(signal: AbortSignal): Promise<Item> {
    signal.throwIfAborted();
    while (this.#size === 0) await this.#untilAdded(signal);
    const [item] = this.inOrder();
    if (item === undefined) throw new Error('A queue that is not empty has a first item.');
    this.remove(item);
    this.#lastTurns.set(item.clientId, ++this.#turn);
    return item;
  }

  remove(item: Item): boolean {
    const own = this.#waiting.get(item.clientId) ?? [];
    const rest = own.filter((other) => other !== item);
    if (rest.length === own.length) return false;
    if (rest.length > 0) this.#waiting.set(item.clientId, rest);
    else this.#waiting.delete(item.clientId);
    this.#size -= 1;
    return true;
  }

  inOrder(): readonly Item[] {
    // Clients keep their order from round to round: whoever had a turn goes behind all the others.
    const clients = [...this.#waiting.keys()].sort((a, b) => this.#lastTurn(a) - this.#lastTurn(b));
    const lists = clients.map((client) => this.#waiting.get(client) ?? []);
    const rounds = Math.max(0, ...lists.map((list) => list.length));
    return Array.from({ length: rounds }, (_, round) => lists.flatMap((list) => list[round] ?? [])).flat();
  }

  async #untilAdded(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#wake = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
    });
  }

  #lastTurn(clientId: string): number {
    return this.#lastTurns.get(clientId) ?? 0;
  }
}

function tooMany(whose: string, limit: number): BridgeError {
  return new BridgeError(
    'too-many-jobs',
    `Expected ${limit} waiting jobs ${whose} at most, received one more.`,
  );
}
