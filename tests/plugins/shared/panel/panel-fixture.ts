/** A panel on the real server, in an editor that does what a test says. */
import type { TestContext } from 'node:test';
import { effect } from '@preact/signals-core';
import { ClientWebSocket } from '../../../../bridge/websocket.ts';
import type { OrderEntry } from '../../../../plugins/shared/panel/order-store.ts';
import { PanelStore } from '../../../../plugins/shared/panel/panel-store.ts';
import { ConnectionStore } from '../../../../plugins/shared/store/connection-store.ts';
import type { HostStorage } from '../../../../plugins/shared/store/host-storage.ts';
import type { Bridge } from '../../../bridge/bridge-fixture.ts';
import { MemoryStorage } from '../store/page-fixture.ts';
import { ScriptedHost } from './scripted-host.ts';

export interface PanelOptions {
  readonly host?: ScriptedHost;
  readonly storage?: HostStorage;
  readonly port?: number;
  readonly scope?: string;
}

/** Not yet started. Without a storage of its own it has the token of the bridge's first client. */
export function openPanel(context: TestContext, bridge: Bridge, options: PanelOptions = {}) {
  const {
    host = new ScriptedHost(),
    storage = MemoryStorage.withToken(bridge.token),
    port = bridge.server.port,
    scope = '',
  } = options;
  const connection = new ConnectionStore({
    client: 'Panel in an editor',
    editor: 'other',
    WebSocket: ClientWebSocket,
    storage,
    ports: [port],
    backOffDelaysMs: [20],
  });
  const panel = new PanelStore({ host, connection, storage, version: '1.0.0', scope });
  context.after(() => panel.close());
  return { panel, host, storage };
}

/** Waits until one of the panel's orders is as wanted. */
export function untilOrder(panel: PanelStore, isWanted: (order: OrderEntry) => boolean): Promise<OrderEntry> {
  return new Promise((resolve) => {
    // What it looks at, e.g. what has arrived, is followed too.
    const stop = effect(() => {
      const found = panel.orders.orders.value.find(isWanted);
      if (found === undefined) return;
      resolve(found);
      queueMicrotask(() => stop());
    });
  });
}
