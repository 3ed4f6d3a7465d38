/** A page with a panel alone, in an editor that does what a test says, on the server that the page came from. */
import { render } from 'preact';
import type { HistoryEntry } from '../../../../../plugins/shared/panel/history-store.ts';
import { PanelStore } from '../../../../../plugins/shared/panel/panel-store.ts';
import { Panel } from '../../../../../plugins/shared/panel/ui/panel.tsx';
import { ConnectionStore, tokenKey } from '../../../../../plugins/shared/store/connection-store.ts';
import type { HostStorage } from '../../../../../plugins/shared/store/host-storage.ts';
import { htmlWidgets } from '../../../../../plugins/shared/ui/html-widgets.tsx';
import { WidgetContext } from '../../../../../plugins/shared/ui/widgets.ts';
import { ScriptedHost } from '../scripted-host.ts';

interface PanelOptions {
  /** None: the panel is not paired. */
  readonly token?: string;
  readonly history?: readonly HistoryEntry[];
  readonly diagnosis?: 'blocked';
  /** No socket can be opened. */
  readonly isForbidden?: boolean;
}

class ForbiddenSocket extends WebSocket {
  constructor(url: string) {
    super(url);
    throw new Error('Permission denied to the url. Manifest entry not found.');
  }
}

class TabStorage implements HostStorage {
  readonly #values = new Map<string, string>();

  async get(key: string): Promise<string | undefined> {
    return this.#values.get(key);
  }

  async set(key: string, value: string): Promise<void> {
    this.#values.set(key, value);
  }

  async remove(key: string): Promise<void> {
    this.#values.delete(key);
  }
}

const host = new ScriptedHost();
let panel: PanelStore | undefined;

/** Opens the panel. What it becomes is for the test to see. */
async function open({ token, history, diagnosis, isForbidden }: PanelOptions = {}): Promise<void> {
  panel?.close();
  const storage = new TabStorage();
  if (token !== undefined) await storage.set(tokenKey, token);
  if (history !== undefined) await storage.set('inlay.history', JSON.stringify(history));
  const connection = new ConnectionStore({
    client: 'Panel in a test',
    editor: 'other',
    WebSocket: isForbidden ? ForbiddenSocket : WebSocket,
    storage,
    ports: [Number(location.port)],
    backOffDelaysMs: [60_000],
    diagnose: async () => diagnosis,
  });
  panel = new PanelStore({ host, connection, storage, version: '1.2.3' });
  render(
    <WidgetContext.Provider value={htmlWidgets}>
      <Panel panel={panel} />
    </WidgetContext.Provider>,
    document.getElementById('inlay') as HTMLElement,
  );
  void panel.start();
}

Object.assign(globalThis, { open, host, panel: () => panel });
