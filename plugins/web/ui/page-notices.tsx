import type { JSX } from 'preact';
import { ConnectionBanner } from '../../shared/ui/connection-banner.tsx';
import { Notices } from '../../shared/ui/notices.tsx';
import { useEditor } from './editor-context.ts';
import { KeptElsewhereNotice } from './kept-elsewhere-notice.tsx';
import { ProblemNotice } from './problem-notice.tsx';

/** All that has to be said: of the connection, the server and the page, and what went wrong last. */
export function PageNotices(): JSX.Element {
  const { connection } = useEditor();
  return (
    <div class="page-notices">
      <ConnectionBanner connection={connection} />
      <Notices notices={connection.notices.value} onDismiss={(notice) => connection.dismissNotice(notice)} />
      <KeptElsewhereNotice />
      <ProblemNotice />
    </div>
  );
}
