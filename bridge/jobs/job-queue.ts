/** What waits for the engine. */
export interface QueuedItem {
  readonly id: string;
  readonly clientId: string;
}

export interface JobQueue<Item extends QueuedItem> {
  /** Throws `too-many-jobs`. */
  add(item: Item): void;
  /** The next item, which leaves the queue; waits for one. Rejects when `signal` aborts. One caller at a time. */
  take(signal: AbortSignal): Promise<Item>;
  /** False when it was not waiting. */
  remove(item: Item): boolean;
  /** Every waiting item in the order in which they would be taken if none were added. */
  inOrder(): readonly Item[];
}
