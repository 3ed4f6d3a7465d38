// Components follow the signals that they read.
import '@preact/signals';
import type { JSX } from 'preact';
import { ConnectionBanner } from '../../ui/connection-banner.tsx';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { Notices } from '../../ui/notices.tsx';
import type { PanelStore } from '../panel-store.ts';
import { CreateView } from './create-view.tsx';
import { HistoryView } from './history-view.tsx';
import { PanelContext } from './panel-context.ts';
import { PanelTabs } from './panel-tabs.tsx';
import { SettingsView } from './settings-view.tsx';

/** Everything in a panel; the host puts its widgets around it and its colours on the root. */
export function Panel({ panel }: { readonly panel: PanelStore }): JSX.Element {
  const { connection } = panel;
  const notice = panel.notice.value;
  return (
    <PanelContext.Provider value={panel}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: Escape is for all that is in the panel */}
      <div
        class="inlay-panel"
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing) return;
          if (panel.escape()) event.preventDefault();
        }}
      >
        <PanelTabs />
        <ConnectionBanner connection={connection} />
        <Notices notices={connection.notices.value} onDismiss={(text) => connection.dismissNotice(text)} />
        {notice !== undefined && (
          <ErrorNotice
            error={notice}
            onDismiss={() => {
              panel.notice.value = undefined;
            }}
          />
        )}
        <View panel={panel} />
        <p class="inlay-muted inlay-status" role="status">
          {panel.status.value}
        </p>
      </div>
    </PanelContext.Provider>
  );
}

function View({ panel }: { readonly panel: PanelStore }): JSX.Element {
  switch (panel.view.value) {
    case 'create':
      return <CreateView />;
    case 'history':
      return <HistoryView />;
    case 'settings':
      return <SettingsView />;
  }
}
