import type { JSX } from 'preact';
import { OutlookLine } from '../../ui/outlook-line.tsx';
import { ContextDrawing } from './context-drawing.tsx';
import { usePanel } from './panel-context.ts';

/** What it would be run on, what the model would see of it and how long that would take; or why it cannot be run. */
export function OrderOutlook(): JSX.Element {
  const panel = usePanel();
  const obstacle = panel.obstacle.value;
  const isInPlace = panel.edited.value !== undefined;
  const { subject, scopes = [] } = panel.host.target.value.offers[panel.operation.value] ?? {};
  return (
    <div class="inlay-outlook-row">
      <ContextDrawing />
      <div class="inlay-outlook-words">
        {!isInPlace && subject !== undefined && scopes.length < 2 && <p class="inlay-subject">{subject}</p>}
        {panel.isReady.value && obstacle !== undefined && <p class="inlay-muted">{obstacle}</p>}
        <OutlookLine estimates={panel.estimates} />
      </div>
    </div>
  );
}
