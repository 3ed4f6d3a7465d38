import type { JSX } from 'preact';
import { PlainButton } from '../../ui/plain-button.tsx';
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
        <PlainButton
          key={name}
          class={name === view.value ? 'inlay-tab inlay-chosen' : 'inlay-tab'}
          isCurrent={name === view.value}
          onPress={() => {
            view.value = name;
          }}
        >
          {names[name]}
        </PlainButton>
      ))}
    </nav>
  );
}
