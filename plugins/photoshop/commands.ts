/** Entries of Photoshop's menu, which a keyboard shortcut can be given to: they do what the panel would. */
import type { PanelStore } from '../shared/panel/panel-store.ts';
import type { PhotoshopCore } from './api/photoshop.ts';

/** The plugin may have been loaded by the command itself, and has to find the server first. */
const maxConnectingMs = 5_000;

/** Runs an operation on what is selected, with what the panel's fields say. Never rejects. */
export async function runCommand(
  operation: 'fill' | 'remove',
  { panel, core }: { readonly panel: PanelStore; readonly core: PhotoshopCore },
): Promise<void> {
  const isConnected = await Promise.race([isReady(panel), after(maxConnectingMs)]);
  if (!isConnected) {
    return tell(core, 'Inlay is not connected. Open its panel (Plugins > Inlay > Inlay) to see why.');
  }
  panel.chooseOperation(operation);
  const obstacle = panel.obstacle.peek();
  if (obstacle !== undefined) return tell(core, obstacle);
  await panel.run();
}

async function isReady({ connection }: PanelStore): Promise<boolean> {
  try {
    await connection.untilReady();
    return true;
  } catch {
    // The panel is being closed.
    return false;
  }
}

async function tell(core: PhotoshopCore, message: string): Promise<void> {
  // Another dialog may be open.
  await core.showAlert({ message }).catch(() => {});
}

function after(delayMs: number): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), delayMs);
  });
}
