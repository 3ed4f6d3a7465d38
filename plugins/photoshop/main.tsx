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
import { uxpWidgets } from './ui/uxp-widgets.tsx';

const photoshop = require('photoshop');
const { entrypoints, shell, storage: uxpStorage } = require('uxp');
const { core } = photoshop;

/** Photoshop waits for this for 20 ms, and for each of the functions for 300. */
entrypoints.setup({
  plugin: { create: () => {}, destroy: close },
  // Neither is told every time: showing the panel again changes nothing.
  panels: { inlay: { create: show, show } },
  commands: {
    generate: { run: () => void runCommand('fill', { panel, core }) },
    remove: { run: () => void runCommand('remove', { panel, core }) },
  },
});

const storage = photoshopStorage(uxpStorage.secureStorage, localStorage);
const host = new PhotoshopHost({ photoshop, shell, storage: localStorage });
const connection = new ConnectionStore({
  client: 'Photoshop',
  editor: 'photoshop',
  WebSocket,
  storage,
});
const panel = new PanelStore({ host, connection, storage, version: INLAY_VERSION });
void panel.start();

function show(root: HTMLElement = document.body): void {
  render(
    <WidgetContext.Provider value={uxpWidgets}>
      <Panel panel={panel} />
    </WidgetContext.Provider>,
    root,
  );
}

function close(): void {
  panel.close();
  host.close();
}
