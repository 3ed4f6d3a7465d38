import type { JSX } from 'preact';
import { Icon } from '../../ui/icon.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import { useWidgets } from '../../ui/widgets.ts';
import { entryTitle } from '../history-store.ts';
import type { OrderEntry } from '../order-store.ts';
import { usePanel } from './panel-context.ts';

/** An order on its way, or what has become of it. */
export function OrderCard({ order }: { readonly order: OrderEntry }): JSX.Element {
  const { state } = order;
  const title = entryTitle(order.order);
  return (
    // biome-ignore lint/a11y/useSemanticElements: Photoshop's panels have no fieldset
    <div class="inlay-card" role="group" aria-label={title}>
      <p class="inlay-card-title">{title}</p>
      {state === 'capturing' && <p class="inlay-muted">Taking the picture…</p>}
      {state === 'running' && <Running order={order} />}
      {state === 'inserting' && <p class="inlay-muted">Putting it in its place…</p>}
      {(state === 'failed' || state === 'uninserted') && <Trouble order={order} />}
    </div>
  );
}

function Running({ order }: { readonly order: OrderEntry }): JSX.Element | null {
  const { orders, jobs } = usePanel();
  const { Button, Picture } = useWidgets();
  const entries = jobs.jobs.value.filter((job) => order.jobIds.includes(job.id));
  const current = entries.find(({ state }) => state !== 'done') ?? entries.at(-1);
  if (current === undefined) return null;
  const { preview } = current;
  const arrivedCount = orders
    .arrived(order)
    .flat()
    .filter(({ role }) => role === 'picture').length;
  return (
    <>
      {preview !== undefined && (
        <Picture format={preview.format} bytes={preview.bytes} description="What it looks like so far" />
      )}
      <JobProgress job={current} onCancel={() => orders.discard(order.id)} />
      {arrivedCount > 0 && (
        <div class="inlay-card-foot">
          <span class="inlay-muted">
            {arrivedCount === 1 ? '1 picture is here' : `${arrivedCount} pictures are here`}
          </span>
          <Button onPress={() => orders.stop(order.id)}>Stop and keep</Button>
        </div>
      )}
    </>
  );
}

/** What went wrong, what to do about it, and the ways on. */
function Trouble({ order }: { readonly order: OrderEntry }): JSX.Element | null {
  const { orders } = usePanel();
  const { Button } = useWidgets();
  const { id, state, error } = order;
  if (error === undefined) return null;
  const isHere = state === 'uninserted';
  return (
    <div role="alert">
      <div class="inlay-trouble">
        <Icon name="alert" size={16} />
        <p>{error.message}</p>
      </div>
      <p class="inlay-muted">{error.hint}</p>
      {isHere && <p class="inlay-muted">The pictures are kept until they are inserted or discarded.</p>}
      <div class="inlay-actions">
        <Button isPrimary onPress={() => void (isHere ? orders.insertAgain(id) : orders.retry(id))}>
          {isHere ? 'Insert again' : 'Try again'}
        </Button>
        <Button onPress={() => orders.discard(id)}>{isHere ? 'Discard' : 'Dismiss'}</Button>
      </div>
    </div>
  );
}
