import type { JSX } from 'preact';
import { ActionDock } from './action-dock.tsx';
import { LayersPanel } from './layers-panel.tsx';
import { Stage } from './stage.tsx';
import { ToolOptions } from './tool-options.tsx';
import { ToolRail } from './tool-rail.tsx';

/** A picture and everything around it, in the order in which the keyboard goes through it. */
export function Workspace(): JSX.Element {
  return (
    <main class="workspace">
      <ToolRail />
      <Stage />
      <ToolOptions />
      <ActionDock />
      <LayersPanel />
    </main>
  );
}
