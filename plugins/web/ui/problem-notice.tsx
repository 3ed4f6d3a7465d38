import type { JSX } from 'preact';
import { ErrorNotice } from '../../shared/ui/error-notice.tsx';
import { startJob } from '../editor/run-job.ts';
import { useEditor } from './editor-context.ts';

/** What went wrong last, until it is dismissed or done again. */
export function ProblemNotice(): JSX.Element | null {
  const editor = useEditor();
  const problem = editor.problem.value;
  if (problem === undefined) return null;
  const { retry } = problem;
  return (
    <ErrorNotice
      error={problem}
      onDismiss={() => {
        editor.problem.value = undefined;
      }}
      {...(retry && { onRetry: () => void startJob(editor, retry) })}
    />
  );
}
