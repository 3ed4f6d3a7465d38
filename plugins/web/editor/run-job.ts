/** Runs a job for the document and puts its result in place; one at a time, and across reloads of the page. */
import { ClientError } from '../../shared/client/client-error.ts';
import { operationNames } from '../../shared/store/operation-names.ts';
import { modelSideOf } from '../../shared/store/usable-settings.ts';
import type { PictureDocument } from '../document/picture-document.ts';
import { settle, showArrivals, withArrivals } from './arrivals.ts';
import { controlDrawable } from './control-sources.ts';
import type { EditorStore } from './editor-store.ts';
import { blankDocument, isNewPicture } from './generated-picture.ts';
import { jobImages } from './job-images.ts';
import { type JobTask, type PendingJob, parsePendingJob } from './pending-job.ts';
import { fitPicture } from './view.ts';

const pendingJobKey = 'inlay.pending-job';

/** Starts a task on the document as it is, unless a job runs. The promise is fulfilled when all is over, whatever came of it. */
export async function startJob(editor: EditorStore, task: JobTask): Promise<void> {
  if (editor.isLocked.value || (editor.saved.value === undefined && !isNewPicture(task))) return;
  editor.problem.value = undefined;
  editor.status.value = '';
  await follow(editor, task);
}

/** Goes on with the job that an earlier load of the page had started. */
export async function resumeJob(editor: EditorStore): Promise<void> {
  const text = await editor.storage.get(pendingJobKey);
  const job = text === undefined ? undefined : parsePendingJob(text);
  const document = editor.saved.value;
  if (job === undefined || (document === undefined && !isNewPicture(job))) return;
  // Its result was put in place; only this note of it was not removed any more.
  if (document?.layers.some(({ id }) => id === job.id)) await editor.storage.remove(pendingJobKey);
  else await follow(editor, job, job.id);
}

export function cancelJob(editor: EditorStore): void {
  const job = editor.pending.value;
  if (job !== undefined) editor.jobs.cancel(job.id);
}

async function follow(editor: EditorStore, task: JobTask, resumedId?: string): Promise<void> {
  const { request, layerId } = task;
  if (isNewPicture(task)) {
    editor.blank.value = blankDocument(task.request);
    fitPicture(editor);
  }
  const document = editor.basis.value!;
  const run = editor.jobs.run({
    request,
    images: () =>
      jobImages(document, task, {
        modelSide: modelSideOf(request, editor.connection.capabilities.value),
        drawableOf: (imageId) => controlDrawable(editor, imageId),
      }),
    ...(resumedId !== undefined && { id: resumedId, resume: true }),
  });
  const job: PendingJob = { id: run.id, request, ...(layerId !== undefined && { layerId }) };
  editor.pending.value = job;
  editor.split.value = undefined;
  const stopShowing = showArrivals(editor, job);
  try {
    if (editor.isKept) await editor.storage.set(pendingJobKey, JSON.stringify(job));
    const pictures = await run.finished;
    accept(editor, job, withArrivals(editor, { job, pictures }));
  } catch (error) {
    const arrived = editor.provisional.value;
    if (arrived !== undefined) accept(editor, job, arrived);
    // With something to keep, the selection is no longer there to try again with.
    tell(editor, error, arrived === undefined ? task : undefined);
  } finally {
    stopShowing();
    editor.pending.value = undefined;
    editor.provisional.value = undefined;
    if (editor.blank.value !== undefined) {
      editor.blank.value = undefined;
      fitPicture(editor);
    }
  }
  if (editor.isKept) await keepResult(editor);
  editor.jobs.forget(run.id);
}

/** The server keeps the result until the page has: a reload in between loses nothing. */
async function keepResult(editor: EditorStore): Promise<void> {
  const document = editor.saved.value;
  if (document !== undefined)
    await editor.documents.save(document).catch((error: Error) => reportUnsaved(editor, error));
  // By now the next one may be the one that is noted.
  if (editor.pending.value === undefined) await editor.storage.remove(pendingJobKey);
}

/** The document is there, but will not be after a reload. */
export function reportUnsaved(editor: EditorStore, { message }: Error): void {
  editor.report({ message: 'The picture could not be kept for the next visit.', hint: message });
}

function accept(editor: EditorStore, job: PendingJob, document: PictureDocument): void {
  const isSettled = editor.provisional.value !== undefined;
  if (isNewPicture(job) && !editor.canReplaceWith(document)) {
    editor.replacement.value = document;
    return;
  }
  editor.commit(document, {
    label: job.layerId === undefined ? operationNames[job.request.operation] : 'More variations',
  });
  editor.provisional.value = undefined;
  editor.blank.value = undefined;
  if (!isSettled) settle(editor, job);
  editor.isHintUsed.value = true;
  editor.status.value = doneWords(editor, job);
}

function doneWords(editor: EditorStore, { request }: PendingJob): string {
  const count = editor.selectedLayer.value?.variations.length ?? 1;
  if (request.operation !== 'upscale' && count > 1) return `Done: ${count} variations to choose from.`;
  const { width, height } = editor.saved.value!.size;
  return `Done: the picture is ${width} × ${height} pixels.`;
}

function tell(editor: EditorStore, error: unknown, retry: JobTask | undefined): void {
  if (error instanceof ClientError) {
    if (error.code !== 'cancelled') editor.report(error, retry);
    else editor.status.value = retry === undefined ? 'Stopped: what had arrived is kept.' : 'Cancelled.';
    return;
  }
  // Pictures of hundreds of megabytes may not find room.
  if (!(error instanceof RangeError)) throw error;
  editor.report({ message: 'The result could not be put into the picture.', hint: error.message }, retry);
}
