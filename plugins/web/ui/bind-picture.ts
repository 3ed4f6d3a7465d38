import { effect } from '@preact/signals';
import type { JobPreview } from '../../shared/client/client-job.ts';
import { wordsOf } from '../../shared/store/diffusion-settings.ts';
import type { ContextFrame } from '../canvas/context-frame.ts';
import { maskedPreview } from '../canvas/masked-preview.ts';
import type { PictureView, ViewTheme } from '../canvas/picture-view.ts';
import type { Selection } from '../document/selection.ts';
import type { EditorStore } from '../editor/editor-store.ts';
import { expandedFrame } from '../editor/tools/expand-tool.ts';
import { theme } from './theme.ts';

/** Keeps a view showing what the editor holds. Returns what ends that. */
export function bindPicture(editor: EditorStore, view: PictureView): () => void {
  const systemTheme = matchMedia('(prefers-color-scheme: dark)');
  const applyTheme = () => view.setTheme(currentTheme());
  systemTheme.addEventListener('change', applyTheme);
  const preview = new PreviewPicture(view);
  const stops = [
    effect(() => view.setDocument(editor.document.value ?? null)),
    effect(() => view.setViewport(editor.viewport.value)),
    effect(() => {
      void theme.value;
      applyTheme();
    }),
    effect(() => {
      const size = editor.saved.value?.size;
      const isExpanding = editor.mode.value === 'expand' && size !== undefined;
      view.setOverlay({
        split: editor.split.value ?? null,
        expandFrame: isExpanding ? expandedFrame(size, editor.margins.value) : null,
      });
    }),
    effect(() => view.setOverlay({ contextFrame: contextFrame(editor) })),
    effect(() => {
      const id = editor.pending.value?.id;
      // A result that is there is worth more than the beginnings of the next.
      const hasArrived = editor.provisional.value !== undefined;
      const job = hasArrived ? undefined : editor.jobs.jobs.value.find((entry) => entry.id === id);
      preview.show(job?.preview, paintedSelection(editor));
    }),
  ];
  return () => {
    systemTheme.removeEventListener('change', applyTheme);
    for (const stop of stops) stop();
    preview.show(undefined);
  };
}

/** Of a fill: of everything else the model is shown all. */
function contextFrame(editor: EditorStore): ContextFrame | null {
  const outlook = editor.estimates.outlook.value;
  if (outlook?.state !== 'known' || outlook.questions[0]?.request.operation !== 'fill') return null;
  return { bounds: outlook.estimate.contextBounds, label: 'What the model sees' };
}

/** What a model paints into, while it does: it is shown more than that, and draws all that it is shown. */
function paintedSelection(editor: EditorStore): Selection | undefined {
  const { pending, basis } = editor;
  if (pending.value === undefined || wordsOf(pending.value.request)?.operation !== 'fill') return undefined;
  const layer = basis.value?.layers.find(({ id }) => id === pending.value?.layerId);
  return layer?.selected ?? basis.value?.selection;
}

/** A running job's picture so far, in the place of the selection's tint. */
class PreviewPicture {
  readonly #view: PictureView;
  #wanted: JobPreview | undefined;

  constructor(view: PictureView) {
    this.#view = view;
  }

  show(preview: JobPreview | undefined, selection?: Selection): void {
    if (preview === this.#wanted) return;
    this.#wanted = preview;
    if (preview === undefined) this.#view.setOverlay({ preview: null, isSelectionShown: true });
    else void this.#decode(preview, selection);
  }

  async #decode(preview: JobPreview, selection: Selection | undefined): Promise<void> {
    const { bounds } = preview;
    const whole = await createImageBitmap(new Blob([preview.bytes as BlobPart], { type: 'image/jpeg' }));
    // By now a later one may be there, or the job at its end.
    if (this.#wanted !== preview) return;
    const image = selection === undefined ? whole : maskedPreview(whole, { bounds, selection });
    this.#view.setOverlay({ preview: { image, bounds }, isSelectionShown: false });
  }
}

function currentTheme(): ViewTheme {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => resolveColor(style.getPropertyValue(name));
  return {
    background: color('--inlay-background'),
    checkerLight: color('--page-checker-light'),
    checkerDark: color('--page-checker-dark'),
    selectionTint: color('--page-selection-tint'),
    accent: color('--inlay-accent'),
  };
}

/** A canvas knows no `light-dark()`: an element tells which of the two it is. */
function resolveColor(value: string): string {
  const probe = document.createElement('span');
  probe.style.color = value;
  document.documentElement.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
