import type { JSX } from 'preact';
import { Icon } from '../../shared/ui/icon.tsx';
import { openExample } from '../editor/open-picture.ts';
import { currentModel } from '../editor/words.ts';
import { useEditor, usePageActions } from './editor-context.ts';
import { GenerateForm } from './generate-form.tsx';
import { PageNotices } from './page-notices.tsx';

/** Before a picture is open: the one thing to do. */
export function EmptyState(): JSX.Element {
  const editor = useEditor();
  const { chooseFile } = usePageActions();
  // Without it nothing can be done with a picture.
  const needsPairing = editor.connection.status.value.state === 'unpaired';
  const isOpening = editor.busy.value !== undefined;
  return (
    <main class="empty-state">
      <div class="empty-card">
        <PageNotices />
        <img class="empty-picture" src="/example.jpg" alt="" width="960" height="640" />
        <h1>Take anything out of a photo</h1>
        <p class="muted">Mark it, press a button, and it is gone. Your pictures never leave this computer.</p>
        <div class="empty-actions">
          <button
            type="button"
            class={`inlay-button large ${needsPairing ? '' : 'inlay-primary'}`}
            disabled={isOpening}
            onClick={chooseFile}
          >
            <Icon name="open" />
            {isOpening ? 'Opening…' : 'Open a picture'}
          </button>
          <button
            type="button"
            class="inlay-button large"
            disabled={isOpening}
            onClick={() => void openExample(editor)}
          >
            Try the example
          </button>
        </div>
        <p class="muted">or drop one anywhere, or paste it</p>
        {currentModel(editor) !== undefined && (
          <section class="empty-words">
            <h2>Or begin with words</h2>
            <GenerateForm />
          </section>
        )}
      </div>
    </main>
  );
}
