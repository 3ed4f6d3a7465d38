import { type PageActions, runCommand } from '../editor/commands.ts';
import { pressComparison } from '../editor/comparison.ts';
import type { EditorStore } from '../editor/editor-store.ts';
import { commandFor, type FocusKind } from '../editor/keyboard.ts';
import { openFile } from '../editor/open-picture.ts';

/** Keys, dropped and pasted pictures, wherever on the page. Returns what ends that. */
export function listenToPage(editor: EditorStore, page: PageActions): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  let releaseComparison: (() => void) | undefined;
  addEventListener(
    'keydown',
    (event) => {
      releaseComparison = onKeyDown(event, editor, page) ?? releaseComparison;
    },
    { signal },
  );
  addEventListener(
    'keyup',
    (event) => {
      if (event.key === ' ') editor.isHandHeld.value = false;
      else releaseComparison?.();
      releaseComparison = undefined;
    },
    { signal },
  );
  addEventListener(
    'blur',
    () => {
      editor.isHandHeld.value = false;
      releaseComparison?.();
      releaseComparison = undefined;
    },
    { signal },
  );
  addEventListener(
    'paste',
    (event) => {
      const file = pictureIn(event.clipboardData);
      if (file === undefined) return;
      event.preventDefault();
      void openFile(editor, file, 'Pasted picture.png');
    },
    { signal },
  );
  // Whoever comes back from another window may have copied a model into its folder there.
  addEventListener('focus', () => void editor.connection.refresh(), { signal });
  listenToDrops(editor, signal);
  return () => ending.abort();
}

/** Of a key that is held, what its release does. */
function onKeyDown(event: KeyboardEvent, editor: EditorStore, page: PageActions): (() => void) | undefined {
  if (event.defaultPrevented || event.isComposing) return undefined;
  const focus = focusKind(event.target);
  if (event.key === ' ' && focus === 'picture' && editor.basis.value !== undefined) {
    editor.isHandHeld.value = true;
    event.preventDefault();
    return undefined;
  }
  // A dialog that Escape closes has its own place for the focus.
  if (event.key === 'Escape' && focus === 'text' && !(event.target as Element).closest('dialog')) {
    page.focusPicture();
    return undefined;
  }
  const command = commandFor(event, focus);
  if (command === undefined) return undefined;
  event.preventDefault();
  if (command === 'compare') return event.repeat ? undefined : pressComparison(editor);
  runCommand(editor, command, page);
  return undefined;
}

const textInputs = new Set(['text', 'number', 'search', 'password']);

function focusKind(target: EventTarget | null): FocusKind {
  if (!(target instanceof HTMLElement) || target === document.body) return 'picture';
  if (target instanceof HTMLCanvasElement) return 'picture';
  if (target instanceof HTMLTextAreaElement) return 'text';
  if (target instanceof HTMLInputElement && textInputs.has(target.type)) return 'text';
  return 'control';
}

function listenToDrops(editor: EditorStore, signal: AbortSignal): void {
  const root = document.documentElement;
  // Each element on the way tells of its own entering and leaving.
  let depth = 0;
  const end = () => {
    depth = 0;
    delete root.dataset.dropping;
  };
  addEventListener(
    'dragenter',
    (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      depth += 1;
      root.dataset.dropping = '';
    },
    { signal },
  );
  addEventListener(
    'dragleave',
    () => {
      depth -= 1;
      if (depth <= 0) end();
    },
    { signal },
  );
  addEventListener('dragover', (event) => event.preventDefault(), { signal });
  addEventListener(
    'drop',
    (event) => {
      event.preventDefault();
      end();
      const file = event.dataTransfer?.files[0];
      if (file !== undefined) void openFile(editor, file);
    },
    { signal },
  );
}

function pictureIn(data: DataTransfer | null): File | undefined {
  return [...(data?.files ?? [])].find(({ type }) => type.startsWith('image/'));
}
