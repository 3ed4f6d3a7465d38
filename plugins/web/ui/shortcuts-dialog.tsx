import type { JSX } from 'preact';
import { closeDialog } from '../editor/commands.ts';
import { keyBindings, keyCaps, shortcutGroups } from '../editor/keyboard.ts';
import { Dialog } from './dialog.tsx';
import { useEditor } from './editor-context.ts';

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

export function ShortcutsDialog(): JSX.Element {
  const editor = useEditor();
  const close = () => closeDialog(editor, 'shortcuts');
  return (
    <Dialog title="Keyboard shortcuts" onClose={close}>
      <div class="shortcut-groups">
        {shortcutGroups.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {keyBindings
                .filter((binding) => binding.group === group)
                .map((binding) => (
                  <div key={binding.command} class="shortcut">
                    <dt>{binding.label}</dt>
                    <dd>
                      {keyCaps(binding, isMac).map((cap) => (
                        <kbd key={cap}>{cap}</kbd>
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
      <p class="muted">
        Shift adds to the selection, Alt subtracts. Space or the middle button moves the picture.
      </p>
    </Dialog>
  );
}
