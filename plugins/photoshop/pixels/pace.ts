/** Long loops over pixels, cut up so that Photoshop's thread, which is ours too, is never held for long. */

/** After so long the thread is given back, well below the 50 ms that a person would feel. */
const maxHoldMs = 12;
/** Samples that are worked on between two looks at the clock: some 10 ms at the slowest, those of 32 bits. */
const samplesInSlice = 2 ** 16;

/**
 * Calls `work` for one range of rows after the other, [from, to), from the top.
 *
 * @param options `rowSamples`: what a row takes, to tell how many make a slice.
 */
export async function inSlices(
  rows: number,
  work: (from: number, to: number) => void,
  { rowSamples }: { readonly rowSamples: number },
): Promise<void> {
  const rowsInSlice = Math.max(1, Math.floor(samplesInSlice / Math.max(1, rowSamples)));
  let heldSince = Date.now();
  for (let from = 0; from < rows; from += rowsInSlice) {
    if (Date.now() - heldSince >= maxHoldMs) {
      await nextTask();
      heldSince = Date.now();
    }
    work(from, Math.min(rows, from + rowsInSlice));
  }
}

/** Lets Photoshop do what waits. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
