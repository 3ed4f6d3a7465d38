// Components follow the signals that they read.
import '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ClientStatus } from '../client/client.ts';
import { after } from '../client/timers.ts';
import type { ConnectionStore } from '../store/connection-store.ts';
import { PairingForm } from './pairing-form.tsx';
import { useWidgets } from './widgets.ts';

/** A connection that is there sooner is not spoken of. */
const patienceMs = 600;

type Unreachable = Extract<ClientStatus, { readonly state: 'unreachable' }>;

/** What stands between the user and Inlay, and what to do about it. Nothing while all is well. */
export function ConnectionBanner({
  connection,
}: {
  readonly connection: ConnectionStore;
}): JSX.Element | null {
  const { Button } = useWidgets();
  const status = connection.status.value;
  const settled = useSettled(status);
  const isLate = useLateness(status);
  switch (status.state) {
    case 'disconnected':
    case 'ready':
      return null;
    case 'connecting':
      // One more look for a server that is not there: what was said of it stays.
      if (settled?.state === 'unreachable') return <NotRunning connection={connection} />;
      return isLate ? <Banner>Connecting to Inlay…</Banner> : null;
    case 'unreachable':
      return <NotRunning connection={connection} status={status} />;
    case 'refused':
      return (
        <Banner action={<Button onPress={() => connection.retryNow()}>Try again</Button>}>
          <div>{status.error.message}</div>
          <div class="inlay-muted">{status.error.hint}</div>
        </Banner>
      );
    case 'unpaired':
      return (
        <div class="inlay-notice inlay-banner">
          <PairingForm onPair={(code) => connection.pair(code)} />
        </div>
      );
  }
}

/** Without a status it is being looked for just now. */
function NotRunning({
  connection,
  status,
}: {
  readonly connection: ConnectionStore;
  readonly status?: Unreachable;
}): JSX.Element {
  const { Button } = useWidgets();
  return (
    <Banner
      action={
        <Button isDisabled={status === undefined} onPress={() => connection.retryNow()}>
          Look now
        </Button>
      }
    >
      <div>Inlay is not running on this computer.</div>
      <div class="inlay-muted">
        Start it with <code>npm start</code> or <code>inlay serve</code>; your work stays here.{' '}
        {status === undefined ? (
          <span aria-hidden="true">Looking…</span>
        ) : (
          <Countdown seconds={Math.ceil(status.retryInMs / 1_000)} />
        )}
      </div>
    </Banner>
  );
}

function Banner({
  children,
  action,
}: {
  readonly children: ComponentChildren;
  readonly action?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="inlay-notice inlay-banner" role="status">
      <div class="inlay-notice-words">{children}</div>
      {action}
    </div>
  );
}

/** Seconds to the next look, shown only: nobody wants them read out one by one. */
function Countdown({ seconds }: { readonly seconds: number }): JSX.Element {
  const [left, setLeft] = useState(seconds);
  useEffect(() => (left > 1 ? after(1_000, () => setLeft(left - 1)) : undefined), [left]);
  return <span aria-hidden="true">Next look in {left} s.</span>;
}

/** Whether this status has lasted so long that it should be spoken of. */
function useLateness(status: ClientStatus): boolean {
  const [late, setLate] = useState<ClientStatus>();
  useEffect(() => after(patienceMs, () => setLate(status)), [status]);
  return late === status;
}

/** The last status that was not just on the way to the next. */
function useSettled(status: ClientStatus): ClientStatus | undefined {
  const settled = useRef<ClientStatus | undefined>(undefined);
  if (status.state !== 'connecting') settled.current = status;
  return settled.current;
}
