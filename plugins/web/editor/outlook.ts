/** What the prompt's job would be like, for as long as there is one to ask about. */
import { computed, effect } from '@preact/signals-core';
import type { JobRequest } from '../../../bridge/protocol/messages.ts';
import { type Bounds, boundsOf } from '../../shared/picture/geometry.ts';
import { controlOutlines } from '../../shared/store/control-images.ts';
import type { EstimateQuestion } from '../../shared/store/estimate-store.ts';
import { selectionOutlines, sentArea, sourceOutline } from '../../shared/store/sent-area.ts';
import { modelSideOf } from '../../shared/store/usable-settings.ts';
import type { EditorStore } from './editor-store.ts';
import { generateRequest, newPictureSize, varyRequest } from './run-drawing.ts';
import { expandRequest, selectionRequest } from './run-operations.ts';
import { hasMargins } from './tools/expand-tool.ts';
import { currentModel, hasWordsFor, promptOperation } from './words.ts';

/** Asks whenever the answer may have changed. Returns what ends that. */
export function followOutlook(editor: EditorStore): () => void {
  // Of a large selection they take a moment, and a prompt changes with every key.
  const selected = computed(() => editor.saved.value?.selection.bounds() ?? null);
  const stop = effect(() => {
    const question = questionOf(editor, selected.value);
    editor.estimates.ask(question && [question]);
  });
  return () => {
    stop();
    editor.estimates.close();
  };
}

/** Nothing where Enter in the prompt's field would do nothing. */
function questionOf(editor: EditorStore, selected: Bounds | null): EstimateQuestion | undefined {
  if (editor.connection.status.value.state !== 'ready' || editor.isLocked.value) return undefined;
  const canvas = editor.saved.value?.size;
  if (canvas === undefined || editor.dialog.value === 'generate') return newPictureQuestion(editor);
  const operation = promptOperation(editor);
  if (operation === undefined || !hasWordsFor(editor, operation)) return undefined;
  const ofWhole = (request: JobRequest) => {
    const area = boundsOf(canvas);
    return { request, images: [sourceOutline(area), ...controlOutlines(request, area)] };
  };
  switch (operation) {
    case 'vary':
      return ofWhole(varyRequest(editor));
    case 'expand':
      return hasMargins(editor.margins.value) ? ofWhole(expandRequest(editor)) : undefined;
    default: {
      if (selected === null) return undefined;
      const request = selectionRequest(editor, 'fill');
      const modelSide = modelSideOf(request, editor.connection.capabilities.value);
      const options = { selected, canvas, modelSide };
      const controls = controlOutlines(request, sentArea(request, options));
      return { request, images: [...selectionOutlines(request, options), ...controls] };
    }
  }
}

function newPictureQuestion(editor: EditorStore): EstimateQuestion | undefined {
  const model = currentModel(editor, 'generate');
  if (model === undefined || !hasWordsFor(editor, 'generate')) return undefined;
  const size = newPictureSize(editor, model);
  const request = generateRequest(editor, size);
  return { request, images: controlOutlines(request, boundsOf(size)) };
}
