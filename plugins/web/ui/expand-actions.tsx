import type { JSX } from 'preact';
import { Icon } from '../../shared/ui/icon.tsx';
import { useWidgets } from '../../shared/ui/widgets.ts';
import { enterMode } from '../editor/commands.ts';
import { expandPreset, maxMargin, runExpand, setMargin } from '../editor/run-operations.ts';
import { hasMargins, sides } from '../editor/tools/expand-tool.ts';
import { useEditor } from './editor-context.ts';
import { IconButton } from './icon-button.tsx';
import { RunOptionsMenu } from './run-options-menu.tsx';

const labels = { left: 'Left', top: 'Top', right: 'Right', bottom: 'Bottom' } as const;

/** How far the picture grows, in numbers beside the frame that can be dragged. */
export function ExpandActions(): JSX.Element {
  const editor = useEditor();
  const { NumberField } = useWidgets();
  const margins = editor.margins.value;
  const run = (event: Event) => {
    event.preventDefault();
    void runExpand(editor);
  };
  return (
    <form class="pill action-bar expand-bar" aria-label="Expand" onSubmit={run}>
      {sides.map((side) => (
        <NumberField
          key={side}
          label={labels[side]}
          value={margins[side]}
          min={0}
          max={maxMargin(editor)}
          onChange={(value = 0) => setMargin(editor, side, value)}
        />
      ))}
      <button type="button" class="inlay-button plain" onClick={() => expandPreset(editor)}>
        +25 %
      </button>
      <span class="divider" />
      <button
        type="submit"
        class="inlay-button inlay-primary"
        disabled={!hasMargins(margins) || editor.connection.status.value.state !== 'ready'}
      >
        <Icon name="expand" />
        Expand
      </button>
      <RunOptionsMenu />
      <IconButton
        icon="close"
        label="Leave expanding"
        shortcut="Esc"
        onPress={() => enterMode(editor, 'select')}
      />
    </form>
  );
}
