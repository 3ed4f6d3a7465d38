import type { JSX } from 'preact';
import { type PanelView, panelViews } from '../panel-store.ts';
import { usePanel } from './panel-context.ts';

const names: Readonly<Record<PanelView, string>> = {
  create: 'Create',
  history: 'History',
  settings: 'Settings',
};

/** What the panel shows below. */
export function PanelTabs(): JSX.Element {
  const { view } = usePanel();
  return (
    <nav class="inlay-tabs" aria-label="Views">
      {panelViews.map((name) => (
        <button
          key={name}
          type="button"
          class={name === view.value ? 'inlay-tab inlay-chosen' : 'inlay-tab'}
          aria-current={name === view.value ? 'page' : undefined}
          onClick={() => {
            view.value = name;
          }}
        >
          {names[name]}
        </button>
      ))}
    </nav>
  );
}
