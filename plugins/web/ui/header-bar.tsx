import type { JSX } from 'preact';
import { Icon } from '../../shared/ui/icon.tsx';
import { currentModel } from '../editor/words.ts';
import { CompareButton } from './compare-button.tsx';
import { ConnectionChip } from './connection-chip.tsx';
import { useEditor, usePageActions } from './editor-context.ts';
import { IconButton, keepFocus } from './icon-button.tsx';
import { ThemeToggle } from './theme-toggle.tsx';
import { ZoomControls } from './zoom-controls.tsx';

export function HeaderBar(): JSX.Element {
  const editor = useEditor();
  const hasDocument = editor.basis.value !== undefined;
  return (
    <header class="header-bar">
      <span class="brand">
        <span class="brand-mark" aria-hidden="true" />
        <span class="brand-name">Inlay</span>
      </span>
      {hasDocument && <DocumentControls />}
      <span class="spacer" />
      <ConnectionChip />
      <span class="header-extra">
        <span class="keyboard-only">
          <IconButton icon="help" label="Keyboard shortcuts" shortcut="?" onPress={() => open('shortcuts')} />
        </span>
        <ThemeToggle />
      </span>
      {hasDocument && (
        <button
          type="button"
          class="inlay-button download-button"
          aria-label="Download"
          onMouseDown={keepFocus}
          onClick={() => open('download')}
        >
          <Icon name="download" />
          <span class="button-words">Download</span>
        </button>
      )}
    </header>
  );

  function open(dialog: 'shortcuts' | 'download'): void {
    editor.dialog.value = dialog;
  }
}

/** What concerns the whole picture, and its name. */
function DocumentControls(): JSX.Element {
  const editor = useEditor();
  const { chooseFile } = usePageActions();
  const { fileName, size } = editor.basis.value!;
  const { canUndo, canRedo, undoLabel, redoLabel } = editor;
  return (
    <>
      <IconButton icon="open" label="Open a picture" shortcut="Ctrl O" onPress={chooseFile} />
      {currentModel(editor) !== undefined && (
        <IconButton
          icon="generate"
          label="New picture from words"
          isDisabled={editor.isLocked.value}
          onPress={() => {
            editor.dialog.value = 'generate';
          }}
        />
      )}
      <h1 class="document-name">
        <span class="file-name" title={fileName}>
          {fileName}
        </span>
        <span class="muted file-size">
          {size.width} × {size.height}
        </span>
      </h1>
      <span class="spacer" />
      <IconButton
        icon="undo"
        label="Undo"
        shortcut={undoLabel.value ?? 'nothing yet'}
        isDisabled={!canUndo.value}
        onPress={() => editor.undo()}
      />
      <IconButton
        icon="redo"
        label="Redo"
        shortcut={redoLabel.value ?? 'nothing yet'}
        isDisabled={!canRedo.value}
        onPress={() => editor.redo()}
      />
      <CompareButton />
      <ZoomControls />
      <span class="panel-toggle">
        <IconButton
          icon="layers"
          label="Layers"
          isPressed={editor.isPanelOpen.value}
          onPress={() => {
            editor.isPanelOpen.value = !editor.isPanelOpen.value;
          }}
        />
      </span>
    </>
  );
}
