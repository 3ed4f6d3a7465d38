import type { JSX } from 'preact';
import type { IconName } from '../../shared/ui/icon.tsx';
import { chooseTool } from '../editor/commands.ts';
import { type ToolName, toolNames } from '../editor/editor-store.ts';
import { moveFocus } from './arrow-keys.ts';
import { useEditor } from './editor-context.ts';
import { IconButton } from './icon-button.tsx';

const tools: Readonly<
  Record<ToolName, { readonly icon: IconName; readonly label: string; readonly key: string }>
> = {
  brush: { icon: 'brush', label: 'Brush', key: 'B' },
  eraser: { icon: 'eraser', label: 'Eraser', key: 'E' },
  lasso: { icon: 'lasso', label: 'Lasso', key: 'L' },
  rectangle: { icon: 'rectangle', label: 'Rectangle', key: 'R' },
  hand: { icon: 'hand', label: 'Hand', key: 'H' },
};

/** The tools; arrow keys go from one to the next. */
export function ToolRail(): JSX.Element {
  const editor = useEditor();
  return (
    <div class="tool-rail" role="toolbar" aria-label="Tools" onKeyDown={moveFocus}>
      {toolNames.map((name) => {
        const { icon, label, key } = tools[name];
        return (
          <IconButton
            key={name}
            icon={icon}
            label={label}
            shortcut={key}
            isPressed={editor.tool.value === name && editor.mode.value === 'select'}
            onPress={() => chooseTool(editor, name)}
          />
        );
      })}
    </div>
  );
}
