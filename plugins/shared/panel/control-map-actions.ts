/** Maps of the controls of what would be run now: looked at in the panel, or put into the document. */
import type { ReadonlySignal } from '@preact/signals-core';
import type { ControlField } from '../../../bridge/protocol/messages.ts';
import { ClientError } from '../client/client-error.ts';
import type { JobImage } from '../client/client-job.ts';
import { ControlMaps } from '../store/control-maps.ts';
import { controlKindNames, kindOf } from '../store/controls.ts';
import type { JobStore } from '../store/job-store.ts';
import type { EditorHost, Order, Place } from './editor-host.ts';

export interface ControlMapActionsParts {
  readonly host: EditorHost;
  readonly jobs: JobStore;
  /** What would be run now. */
  readonly order: ReadonlySignal<Order>;
  readonly inTurn: <Value>(action: () => Promise<Value>) => Promise<Value>;
  /** What has come of an action, in words, or why nothing has. */
  readonly onOutcome: (
    words: string,
    error: { readonly message: string; readonly hint: string } | undefined,
  ) => void;
}

interface Taken {
  readonly image: JobImage;
  readonly place: Place;
}

export class ControlMapActions {
  readonly maps: ControlMaps;
  readonly #parts: ControlMapActionsParts;

  constructor(parts: ControlMapActionsParts) {
    this.#parts = parts;
    this.maps = new ControlMaps(parts.jobs);
  }

  async show(control: ControlField): Promise<void> {
    await this.maps.show(control, async () => (await this.#take(control)).image);
  }

  /** Never rejects: what goes wrong is told as the outcome. */
  async insert(control: ControlField): Promise<void> {
    const { host, inTurn, onOutcome } = this.#parts;
    onOutcome('Making the map…', undefined);
    try {
      const { image, place } = await this.#take(control);
      const output = host.mapOutput;
      const map = await this.maps.make(control, {
        take: async () => image,
        ...(output !== undefined && { output }),
      });
      const picture = { ...map, left: image.left ?? 0, top: image.top ?? 0 };
      const name = `Map: ${controlKindNames[kindOf(control)]}`;
      await inTurn(() => host.insertMap({ place, picture, name }));
      onOutcome('The map is a layer now.', undefined);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      onOutcome('', { message, hint: error instanceof ClientError ? error.hint : 'Try again.' });
    }
  }

  /** The pixels of a control as they are now, with which the order itself would go. */
  async #take(control: ControlField): Promise<Taken> {
    const { host, order, inTurn } = this.#parts;
    const { request, ...others } = order.peek();
    const wanted = { ...others, request: { ...request, controls: [control] } } as Order;
    const { place, tasks } = await inTurn(() => host.capture(wanted));
    const images = tasks[0]?.images ?? [];
    const image =
      control.imageId === undefined
        ? images.find(({ role }) => role === 'source')
        : images.find(({ imageId }) => imageId === control.imageId);
    if (image !== undefined) return { image, place };
    throw new ClientError({
      code: 'no-control-image',
      message: 'The picture of this control is not here.',
      hint: 'Choose another picture for it.',
    });
  }
}
