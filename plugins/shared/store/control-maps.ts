/** Maps of controls that were asked for, to be looked at or to become layers. */
import { signal } from '@preact/signals-core';
import type { ControlField, ControlMapRequest, OutputRequest } from '../../../bridge/protocol/messages.ts';
import { ClientError } from '../client/client-error.ts';
import type { JobImage, JobPicture } from '../client/client-job.ts';
import { kindOf } from './controls.ts';
import type { JobStore } from './job-store.ts';

export type ControlMap =
  | { readonly state: 'making' }
  | { readonly state: 'made'; readonly bytes: Uint8Array }
  | { readonly state: 'failed'; readonly message: string };

/** Takes what the map of a control is made of, as it is now. */
export type TakeControlImage = () => Promise<JobImage>;

/** Older ones are forgotten. */
const maxKept = 8;

export class ControlMaps {
  readonly #jobs: JobStore;
  readonly #maps = signal<ReadonlyMap<string, ControlMap>>(new Map());

  constructor(jobs: JobStore) {
    this.#jobs = jobs;
  }

  /** Of the same picture and kind; nothing where none was asked for. */
  mapOf(control: ControlField): ControlMap | undefined {
    return this.#maps.value.get(keyOf(control));
  }

  /** Makes one to be looked at. Never rejects: `mapOf` tells. */
  async show(control: ControlField, take: TakeControlImage): Promise<void> {
    if (this.#maps.peek().get(keyOf(control))?.state === 'making') return;
    this.#set(control, { state: 'making' });
    try {
      const { bytes } = await this.make(control, { take, output: { format: 'png' } });
      this.#set(control, { state: 'made', bytes });
    } catch (error) {
      this.#set(control, { state: 'failed', message: wordsOf(error) });
    }
  }

  /** Rejects with a `ClientError`. */
  async make(
    control: ControlField,
    { take, output }: { readonly take: TakeControlImage; readonly output?: OutputRequest },
  ): Promise<JobPicture> {
    const image = await take();
    const request: ControlMapRequest = {
      operation: 'control-map',
      preprocessor: control.preprocessor ?? kindOf(control),
      ...(output !== undefined && { output }),
    };
    const { imageId: _, ...source } = image;
    const job = this.#jobs.run({ request, images: async () => [{ ...source, role: 'source' }] });
    try {
      const [picture] = await job.finished;
      return picture!;
    } finally {
      this.#jobs.forget(job.id);
    }
  }

  #set(control: ControlField, map: ControlMap): void {
    const key = keyOf(control);
    const others = [...this.#maps.peek()].filter(([other]) => other !== key);
    this.#maps.value = new Map([...others, [key, map] as const].slice(-maxKept));
  }
}

function keyOf(control: ControlField): string {
  return JSON.stringify([control.imageId, control.preprocessor ?? kindOf(control)]);
}

function wordsOf(error: unknown): string {
  if (error instanceof ClientError) return `${error.message} ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}
