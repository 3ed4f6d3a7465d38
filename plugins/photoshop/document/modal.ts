/** Photoshop's modal scopes: the only time in which a document may be read or changed, and nobody else may. */
import { ClientError } from '../../shared/client/client-error.ts';
import type { ModalContext, PhotoshopCore } from '../api/photoshop.ts';
import { nextTask } from '../pixels/pace.ts';

/** What `executeAsModal` rejects with while another plugin, a dialog or an unfinished edit holds Photoshop. */
const busyErrorNumber = 9;

/** Waits between the tries: some 4 s for the impatient, who have just pressed a button. */
export const captureDelaysMs: readonly number[] = [100, 250, 500, 1_000, 2_000];
/** Half a minute for a result that took longer than that to make. */
export const insertDelaysMs: readonly number[] = [...captureDelaysMs, 4_000, 8_000, 16_000];

export interface ModalOptions {
  /** What Photoshop says that it is doing. */
  readonly commandName: string;
  readonly delaysMs: readonly number[];
}

/**
 * Runs `work` while nothing else can touch a document. Tries again for as long as something else does, and rejects with a
 * `ClientError`: `editor-busy` after that, `stopped` where the user has pressed Escape.
 */
export async function inModalScope<Value>(
  core: PhotoshopCore,
  { commandName, delaysMs }: ModalOptions,
  work: (context: ModalContext) => Promise<Value>,
): Promise<Value> {
  const stoppable = async (context: ModalContext) => {
    try {
      return await work(context);
    } catch (error) {
      // Photoshop itself refuses everything from then on, in words of its own.
      throwIfStopped(context);
      throw error;
    }
  };
  for (const delayMs of delaysMs) {
    try {
      return await core.executeAsModal(stoppable, { commandName });
    } catch (error) {
      if (!isBusy(error)) throw error;
    }
    await after(delayMs);
  }
  try {
    return await core.executeAsModal(stoppable, { commandName });
  } catch (error) {
    if (!isBusy(error)) throw error;
    throw new ClientError({
      code: 'editor-busy',
      message: 'Photoshop is in the middle of something else.',
      hint: 'Finish or cancel what is open in Photoshop (a dialog, a transformation, text that is being typed, another plugin), then try again.',
    });
  }
}

/** Runs `work` as one step of the document's history; of a failure nothing is left in the document. */
export async function asHistoryStep<Value>(
  { hostControl }: ModalContext,
  { documentId, name }: { readonly documentId: number; readonly name: string },
  work: () => Promise<Value>,
): Promise<Value> {
  return suspended(hostControl, { documentId, name, isKept: true }, work);
}

/** Runs `work` and takes back whatever it has changed: only its value stays. */
export async function withoutTrace<Value>(
  { hostControl }: ModalContext,
  { documentId, name }: { readonly documentId: number; readonly name: string },
  work: () => Promise<Value>,
): Promise<Value> {
  return suspended(hostControl, { documentId, name, isKept: false }, work);
}

async function suspended<Value>(
  hostControl: ModalContext['hostControl'],
  {
    documentId,
    name,
    isKept,
  }: { readonly documentId: number; readonly name: string; readonly isKept: boolean },
  work: () => Promise<Value>,
): Promise<Value> {
  const suspension = await hostControl.suspendHistory({ documentID: documentId, name });
  let value: Value;
  try {
    value = await work();
  } catch (error) {
    // What went wrong first is what is told. Photoshop takes back by itself what is still suspended after a failure.
    await hostControl.resumeHistory(suspension, false).catch(() => {});
    throw error;
  }
  // Photoshop loses a step that is closed in the same turn as its last change.
  await nextTask();
  await hostControl.resumeHistory(suspension, isKept);
  return value;
}

/** The user has pressed Escape while Photoshop showed the progress of `work`. */
export function throwIfStopped({ isCancelled }: ModalContext): void {
  if (!isCancelled) return;
  throw new ClientError({
    code: 'stopped',
    message: 'It was stopped with Escape while Photoshop was at it.',
    hint: 'The document is as it was before. Try again when you want it.',
  });
}

function isBusy(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'number' in error && error.number === busyErrorNumber;
}

function after(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
}
