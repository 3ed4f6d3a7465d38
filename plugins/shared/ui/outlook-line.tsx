import type { JSX } from 'preact';
import type { EstimateStore } from '../store/estimate-store.ts';
import { describeEstimate } from './outlook-words.ts';

export interface OutlookLineProps {
  readonly estimates: EstimateStore;
}

/** What the model will be shown, how long it will take and what it needs; or why it will not be run. */
export function OutlookLine({ estimates }: OutlookLineProps): JSX.Element {
  const outlook = estimates.outlook.value;
  const refusal =
    outlook?.state === 'refused'
      ? outlook.error
      : outlook?.estimate.outcome === 'refused'
        ? outlook.estimate.refusal
        : undefined;
  const tone = refusal === undefined ? 'inlay-muted' : 'inlay-problem';
  return (
    <p class={`inlay-outlook ${tone} ${estimates.isStale.value ? 'inlay-stale' : ''}`} role="status">
      {refusal !== undefined
        ? `${refusal.message} ${refusal.hint}`
        : outlook?.state === 'known' &&
          describeEstimate(outlook.question.request.operation, outlook.estimate)}
    </p>
  );
}
