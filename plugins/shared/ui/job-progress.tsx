import type { JSX } from 'preact';
import type { JobEntry } from '../store/job-store.ts';
import { describeJob, describeTimeLeft, fractionDone } from './job-words.ts';
import { useWidgets } from './widgets.ts';

export interface JobProgressProps {
  readonly job: JobEntry;
  readonly onCancel: () => void;
  /** What the button to stop it is called; by default "Cancel". */
  readonly cancelLabel?: string;
}

/** A job on its way: what it is doing, how far it is, how long it takes, and a way to stop it. */
export function JobProgress({ job, onCancel, cancelLabel = 'Cancel' }: JobProgressProps): JSX.Element {
  const { Button, ProgressBar } = useWidgets();
  const doing = describeJob(job);
  const fraction = fractionDone(job);
  const timeLeft = describeTimeLeft(job);
  return (
    <div class="inlay-job">
      <div class="inlay-job-main">
        <div class="inlay-job-words">
          <span class="inlay-job-doing">{doing}</span>
          <span class="inlay-muted inlay-job-left">
            {[fraction !== undefined && `${Math.round(fraction * 100)} %`, timeLeft]
              .filter(Boolean)
              .join(' · ')}
          </span>
        </div>
        <ProgressBar label={doing} {...(fraction !== undefined && { value: fraction })} />
      </div>
      <Button onPress={onCancel}>{cancelLabel}</Button>
      <span class="inlay-hidden" role="status">
        {announcement(doing, fraction)}
      </span>
    </div>
  );
}

/** Changes with each phase and each quarter of it only: whoever listens hears no more than that. */
function announcement(doing: string, fraction: number | undefined): string {
  const quarter = Math.floor((fraction ?? 0) * 4);
  return quarter === 0 ? doing : `${doing}, ${quarter * 25} percent`;
}
