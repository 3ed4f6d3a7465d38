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
  /** Of all questions together. */
  | { readonly state: 'known'; readonly questions: readonly EstimateQuestion[]; readonly estimate: Estimate }
  /** They would not be run, and why. */
  | {
      readonly state: 'refused';
      readonly questions: readonly EstimateQuestion[];
      readonly error: ClientError;
    };

/** A question that changes sooner again is not asked. */
export const settlingMs = 250;

export class EstimateStore {
  readonly #connection: ConnectionStore;
  readonly #outlook = signal<Outlook | undefined>(undefined);
  /** Of the last questions, or of those before where only requests have changed and the answer is not there yet. */
  readonly outlook: ReadonlySignal<Outlook | undefined> = this.#outlook;
  /** The outlook is of earlier questions, until the answer to the last ones is there. */
  readonly isStale: ReadonlySignal<boolean>;
  readonly #wanted = signal<readonly EstimateQuestion[] | undefined>(undefined);
  /** It has settled, and was not asked yet. */
  #isDue = false;
  #isAsking = false;
  #cancelTimer = () => {};

  constructor(connection: ConnectionStore) {
    this.#connection = connection;
    this.isStale = computed(() => this.#outlook.value?.questions !== this.#wanted.value);
  }

  /** Of the jobs that would be run together; nothing: there are none any more. An answer to earlier ones is dropped. */
  ask(questions: readonly EstimateQuestion[] | undefined): void {
    const wanted = this.#wanted.peek();
    if (isSame(questions, wanted)) return;
    // What was said of other pictures is no answer, not even for a moment.
    if (!isSame(questions?.map(imagesOf), wanted?.map(imagesOf))) this.#outlook.value = undefined;
    this.#wanted.value = questions;
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
      const questions = this.#wanted.peek();
      if (questions === undefined) return;
      this.#isDue = false;
      this.#isAsking = true;
      const outlook = await this.#outlookOf(questions);
      this.#isAsking = false;
      if (questions === this.#wanted.peek()) this.#outlook.value = outlook;
    }
  }

  async #outlookOf(questions: readonly EstimateQuestion[]): Promise<Outlook | undefined> {
    try {
      const { client } = this.#connection;
      const estimates = await Promise.all(
        questions.map(({ request, images }) => client.estimate(request, images)),
      );
      const estimate = inSequence(estimates);
      return estimate && { state: 'known', questions, estimate };
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      return error.code === 'closed' ? undefined : { state: 'refused', questions, error };
    }
  }
}

/** Of jobs that are run one after the other: they take the time of all, and the memory of the largest. */
function inSequence(estimates: readonly Estimate[]): Estimate | undefined {
  const [first] = estimates;
  if (first === undefined) return undefined;
  const [worst = first] = [...estimates].sort(
    (a, b) => outcomes.indexOf(b.outcome) - outcomes.indexOf(a.outcome),
  );
  const { outcome, savings, refusal } = worst;
  return {
    ...first,
    steps: estimates.reduce((sum, { steps }) => sum + steps, 0),
    durationMs: estimates.reduce((sum, { durationMs }) => sum + durationMs, 0),
    memoryBytes: Math.max(...estimates.map(({ memoryBytes }) => memoryBytes)),
    outcome,
    savings,
    ...(refusal && { refusal }),
  };
}

/** The worst last. */
const outcomes: readonly Estimate['outcome'][] = ['fits', 'fits-with-savings', 'refused'];

function imagesOf({ images }: EstimateQuestion): EstimateQuestion['images'] {
  return images;
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
