import type { JSX } from 'preact';
import { operationNames } from '../../shared/store/operation-names.ts';
import { JobProgress } from '../../shared/ui/job-progress.tsx';
import { cancelJob } from '../editor/run-job.ts';
import { primaryOperation } from '../editor/run-operations.ts';
import { useEditor } from './editor-context.ts';
import { ExpandActions } from './expand-actions.tsx';
import { PageNotices } from './page-notices.tsx';
import { PromptBar } from './prompt-bar.tsx';
import { SelectionActions } from './selection-actions.tsx';
import { UpscaleActions } from './upscale-actions.tsx';
import { VariationBar } from './variation-bar.tsx';

/** The one place for what can be done next, what is being done, and what went wrong. */
export function ActionDock(): JSX.Element {
  const editor = useEditor();
  const job = editor.jobs.jobs.value.find(({ id }) => id === editor.pending.value?.id);
  const hasArrived = editor.provisional.value !== undefined;
  return (
    <div class="action-dock">
      <div class="dock-notes">
        <PageNotices />
        {job === undefined && <Hint />}
        {(job === undefined ? editor.mode.value === 'select' : hasArrived) && <VariationBar />}
      </div>
      {job === undefined ? (
        <NextActions />
      ) : (
        <div class="pill job-bar">
          <JobProgress
            job={job}
            onCancel={() => cancelJob(editor)}
            // What has arrived is kept.
            cancelLabel={hasArrived ? 'Stop' : 'Cancel'}
          />
        </div>
      )}
    </div>
  );
}

function NextActions(): JSX.Element {
  const editor = useEditor();
  switch (editor.mode.value) {
    case 'expand':
      return (
        <>
          <PromptBar />
          <ExpandActions />
        </>
      );
    case 'upscale':
      return <UpscaleActions />;
    case 'select':
      return (
        <>
          <PromptBar />
          <SelectionActions />
        </>
      );
  }
}

/** Goes for good with the first result. */
function Hint(): JSX.Element | null {
  const editor = useEditor();
  if (editor.isHintUsed.value || editor.problem.value !== undefined || editor.mode.value !== 'select')
    return null;
  const action = operationNames[primaryOperation(editor)];
  return (
    <p class="hint">{editor.hasSelection.value ? `Now press ${action}` : 'Brush over what should go'}</p>
  );
}
