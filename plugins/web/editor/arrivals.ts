/** Results of a job that is not over yet: seen in their place as soon as they arrive, and kept if the rest never comes. */
import { effect, untracked } from '@preact/signals-core';
import type { JobPicture } from '../../shared/client/client-job.ts';
import { arrivedPictures } from '../../shared/store/arrived-pictures.ts';
import { hasEnded } from '../../shared/store/job-store.ts';
import { type PictureDocument, updateLayer } from '../document/picture-document.ts';
import type { EditorStore } from './editor-store.ts';
import { withResult } from './job-result.ts';
import type { PendingJob } from './pending-job.ts';
import { noMargins } from './tools/expand-tool.ts';
import { panBy, refitPicture } from './view.ts';

/** Shows each variation of a job when it is there. Returns what ends that; the document of the last one stays. */
export function showArrivals(editor: EditorStore, job: PendingJob): () => void {
  // An upscaled picture takes the place of all there is, and is the only one.
  if (job.request.operation === 'upscale') return () => {};
  let shownCount = 0;
  return effect(() => {
    const entry = editor.jobs.jobs.value.find(({ id }) => id === job.id);
    if (entry === undefined || hasEnded(entry)) return;
    const pictures = arrivedPictures(entry);
    const count = pictures.filter(isPicture).length;
    if (count === shownCount) return;
    shownCount = count;
    untracked(() => show(editor, job, pictures));
  });
}

/** The document with a job's pictures in place, seen as the user has flipped through those that came before. */
export function withArrivals(
  editor: EditorStore,
  { job, pictures }: { readonly job: PendingJob; readonly pictures: readonly JobPicture[] },
): PictureDocument {
  const document = withResult(editor.basis.value!, { job, pictures });
  const id = layerIdOf(job);
  const before = editor.provisional.value?.layers.find((layer) => layer.id === id);
  return before === undefined ? document : updateLayer(document, id, { shown: before.shown });
}

/** The page leaves what was prepared for the job: its result is there. */
export function settle(editor: EditorStore, job: PendingJob): void {
  if (editor.mode.value === 'expand') {
    const { left, top } = { ...noMargins, ...editor.margins.value };
    const { scale } = editor.viewport.value;
    const wasFitted = editor.isFitted.value;
    // What is looked at stays where it is: the picture's origin has moved.
    panBy(editor, { x: -left * scale, y: -top * scale });
    editor.isFitted.value = wasFitted;
  }
  editor.mode.value = 'select';
  editor.margins.value = noMargins;
  editor.selectLayer(layerIdOf(job));
  refitPicture(editor);
}

function show(editor: EditorStore, job: PendingJob, pictures: readonly JobPicture[]): void {
  const isFirst = editor.provisional.value === undefined;
  try {
    editor.provisional.value = withArrivals(editor, { job, pictures });
  } catch (error) {
    // The page is short of memory: it waits for the whole result, and says so then.
    if (error instanceof RangeError) return;
    throw error;
  }
  if (!isFirst) return;
  settle(editor, job);
  const missing = countOf(job) - 1;
  if (missing > 0) editor.status.value = `The first variation is here, ${missing} more to come.`;
}

function isPicture({ role }: JobPicture): boolean {
  return role === 'picture';
}

function countOf({ request }: PendingJob): number {
  return 'count' in request ? (request.count ?? 1) : 1;
}

function layerIdOf({ id, layerId }: PendingJob): string {
  return layerId ?? id;
}
