/** Which key does what, as data: the page's handler and its sheet of shortcuts both read this list. */
import type { Command } from './commands.ts';

export interface KeyBinding {
  readonly command: Command;
  /** As `KeyboardEvent.key`, lower case; with `mod+` (Ctrl, on a Mac Cmd) and `shift+` in front, in this order. */
  readonly keys: readonly string[];
  readonly group: ShortcutGroup;
  readonly label: string;
  /** Only while the picture has the focus, or nothing has: elsewhere these keys are the focused control's own. */
  readonly isPlain?: boolean;
}

export const shortcutGroups = ['Tools', 'Selection', 'Picture', 'View'] as const;
export type ShortcutGroup = (typeof shortcutGroups)[number];

export const keyBindings: readonly KeyBinding[] = [
  { command: 'tool-brush', keys: ['b'], group: 'Tools', label: 'Brush' },
  { command: 'tool-eraser', keys: ['e'], group: 'Tools', label: 'Eraser' },
  { command: 'tool-lasso', keys: ['l'], group: 'Tools', label: 'Lasso' },
  { command: 'tool-rectangle', keys: ['r'], group: 'Tools', label: 'Rectangle' },
  { command: 'tool-hand', keys: ['h'], group: 'Tools', label: 'Hand (or hold Space)' },
  { command: 'brush-smaller', keys: ['['], group: 'Tools', label: 'Smaller brush' },
  { command: 'brush-larger', keys: [']'], group: 'Tools', label: 'Larger brush' },
  { command: 'run-primary', keys: ['enter'], group: 'Selection', label: 'Run', isPlain: true },
  { command: 'prompt', keys: ['p'], group: 'Selection', label: 'Write a prompt (Esc: back to the picture)' },
  { command: 'select-all', keys: ['mod+a'], group: 'Selection', label: 'Select all' },
  { command: 'invert', keys: ['i'], group: 'Selection', label: 'Invert' },
  { command: 'escape', keys: ['escape'], group: 'Selection', label: 'Cancel, or clear the selection' },
  {
    command: 'previous-variation',
    keys: ['arrowleft'],
    group: 'Picture',
    label: 'Previous variation',
    isPlain: true,
  },
  {
    command: 'next-variation',
    keys: ['arrowright'],
    group: 'Picture',
    label: 'Next variation',
    isPlain: true,
  },
  { command: 'undo', keys: ['mod+z'], group: 'Picture', label: 'Undo' },
  { command: 'redo', keys: ['mod+shift+z', 'mod+y'], group: 'Picture', label: 'Redo' },
  { command: 'open', keys: ['mod+o'], group: 'Picture', label: 'Open a picture' },
  { command: 'download', keys: ['mod+s'], group: 'Picture', label: 'Download' },
  { command: 'compare', keys: ['c'], group: 'View', label: 'Before and after (hold: the original)' },
  { command: 'zoom-in', keys: ['+', '=', 'mod+=', 'mod++'], group: 'View', label: 'Zoom in' },
  { command: 'zoom-out', keys: ['-', 'mod+-'], group: 'View', label: 'Zoom out' },
  { command: 'zoom-fit', keys: ['0', 'mod+0'], group: 'View', label: 'Fit the picture' },
  { command: 'zoom-actual', keys: ['1', 'mod+1'], group: 'View', label: 'Actual pixels' },
  { command: 'shortcuts', keys: ['?'], group: 'View', label: 'This list' },
];

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** Where the focus is: text fields keep all keys but those with Ctrl or Cmd, other controls keep Enter and arrows. */
export type FocusKind = 'picture' | 'control' | 'text';

/** The command for a key, if it has one there. */
export function commandFor(press: KeyPress, focus: FocusKind): Command | undefined {
  if (press.altKey) return undefined;
  const name = keyName(press);
  const binding = keyBindings.find(({ keys }) => keys.includes(name));
  if (binding === undefined) return undefined;
  if (focus === 'text' && (!name.startsWith('mod+') || textKeys.has(name))) return undefined;
  if (focus === 'control' && binding.isPlain) return undefined;
  return binding.command;
}

/** What a text field does with these is its own. */
const textKeys: ReadonlySet<string> = new Set(['mod+a', 'mod+z', 'mod+y', 'mod+shift+z']);

function keyName({ key, ctrlKey, metaKey, shiftKey }: KeyPress): string {
  const lower = key.toLowerCase();
  const mod = ctrlKey || metaKey ? 'mod+' : '';
  // Shift is part of a sign like "?" or "+" itself; only of letters does it make another key.
  const shift = shiftKey && /^[a-z]$/.test(lower) ? 'shift+' : '';
  return `${mod}${shift}${lower}`;
}

const keyLabels: Readonly<Record<string, string>> = {
  arrowleft: '←',
  arrowright: '→',
  enter: 'Enter',
  escape: 'Esc',
  '-': '−',
};

/** A binding's first key as keyboards print it, e.g. `Ctrl Shift Z`. */
export function keyCaps({ keys }: KeyBinding, isMac: boolean): readonly string[] {
  const [first = ''] = keys;
  // A "+" of its own is a key too.
  return first.split(/(?<=.)\+(?=.)/).map((part) => {
    if (part === 'mod') return isMac ? '⌘' : 'Ctrl';
    if (part === 'shift') return isMac ? '⇧' : 'Shift';
    return keyLabels[part] ?? part.toUpperCase();
  });
}
