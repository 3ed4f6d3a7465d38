/** Tells when something else may be open or selected in Photoshop. */
import type { Photoshop } from '../api/photoshop.ts';
import { activeDocumentOf } from './document-state.ts';

const events = [
  'select',
  'set',
  'make',
  'delete',
  'move',
  'open',
  'close',
  'historyStateChanged',
  'modalJavaScriptScopeExit',
];

/** Some changes are told late, or not at all: undoing one, for example. */
const pollIntervalMs = 400;
/** A command is told with several events at once. */
const settleMs = 30;

/** Tells for the first time soon, but not at once: a plugin is loaded before anything is asked of Photoshop. @returns What ends it. */
export function watchPhotoshop(photoshop: Photoshop, onChange: () => void): () => void {
  let isStopped = false;
  let settling: ReturnType<typeof setTimeout> | undefined;
  let lastSeen: string | undefined;
  const settle = () => {
    if (isStopped || settling !== undefined) return;
    settling = setTimeout(() => {
      settling = undefined;
      lastSeen = whatIsSeen(photoshop);
      onChange();
    }, settleMs);
  };
  settle();
  // Without events the poll is left.
  photoshop.action.addNotificationListener(events, settle).catch(() => {});
  const poll = setInterval(() => {
    if (whatIsSeen(photoshop) !== lastSeen) settle();
  }, pollIntervalMs);
  return () => {
    isStopped = true;
    clearInterval(poll);
    clearTimeout(settling);
  };
}

/** As little as tells that something has changed. */
function whatIsSeen({ app, core }: Photoshop): string | undefined {
  try {
    // While it is modal, nothing that the user does is of interest, and asking holds up whoever is at work.
    if (core.isModal()) return undefined;
    const document = activeDocumentOf(app);
    return document === undefined ? 'none' : `${document.id} ${document.activeHistoryState.id}`;
  } catch {
    // It was closed in this very moment.
    return undefined;
  }
}
