/** An editor that does what a test says. */
import { type Signal, signal } from '@preact/signals-core';
import type { JobImage } from '../../../../plugins/shared/client/client-job.ts';
import type {
  Capture,
  EditorHost,
  Insertion,
  InsertionOutcome,
  MapInsertion,
  Order,
  Place,
  Target,
  TaskOutline,
} from '../../../../plugins/shared/panel/editor-host.ts';
import { controlImageIds } from '../../../../plugins/shared/store/control-images.ts';

const [width, height] = [16, 12];
const selected = { left: 4, top: 3, width: 6, height: 5 };

/** A document of 16 × 12 pixels with its middle selected. */
export class ScriptedHost implements EditorHost {
  readonly editor = 'other';
  readonly target: Signal<Target> = signal({
    documentName: 'Poster',
    offers: {
      fill: {
        subject: 'Selection, 16 × 12 px',
        controlSources: [{ id: 'layer-1', label: 'Lines' }],
      },
      remove: { subject: 'Selection, 16 × 12 px' },
      expand: {},
      vary: { reason: 'Select a layer first.' },
      upscale: {
        scopes: [
          { id: 'layer', label: 'Layer', width, height },
          { id: 'document', label: 'Document', width: 32, height: 24 },
        ],
      },
    },
  });
  readonly captured: Order[] = [];
  readonly insertions: Insertion[] = [];
  readonly maps: MapInsertion[] = [];
  readonly revealed: Place[] = [];
  /** How many jobs an order becomes. */
  taskCount = 1;
  onCapture: () => Promise<void> = async () => {};
  onInsert: (insertion: Insertion) => Promise<InsertionOutcome> = async () => ({});

  outline(order: Order): readonly TaskOutline[] {
    return this.#tasks(order).map(({ request, images }) => ({
      request,
      images: images.map(({ bytes: _, ...outline }) =>
        outline.role === 'mask' ? { ...outline, maskBounds: selected } : outline,
      ),
      canvas: { width, height },
    }));
  }

  async capture(order: Order): Promise<Capture> {
    this.captured.push(order);
    await this.onCapture();
    return { place: order.place ?? { layer: this.captured.length }, tasks: this.#tasks(order) };
  }

  async insert(insertion: Insertion): Promise<InsertionOutcome> {
    const outcome = await this.onInsert(insertion);
    this.insertions.push(insertion);
    return outcome;
  }

  async insertMap(map: MapInsertion): Promise<void> {
    this.maps.push(map);
  }

  async reveal(place: Place): Promise<void> {
    this.revealed.push(place);
  }

  #tasks({ request, margins }: Order) {
    const images: JobImage[] = [
      { role: 'source', format: 'rgba8', width, height, bytes: new Uint8Array(width * height * 4).fill(7) },
    ];
    for (const { imageId } of controlImageIds(request)) {
      const bytes = new Uint8Array(width * height * 3).fill(5);
      images.push({ role: 'control', imageId, format: 'rgb8', width, height, bytes });
    }
    const isMasked = request.operation === 'fill' || request.operation === 'remove';
    if (isMasked) {
      images.push({ role: 'mask', format: 'gray8', width, height, bytes: new Uint8Array(width * height) });
    }
    const task = { request: { ...request, ...margins, output: { format: 'rgba8' } } as const, images };
    return Array.from({ length: this.taskCount }, () => task);
  }
}
