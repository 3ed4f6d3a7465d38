/** A panel on the real server, in an editor that does what a test says. */
import type { TestContext } from 'node:test';
import { type Signal, signal } from '@preact/signals-core';
import { ClientWebSocket } from '../../../../bridge/websocket.ts';
import type { JobImage } from '../../../../plugins/shared/client/client-job.ts';
import type {
  Capture,
  EditorHost,
  Insertion,
  InsertionOutcome,
  Order,
  Place,
  Target,
  TaskOutline,
} from '../../../../plugins/shared/panel/editor-host.ts';
import type { OrderEntry } from '../../../../plugins/shared/panel/order-store.ts';
import { PanelStore } from '../../../../plugins/shared/panel/panel-store.ts';
import { ConnectionStore } from '../../../../plugins/shared/store/connection-store.ts';
import type { HostStorage } from '../../../../plugins/shared/store/host-storage.ts';
import type { Bridge } from '../../../bridge/bridge-fixture.ts';
import { MemoryStorage } from '../store/page-fixture.ts';

const [width, height] = [16, 12];

/** A document of 16 × 12 pixels of which all is selected. */
export class ScriptedHost implements EditorHost {
  readonly editor = 'other';
  readonly target: Signal<Target> = signal({
    documentName: 'Poster',
    offers: {
      fill: { subject: 'Selection, 16 × 12 px' },
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
  readonly revealed: Place[] = [];
  /** How many jobs an order becomes. */
  taskCount = 1;
  onCapture: () => Promise<void> = async () => {};
  onInsert: (insertion: Insertion) => Promise<InsertionOutcome> = async () => ({});

  outline(order: Order): readonly TaskOutline[] {
    return this.#tasks(order).map(({ request, images }) => ({
      request,
      images: images.map(({ bytes: _, ...outline }) => outline),
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

  async reveal(place: Place): Promise<void> {
    this.revealed.push(place);
  }

  #tasks({ request, margins }: Order) {
    const images: JobImage[] = [
      { role: 'source', format: 'rgba8', width, height, bytes: new Uint8Array(width * height * 4).fill(7) },
    ];
    const isMasked = request.operation === 'fill' || request.operation === 'remove';
    if (isMasked) {
      images.push({ role: 'mask', format: 'gray8', width, height, bytes: new Uint8Array(width * height) });
    }
    const task = { request: { ...request, ...margins, output: { format: 'rgba8' } } as const, images };
    return Array.from({ length: this.taskCount }, () => task);
  }
}

export interface PanelOptions {
  readonly host?: ScriptedHost;
  readonly storage?: HostStorage;
  readonly port?: number;
}

/** Not yet started. Without a storage of its own it has the token of the bridge's first client. */
export function openPanel(context: TestContext, bridge: Bridge, options: PanelOptions = {}) {
  const {
    host = new ScriptedHost(),
    storage = MemoryStorage.withToken(bridge.token),
    port = bridge.server.port,
  } = options;
  const connection = new ConnectionStore({
    client: 'Panel in an editor',
    editor: 'other',
    WebSocket: ClientWebSocket,
    storage,
    ports: [port],
    backOffDelaysMs: [20],
  });
  const panel = new PanelStore({ host, connection, storage, version: '1.0.0' });
  context.after(() => panel.close());
  return { panel, host, storage };
}

/** Waits until one of the panel's orders is as wanted. */
export function untilOrder(panel: PanelStore, isWanted: (order: OrderEntry) => boolean): Promise<OrderEntry> {
  return new Promise((resolve) => {
    const stop = panel.orders.orders.subscribe((orders) => {
      const found = orders.find(isWanted);
      if (found === undefined) return;
      resolve(found);
      queueMicrotask(() => stop());
    });
  });
}
