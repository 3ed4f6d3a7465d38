import type { JSX, TargetedEvent } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { htmlWidgets } from '../../shared/ui/html-widgets.tsx';
import { WidgetContext } from '../../shared/ui/widgets.ts';
import type { EditorStore } from '../editor/editor-store.ts';
import { openFile } from '../editor/open-picture.ts';
import { followOutlook } from '../editor/outlook.ts';
import { DownloadDialog } from './download-dialog.tsx';
import { EditorContext } from './editor-context.ts';
import { EmptyState } from './empty-state.tsx';
import { GenerateDialog } from './generate-dialog.tsx';
import { HeaderBar } from './header-bar.tsx';
import { listenToPage } from './page-events.ts';
import { ReplaceDialog } from './replace-dialog.tsx';
import { ShortcutsDialog } from './shortcuts-dialog.tsx';
import { SketchDialog } from './sketch-dialog.tsx';
import { StatusLine } from './status-line.tsx';
import { Workspace } from './workspace.tsx';

/** The page. */
export function App({ editor }: { readonly editor: EditorStore }): JSX.Element {
  const fileInput = useRef<HTMLInputElement>(null);
  const page = useMemo(
    () => ({
      chooseFile: () => fileInput.current?.click(),
      focusPrompt: () => document.querySelector<HTMLElement>('.prompt-bar textarea')?.focus(),
      focusPicture: () =>
        document.querySelector<HTMLElement>('canvas.picture')?.focus({ preventScroll: true }),
    }),
    [],
  );
  // Before the painting: no key and no file is lost on a page that is seen.
  useLayoutEffect(() => listenToPage(editor, page), [editor, page]);
  useEffect(() => followOutlook(editor), [editor]);
  const dialog = editor.dialog.value;
  const onFile = (event: TargetedEvent<HTMLInputElement>) => {
    const [file] = event.currentTarget.files ?? [];
    event.currentTarget.value = '';
    if (file !== undefined) void openFile(editor, file);
  };
  return (
    <EditorContext.Provider value={{ editor, page }}>
      <WidgetContext.Provider value={htmlWidgets}>
        <div class="page">
          <HeaderBar />
          {editor.basis.value === undefined ? <EmptyState /> : <Workspace />}
          <StatusLine />
        </div>
        <input
          ref={fileInput}
          type="file"
          accept="image/*"
          hidden
          aria-label="Picture to open"
          onChange={onFile}
        />
        <div class="drop-veil" aria-hidden="true">
          Drop the picture to open it
        </div>
        {dialog === 'shortcuts' && <ShortcutsDialog />}
        {dialog === 'download' && <DownloadDialog />}
        {dialog === 'generate' && <GenerateDialog />}
        {editor.isSketching.value && <SketchDialog />}
        <ReplaceDialog />
      </WidgetContext.Provider>
    </EditorContext.Provider>
  );
}
