import type { JSX } from 'preact';
import { usePanel } from './panel-context.ts';

/** The connection, the models, and what version it all is. */
export function SettingsView(): JSX.Element {
  const { connection, version } = usePanel();
  const capabilities = connection.capabilities.value;
  return (
    <div class="inlay-view">
      {capabilities !== undefined && (
        <p>
          Inlay {capabilities.version}, computing on {capabilities.device.device.toUpperCase()}.
        </p>
      )}
      <p class="inlay-muted">Plugin {version}</p>
    </div>
  );
}
