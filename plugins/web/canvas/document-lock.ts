/** Which of the browser's tabs the stored document belongs to: there is room for one, and the last to save would win. */

const lockName = 'inlay.document';
/** A page that is loaded again may be there before the one that it replaces has let go. */
const patienceMs = 500;

/** Takes the stored document for this tab, until it is closed. False: another tab has it. */
export async function claimStoredDocument(): Promise<boolean> {
  // Only pages that came over plain HTTP from another computer have none; then nobody can tell the tabs apart.
  if (!('locks' in navigator)) return true;
  return new Promise((resolve) => {
    const held = navigator.locks.request(
      lockName,
      { signal: AbortSignal.timeout(patienceMs) },
      () =>
        new Promise<never>(() => {
          resolve(true);
        }),
    );
    held.catch(() => resolve(false));
  });
}
