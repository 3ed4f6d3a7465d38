// Components follow the signals that they read.
import '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ClientStatus } from '../client/client.ts';
import { after } from '../client/timers.ts';
import type { ConnectionObstacle, ConnectionStore } from '../store/connection-store.ts';
import { PairingForm } from './pairing-form.tsx';
import { useWidgets } from './widgets.ts';

type Settled = Exclude<ClientStatus, { readonly state: 'connecting' }>;

/** A connection that is there sooner is not spoken of. */
const patienceMs = 600;

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
  const isLooking = status.state === 'connecting';
  // While it is tried again, what was said before stays, and so does the code that was entered.
  const said = isLooking && settled !== undefined && settled.state !== 'ready' ? settled : status;
  switch (said.state) {
    case 'disconnected':
    case 'ready':
      return null;
    case 'connecting':
      return isLate ? <Banner>Connecting to Inlay…</Banner> : null;
    case 'unreachable':
      return (
        <Banner
          action={
            <Button isDisabled={isLooking} onPress={() => connection.retryNow()}>
              Look now
            </Button>
          }
        >
          <ObstacleWords obstacle={connection.obstacle.value} />
          <div class="inlay-muted">
            {isLooking ? (
              <span aria-hidden="true">Looking…</span>
            ) : (
              <Countdown seconds={Math.ceil(said.retryInMs / 1_000)} />
            )}
          </div>
        </Banner>
      );
    case 'refused':
      return (
        <Banner
          action={
            <Button isDisabled={isLooking} onPress={() => connection.retryNow()}>
              Try again
            </Button>
          }
        >
          <div>{said.error.message}</div>
          <div class="inlay-muted">{said.error.hint}</div>
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

/** Why nobody answers, and what to do about it. */
function ObstacleWords({ obstacle }: { readonly obstacle: ConnectionObstacle }): JSX.Element {
  switch (obstacle) {
    case 'not-running':
      return (
        <>
          <div>Inlay is not running on this computer.</div>
          <div class="inlay-muted">
            Start it with <code>npm start</code> or <code>inlay serve</code>; your work stays here.
          </div>
        </>
      );
    case 'blocked':
      return (
        <>
          <div>The browser keeps this editor from reaching Inlay.</div>
          <div class="inlay-muted">
            Allow “Apps on device” (or “Local network access”) for this site: press the icon beside its
            address, then Site settings. Where that is not offered, use the editor’s desktop app.
          </div>
        </>
      );
    case 'forbidden':
      return (
        <>
          <div>This plugin is not allowed to connect to Inlay.</div>
          <div class="inlay-muted">
            Remove the plugin, install it again from the file that came with this version of Inlay, and agree
            to its access to this computer (localhost).
          </div>
        </>
      );
  }
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
function useSettled(status: ClientStatus): Settled | undefined {
  const settled = useRef<Settled | undefined>(undefined);
  if (status.state !== 'connecting') settled.current = status;
  return settled.current;
}
