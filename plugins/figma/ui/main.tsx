/** The entry of the panel, in the iframe: puts the stores together, and renders into the one element of `index.html`. */
import { render } from 'preact';
import { PanelStore } from '../../shared/panel/panel-store.ts';
import { Panel } from '../../shared/panel/ui/panel.tsx';
import { ConnectionStore } from '../../shared/store/connection-store.ts';
import { htmlWidgets } from '../../shared/ui/html-widgets.tsx';
import { WidgetContext } from '../../shared/ui/widgets.ts';
import { FigmaHost } from './figma-host.ts';
import { figmaStorage } from './figma-storage.ts';
import { MainChannel } from './main-channel.ts';
import { networkObstacle } from './network-permission.ts';

/** Put in by the build. */
declare const INLAY_VERSION: string;

const host = new FigmaHost();
const main = new MainChannel(window, (report) => host.show(report));
host.connect(main);

async function open(root: HTMLElement): Promise<void> {
  const { fileName, recipe } = await main.ask('open', {});
  const storage = figmaStorage(main);
  const connection = new ConnectionStore({
    client: 'Figma',
    editor: 'figma',
    WebSocket,
    storage,
    diagnose: () => networkObstacle(navigator),
  });
  const panel = new PanelStore({ host, connection, storage, version: INLAY_VERSION, scope: fileName });
  // Before anything can be typed, and before the recipe of the button that opened the panel: what was kept must not come over it.
  await panel.restore();
  if (recipe !== undefined) panel.edit(recipe);
  render(
    <WidgetContext.Provider value={htmlWidgets}>
      <Panel panel={panel} />
    </WidgetContext.Provider>,
    root,
  );
  await main.ask('refresh', {});
  // Layers move without being selected anew.
  window.addEventListener('focus', () => void main.ask('refresh', {}));
  await panel.start();
}

void open(document.getElementById('inlay')!);
