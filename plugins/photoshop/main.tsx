/** The entry of Photoshop's plugin. The connection is there from the start, whether the panel is shown or not. */
import './microtask.ts';
import { render } from 'preact';
import { PanelStore } from '../shared/panel/panel-store.ts';
import { Panel } from '../shared/panel/ui/panel.tsx';
import { ConnectionStore } from '../shared/store/connection-store.ts';
import { WidgetContext } from '../shared/ui/widgets.ts';
import { runCommand } from './commands.ts';
import { PhotoshopHost } from './host/photoshop-host.ts';
import { photoshopStorage } from './secure-storage.ts';
import { panelRoot } from './ui/panel-root.ts';
import { uxpWidgets } from './ui/uxp-widgets.tsx';

const photoshop = require('photoshop');
const { entrypoints, shell, storage: uxpStorage } = require('uxp');
const { core } = photoshop;

const storage = photoshopStorage(uxpStorage.secureStorage, localStorage);
const host = new PhotoshopHost({ photoshop, shell, storage: localStorage });
const connection = new ConnectionStore({
  client: 'Photoshop',
  editor: 'photoshop',
  WebSocket,
  storage,
});
const panel = new PanelStore({ host, connection, storage, version: INLAY_VERSION });

/** Photoshop waits for this for 20 ms, in which nothing above asks it anything, and for each of the functions for 300. */
entrypoints.setup({
  plugin: { create: () => {}, destroy: close },
  // Neither is told every time.
  panels: { inlay: { create: show, show } },
  commands: {
    generate: { run: () => void runCommand('fill', { panel, core }) },
    remove: { run: () => void runCommand('remove', { panel, core }) },
  },
});
void panel.start();

let isDrawn = false;

/** Once: what is drawn follows the stores, shown or not. */
function show(given?: unknown): void {
  if (isDrawn) return;
  isDrawn = true;
  render(
    <WidgetContext.Provider value={uxpWidgets}>
      <Panel panel={panel} />
    </WidgetContext.Provider>,
    panelRoot(given, document.body),
  );
}

function close(): void {
  panel.close();
  host.close();
}
