/** Which of the browser's tabs the stored document belongs to: there is room for one, and the last to save would win. */

const lockName = 'inlay.document';
/** Tabs ask on it whether another keeps the document, and the one that does says so. */
const channelName = 'inlay.document';
type Word = 'who-keeps' | 'i-keep';
/** For a tab that keeps the document, and hangs. No other answer takes as long, however busy the machine is. */
const patienceMs = 20_000;

/**
 * Takes the stored document for this tab, until it is closed. False: another tab has it, and has said so. A page that this
 * one replaces by a reload may still hold it, but says nothing any more: then it is waited for.
 */
export async function claimStoredDocument(): Promise<boolean> {
  // Only pages that came over plain HTTP from another computer have none; then nobody can tell the tabs apart.
  if (!('locks' in navigator)) return true;
  const channel = new BroadcastChannel(channelName);
  const say = (word: Word) => channel.postMessage(word);
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), patienceMs);
  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if (data === 'i-keep') waiting.abort();
  };
  const isKept = await new Promise<boolean>((resolve) => {
    const held = navigator.locks.request(
      lockName,
      { signal: waiting.signal },
      () =>
        new Promise<never>(() => {
          resolve(true);
        }),
    );
    held.catch(() => resolve(false));
    say('who-keeps');
  });
  clearTimeout(timer);
  if (!isKept) {
    channel.close();
    return false;
  }
  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if (data === 'who-keeps') say('i-keep');
  };
  // Those that asked before there was anyone to answer.
  say('i-keep');
  return true;
}
