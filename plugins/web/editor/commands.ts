/** What keys can do, by name. */
import { toggleComparison } from './comparison.ts';
import { showVariation } from './edit-layers.ts';
import { clearSelection, invertSelection, selectAll } from './edit-selection.ts';
import { type Dialog, type EditorStore, type Mode, setDiameter, type ToolName } from './editor-store.ts';
import { cancelJob } from './run-job.ts';
import { primaryOperation, runExpand, runOnSelection } from './run-operations.ts';
import { noMargins } from './tools/expand-tool.ts';
import { fitPicture, refitPicture, zoomIn, zoomOut, zoomToActualPixels } from './view.ts';

export type Command =
  | `tool-${ToolName}`
  | 'brush-smaller'
  | 'brush-larger'
  | 'select-all'
  | 'invert'
  | 'escape'
  | 'run-primary'
  | 'prompt'
  | 'previous-variation'
  | 'next-variation'
  | 'undo'
  | 'redo'
  | 'open'
  | 'download'
  | 'compare'
  | 'zoom-in'
  | 'zoom-out'
  | 'zoom-fit'
  | 'zoom-actual'
  | 'shortcuts';

/** What only the page can do. */
export interface PageActions {
  /** A file dialog opens for a user's own action alone. */
  chooseFile(): void;
  /** From there Enter runs, and keys are the picture's. */
  focusPicture(): void;
  /** Where there is one. */
  focusPrompt(): void;
}

const brushStep = 1.2;

const commands: Readonly<Record<Command, (editor: EditorStore, page: PageActions) => void>> = {
  'tool-brush': (editor) => chooseTool(editor, 'brush'),
  'tool-eraser': (editor) => chooseTool(editor, 'eraser'),
  'tool-lasso': (editor) => chooseTool(editor, 'lasso'),
  'tool-rectangle': (editor) => chooseTool(editor, 'rectangle'),
  'tool-hand': (editor) => chooseTool(editor, 'hand'),
  'brush-smaller': (editor) => setDiameter(editor, Math.floor(editor.diameter.value / brushStep)),
  'brush-larger': (editor) => setDiameter(editor, Math.ceil(editor.diameter.value * brushStep)),
  'select-all': selectAll,
  invert: invertSelection,
  escape: leave,
  'run-primary': runPrimary,
  prompt: (_editor, page) => page.focusPrompt(),
  'previous-variation': (editor) => flip(editor, -1),
  'next-variation': (editor) => flip(editor, 1),
  undo: (editor) => editor.undo(),
  redo: (editor) => editor.redo(),
  open: (_editor, page) => page.chooseFile(),
  download: (editor) => {
    editor.dialog.value = 'download';
  },
  compare: toggleComparison,
  'zoom-in': zoomIn,
  'zoom-out': zoomOut,
  'zoom-fit': fitPicture,
  'zoom-actual': zoomToActualPixels,
  shortcuts: (editor) => {
    editor.dialog.value = 'shortcuts';
  },
};

/** These make sense before a picture is open. */
const withoutPicture: ReadonlySet<Command> = new Set(['open', 'shortcuts']);

export function runCommand(editor: EditorStore, command: Command, page: PageActions): void {
  if (editor.basis.value !== undefined || withoutPicture.has(command)) commands[command](editor, page);
}

export function chooseTool(editor: EditorStore, tool: ToolName): void {
  editor.tool.value = tool;
  if (editor.mode.value !== 'select') enterMode(editor, 'select');
}

/** Begins or leaves what has a bar of actions of its own. */
export function enterMode(editor: EditorStore, mode: Mode): void {
  editor.mode.value = mode;
  editor.margins.value = noMargins;
  editor.split.value = undefined;
  editor.status.value = '';
  // The frame of an expansion has to be in view; otherwise whoever has zoomed in stays there.
  if (mode === 'expand') fitPicture(editor);
  else refitPicture(editor);
}

/** A dialog tells that it was closed only a moment later, when another one may be open. */
export function closeDialog(editor: EditorStore, dialog: Dialog): void {
  if (editor.dialog.value === dialog) editor.dialog.value = undefined;
}

/** The innermost thing that can be left. */
function leave(editor: EditorStore): void {
  if (editor.pending.value !== undefined) cancelJob(editor);
  else if (editor.split.value !== undefined) editor.split.value = undefined;
  else if (editor.mode.value !== 'select') enterMode(editor, 'select');
  else if (editor.problem.value !== undefined) editor.problem.value = undefined;
  else clearSelection(editor);
}

function runPrimary(editor: EditorStore): void {
  if (editor.mode.value === 'expand') void runExpand(editor);
  else if (editor.mode.value === 'select') void runOnSelection(editor, primaryOperation(editor));
}

function flip(editor: EditorStore, by: number): void {
  const layer = editor.selectedLayer.value;
  if (layer !== undefined) showVariation(editor, layer, layer.shown + by);
}
