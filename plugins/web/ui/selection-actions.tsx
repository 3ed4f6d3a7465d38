import type { JSX } from 'preact';
import { operationNames } from '../../shared/store/operation-names.ts';
import { Icon, type IconName } from '../../shared/ui/icon.tsx';
import { enterMode } from '../editor/commands.ts';
import { runVary } from '../editor/run-drawing.ts';
import { offers, primaryOperation, runOnSelection, selectionOperations } from '../editor/run-operations.ts';
import { currentModel, hasWordsFor } from '../editor/words.ts';
import { useEditor } from './editor-context.ts';
import { keepFocus } from './icon-button.tsx';
import { RunOptionsMenu } from './run-options-menu.tsx';

const icons = { remove: 'remove', fill: 'fill' } as const satisfies Readonly<
  Record<(typeof selectionOperations)[number], IconName>
>;

/** What can be done with the picture: first of all with what is selected. */
export function SelectionActions(): JSX.Element {
  const editor = useEditor();
  const hasSelection = editor.hasSelection.value;
  const isReady = editor.connection.status.value.state === 'ready';
  const hasVaryWords = hasWordsFor(editor, 'vary');
  // What Enter does in the prompt's field.
  const primary = !hasSelection && hasVaryWords ? 'vary' : primaryOperation(editor);
  return (
    <div class="pill action-bar" role="toolbar" aria-label="Actions">
      {selectionOperations
        .filter((operation) => offers(editor, operation))
        .map((operation) => (
          <button
            key={operation}
            type="button"
            class={operation === primary ? 'inlay-button inlay-primary' : 'inlay-button plain'}
            disabled={!hasSelection || !isReady}
            onMouseDown={keepFocus}
            onClick={() => void runOnSelection(editor, operation)}
          >
            <Icon name={icons[operation]} />
            {operationNames[operation]}
          </button>
        ))}
      <span class="divider" />
      {currentModel(editor, 'vary') !== undefined && (
        <button
          type="button"
          class={primary === 'vary' ? 'inlay-button inlay-primary' : 'inlay-button plain'}
          disabled={!isReady || !hasVaryWords}
          onMouseDown={keepFocus}
          onClick={() => void runVary(editor)}
        >
          <Icon name="vary" />
          Vary
        </button>
      )}
      {offers(editor, 'expand') && (
        <button
          type="button"
          class="inlay-button plain"
          onMouseDown={keepFocus}
          onClick={() => enterMode(editor, 'expand')}
        >
          <Icon name="expand" />
          Expand
        </button>
      )}
      {offers(editor, 'upscale') && (
        <button
          type="button"
          class="inlay-button plain"
          onMouseDown={keepFocus}
          onClick={() => enterMode(editor, 'upscale')}
        >
          <Icon name="upscale" />
          Upscale
        </button>
      )}
      <RunOptionsMenu />
    </div>
  );
}
