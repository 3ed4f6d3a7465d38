/** Runs a job for the document and puts its result in place; one at a time, and across reloads of the page. */
import { ClientError } from '../../shared/client/client-error.ts';
import type { JobPicture } from '../../shared/client/client-job.ts';
import type { PictureDocument } from '../document/picture-document.ts';
import type { EditorStore } from './editor-store.ts';
import { jobImages } from './job-images.ts';
import { withResult } from './job-result.ts';
import { type JobTask, operationNames, type PendingJob, parsePendingJob } from './pending-job.ts';
import { noMargins } from './tools/expand-tool.ts';
import { refitPicture } from './view.ts';

const pendingJobKey = 'inlay.pending-job';

/** Starts a task on the document as it is, unless a job runs. The promise is fulfilled when all is over, whatever came of it. */
export async function startJob(editor: EditorStore, task: JobTask): Promise<void> {
  if (editor.isLocked.value || editor.saved.value === undefined) return;
  editor.problem.value = undefined;
  editor.status.value = '';
  await follow(editor, task);
}

/** Goes on with the job that an earlier load of the page had started. */
export async function resumeJob(editor: EditorStore): Promise<void> {
  const text = await editor.storage.get(pendingJobKey);
  const job = text === undefined ? undefined : parsePendingJob(text);
  const document = editor.saved.value;
  if (job === undefined || document === undefined) return;
  // Its result was put in place; only this note of it was not removed any more.
  if (document.layers.some(({ id }) => id === job.id)) await editor.storage.remove(pendingJobKey);
  else await follow(editor, job, job.id);
}

export function cancelJob(editor: EditorStore): void {
  const job = editor.pending.value;
  if (job !== undefined) editor.jobs.cancel(job.id);
}

async function follow(editor: EditorStore, task: JobTask, resumedId?: string): Promise<void> {
  const document = editor.saved.value!;
  const { request, layerId } = task;
  const run = editor.jobs.run({
    request,
    images: async () => jobImages(document, task),
    ...(resumedId !== undefined && { id: resumedId, resume: true }),
  });
  const job: PendingJob = { id: run.id, request, ...(layerId !== undefined && { layerId }) };
  editor.pending.value = job;
  editor.split.value = undefined;
  try {
    await editor.storage.set(pendingJobKey, JSON.stringify(job));
    accept(editor, job, await run.finished);
  } catch (error) {
    tell(editor, task, error);
  } finally {
    editor.pending.value = undefined;
  }
  // The server keeps the result until the page has: a reload in between loses nothing.
  await editor.documents.save(editor.saved.value!).catch((error: Error) => reportUnsaved(editor, error));
  // By now the next one may be the one that is noted.
  if (editor.pending.value === undefined) await editor.storage.remove(pendingJobKey);
  editor.jobs.forget(run.id);
}

/** The document is there, but will not be after a reload. */
export function reportUnsaved(editor: EditorStore, { message }: Error): void {
  editor.report({ message: 'The picture could not be kept for the next visit.', hint: message });
}

function accept(editor: EditorStore, job: PendingJob, pictures: readonly JobPicture[]): void {
  const { operation } = job.request;
  const document = withResult(editor.saved.value!, { job, pictures });
  editor.commit(document, {
    label: job.layerId === undefined ? operationNames[operation] : 'More variations',
  });
  editor.selectLayer(job.layerId ?? job.id);
  editor.mode.value = 'select';
  editor.margins.value = noMargins;
  refitPicture(editor);
  editor.isHintUsed.value = true;
  editor.status.value = doneWords(document, pictures);
}

function doneWords({ size }: PictureDocument, pictures: readonly JobPicture[]): string {
  const count = pictures.filter(({ role }) => role === 'picture').length;
  if (count > 1) return `Done: ${count} variations to choose from.`;
  return `Done: the picture is ${size.width} × ${size.height} pixels.`;
}

function tell(editor: EditorStore, task: JobTask, error: unknown): void {
  if (error instanceof ClientError) {
    if (error.code === 'cancelled') editor.status.value = 'Cancelled.';
    else editor.report(error, task);
    return;
  }
  // Pictures of hundreds of megabytes may not find room.
  if (!(error instanceof RangeError)) throw error;
  editor.report({ message: 'The result could not be put into the picture.', hint: error.message }, task);
}
