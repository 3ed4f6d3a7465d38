import type { JSX } from 'preact';
import type { EstimateStore, Outlook } from '../store/estimate-store.ts';
import { describeEstimate } from './outlook-words.ts';

export interface OutlookLineProps {
  readonly estimates: EstimateStore;
}

/** What the model will be shown, how long it will take and what it needs; or why it will not be run. */
export function OutlookLine({ estimates }: OutlookLineProps): JSX.Element {
  const outlook = estimates.outlook.value;
  const refusal = outlook && refusalOf(outlook);
  const words =
    outlook?.state === 'known' && refusal === undefined
      ? describeEstimate(outlook.questions, outlook.estimate)
      : refusal && `${refusal.message} ${refusal.hint}`;
  return (
    <p class={`inlay-outlook ${refusal === undefined ? 'inlay-muted' : 'inlay-problem'}`} role="status">
      {words}
      {words !== undefined && estimates.isStale.value && ' …'}
    </p>
  );
}

function refusalOf(outlook: Outlook): { readonly message: string; readonly hint: string } | undefined {
  return outlook.state === 'refused' ? outlook.error : outlook.estimate.refusal;
}
