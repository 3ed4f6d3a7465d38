import type { JSX } from 'preact';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import { useWidgets } from '../../ui/widgets.ts';
import { entryTitle } from '../history-store.ts';
import type { OrderEntry } from '../order-store.ts';
import { usePanel } from './panel-context.ts';

/** An order on its way, or what has become of it. */
export function OrderCard({ order }: { readonly order: OrderEntry }): JSX.Element {
  const { orders } = usePanel();
  const { Button } = useWidgets();
  const { id, state, error } = order;
  return (
    // biome-ignore lint/a11y/useSemanticElements: Photoshop's panels have no fieldset
    <div class="inlay-card" role="group" aria-label={entryTitle(order.order)}>
      <p class="inlay-card-title">{entryTitle(order.order)}</p>
      {state === 'capturing' && <p class="inlay-muted">Taking the picture…</p>}
      {state === 'running' && <Running order={order} />}
      {state === 'inserting' && <p class="inlay-muted">Putting it in its place…</p>}
      {state === 'failed' && error !== undefined && (
        <ErrorNotice
          error={error}
          onDismiss={() => orders.discard(id)}
          onRetry={() => void orders.retry(id)}
        />
      )}
      {state === 'uninserted' && error !== undefined && (
        <div role="alert">
          <p>{error.message}</p>
          <p class="inlay-muted">{error.hint}</p>
          <div class="inlay-actions">
            <Button isPrimary onPress={() => void orders.insertAgain(id)}>
              Insert again
            </Button>
            <Button onPress={() => orders.discard(id)}>Discard</Button>
          </div>
        </div>
      )}
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
  const arrivedCount = orders.arrived(order).flat().length;
  return (
    <>
      {preview !== undefined && (
        <Picture format={preview.format} bytes={preview.bytes} description="Preview" />
      )}
      <JobProgress job={current} onCancel={() => orders.discard(order.id)} />
      {arrivedCount > 0 && <Button onPress={() => orders.stop(order.id)}>Stop and keep</Button>}
    </>
  );
}
