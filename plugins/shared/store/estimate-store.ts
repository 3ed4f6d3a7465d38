/** What a job would be like, asked of the server before it is run: as often as the question changes, never in a hurry. */
import { computed, type ReadonlySignal, signal } from '@preact/signals-core';
import type { ImageOutline, JobRequest } from '../../../bridge/protocol/messages.ts';
import type { Estimate } from '../client/client.ts';
import { ClientError } from '../client/client-error.ts';
import { after } from '../client/timers.ts';
import type { ConnectionStore } from './connection-store.ts';

export interface EstimateQuestion {
  readonly request: JobRequest;
  readonly images: readonly ImageOutline[];
}

export type Outlook =
  | { readonly state: 'known'; readonly question: EstimateQuestion; readonly estimate: Estimate }
  /** It would not be run, and why. */
  | { readonly state: 'refused'; readonly question: EstimateQuestion; readonly error: ClientError };

/** A question that changes sooner again is not asked. */
export const settlingMs = 250;

export class EstimateStore {
  readonly #connection: ConnectionStore;
  readonly #outlook = signal<Outlook | undefined>(undefined);
  /** Of the last question, or of the one before it where only the request has changed and the answer is not there yet. */
  readonly outlook: ReadonlySignal<Outlook | undefined> = this.#outlook;
  /** The outlook is of an earlier question, until the answer to the last one is there. */
  readonly isStale: ReadonlySignal<boolean>;
  readonly #wanted = signal<EstimateQuestion | undefined>(undefined);
  /** It has settled, and was not asked yet. */
  #isDue = false;
  #isAsking = false;
  #cancelTimer = () => {};

  constructor(connection: ConnectionStore) {
    this.#connection = connection;
    this.isStale = computed(() => this.#outlook.value?.question !== this.#wanted.value);
  }

  /** Replaces the question; nothing: there is none any more. An answer to an earlier one is dropped. */
  ask(question: EstimateQuestion | undefined): void {
    const wanted = this.#wanted.peek();
    if (isSame(question, wanted)) return;
    // What was said of other pictures is no answer, not even for a moment.
    if (!isSame(question?.images, wanted?.images)) this.#outlook.value = undefined;
    this.#wanted.value = question;
    this.#isDue = false;
    this.#cancelTimer();
    this.#cancelTimer = after(settlingMs, () => {
      this.#isDue = true;
      void this.#answer();
    });
  }

  close(): void {
    this.#wanted.value = undefined;
    this.#cancelTimer();
  }

  /** One at a time: an engine that computes is not sent a heap of questions of which only the last matters. */
  async #answer(): Promise<void> {
    while (!this.#isAsking && this.#isDue) {
      const question = this.#wanted.peek();
      if (question === undefined) return;
      this.#isDue = false;
      this.#isAsking = true;
      const outlook = await this.#outlookOf(question);
      this.#isAsking = false;
      if (question === this.#wanted.peek()) this.#outlook.value = outlook;
    }
  }

  async #outlookOf(question: EstimateQuestion): Promise<Outlook | undefined> {
    const { request, images } = question;
    try {
      const estimate = await this.#connection.client.estimate(request, images);
      return { state: 'known', question, estimate };
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      return error.code === 'closed' ? undefined : { state: 'refused', question, error };
    }
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
