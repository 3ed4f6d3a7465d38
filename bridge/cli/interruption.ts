import { exitCodes } from './exit-codes.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** `npm start` passes a Ctrl-C on that the terminal has sent to us as well: the same one, not a second. */
const sameSignalMs = 300;
/** How often is looked whether npm, which started us, is still there. */
const parentCheckMs = 500;

/**
 * Runs `work` with a signal that aborts at Ctrl-C, SIGTERM, when the terminal closes, or when the npm that started us is
 * gone; at a second Ctrl-C, ends at once.
 */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  let abortedAt = 0;
  const onSignal = () => {
    if (!controller.signal.aborted) {
      abortedAt = performance.now();
      controller.abort();
    } else if (performance.now() - abortedAt > sameSignalMs) process.exit(exitCodes.cancelled);
  };
  for (const name of signals) process.on(name, onSignal);
  const stopWatching = watchNpm(() => controller.abort());
  try {
    return await work(controller.signal);
  } finally {
    stopWatching();
    for (const name of signals) process.off(name, onSignal);
  }
}

/** npm, ended by a signal, ends its shell and not what runs in it: the shell's end is then the only sign. */
function watchNpm(onGone: () => void): () => void {
  if (process.env.npm_lifecycle_event === undefined) return () => {};
  const { ppid } = process;
  const timer = setInterval(() => {
    if (process.ppid !== ppid) onGone();
  }, parentCheckMs);
  return () => clearInterval(timer);
}

/** The promise's outcome, or at once the signal's reason when it aborts before. */
export function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
