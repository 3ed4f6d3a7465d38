import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Capabilities } from '../../../../bridge/protocol/messages.ts';
import { useWidgets } from '../../ui/widgets.ts';
import { usePanel } from './panel-context.ts';

/** The connection, the models, and what version it all is. */
export function SettingsView(): JSX.Element {
  const { connection, version, host } = usePanel();
  const { Button } = useWidgets();
  const status = connection.status.value;
  const capabilities = connection.capabilities.value;
  // A model may have been copied in since.
  useEffect(() => void connection.refresh(), [connection]);
  const isPaired = status.state !== 'unpaired' && status.state !== 'disconnected';
  const port = status.state === 'ready' ? status.port : undefined;
  return (
    <div class="inlay-settings">
      <h2 class="inlay-heading">Connection</h2>
      <p>
        {status.state === 'ready' ? `Connected to this computer, port ${status.port}.` : 'Not connected.'}
      </p>
      {capabilities !== undefined && (
        <p class="inlay-muted">
          Inlay {capabilities.version}, computing on {capabilities.device.device.toUpperCase()}.{' '}
          {capabilities.device.reason}
        </p>
      )}
      <div class="inlay-actions">
        {port !== undefined && host.openInBrowser !== undefined && (
          <Button onPress={() => host.openInBrowser?.(`http://localhost:${port}/`)}>Open Inlay’s page</Button>
        )}
        {isPaired && <Button onPress={() => void connection.unpair()}>Forget this pairing</Button>}
      </div>
      {capabilities !== undefined && <Models capabilities={capabilities} />}
      <h2 class="inlay-heading">Version</h2>
      <p class="inlay-muted">This plugin is version {version}.</p>
    </div>
  );
}

function Models({ capabilities }: { readonly capabilities: Capabilities }): JSX.Element {
  return (
    <>
      <h2 class="inlay-heading">Models</h2>
      {capabilities.models.map(({ name, title, kind, origin, problem }) => (
        <div class="inlay-model" key={name}>
          <span class="inlay-model-name">{title ?? name}</span>
          <span class={problem === undefined ? 'inlay-muted inlay-small' : 'inlay-problem inlay-small'}>
            {problem ?? (origin === 'user' ? `${kind}, yours` : kind)}
          </span>
        </div>
      ))}
      <p class="inlay-muted">
        Copy checkpoints (.safetensors), LoRAs, ControlNets and the like into Inlay’s models folder: they are
        here at once. <code>inlay doctor</code> tells where that folder is.
      </p>
    </>
  );
}
