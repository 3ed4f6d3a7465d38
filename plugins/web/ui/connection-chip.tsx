import type { JSX } from 'preact';
import type { Capabilities } from '../../../bridge/protocol/messages.ts';
import type { ClientStatus } from '../../shared/client/client.ts';
import { useEditor } from './editor-context.ts';
import { Popover } from './popover.tsx';

/** Where the pictures are computed, at a glance; pressed, all that the server says of itself. */
export function ConnectionChip(): JSX.Element {
  const { connection } = useEditor();
  const status = connection.status.value;
  const capabilities = connection.capabilities.value;
  const words = wordsOf(status, capabilities);
  return (
    <Popover
      label={`Connection: ${words}`}
      side="below"
      align="end"
      trigger={
        <>
          <span class={`dot dot-${status.state}`} aria-hidden="true" />
          <span class="chip-words">{words}</span>
        </>
      }
    >
      {() => (capabilities === undefined ? <p>{words}</p> : <Details capabilities={capabilities} />)}
    </Popover>
  );
}

function wordsOf(status: ClientStatus, capabilities: Capabilities | undefined): string {
  switch (status.state) {
    case 'ready':
      return (capabilities?.device.device ?? 'ready').toUpperCase();
    case 'unpaired':
      return 'Not paired';
    case 'refused':
      return 'Refused';
    case 'unreachable':
      return 'Not running';
    default:
      return 'Connecting';
  }
}

function Details({ capabilities }: { readonly capabilities: Capabilities }): JSX.Element {
  const { version, device, models } = capabilities;
  return (
    <div class="details">
      <h2>Inlay {version}</h2>
      <p>
        Computing on {device.device.toUpperCase()}. <span class="muted">{device.reason}</span>
      </p>
      <h3>Models</h3>
      <ul class="models">
        {models.map(({ name, kind, origin, problem }) => (
          <li key={name}>
            <span class="model-name">{name}</span>
            <span class={problem === undefined ? 'muted' : 'danger'}>
              {problem ?? (origin === 'user' ? `${kind}, yours` : kind)}
            </span>
          </li>
        ))}
      </ul>
      <p class="muted">
        To use Inlay in another editor, run <code>inlay pair</code> and enter its code there.
      </p>
    </div>
  );
}
