/** Blurs large masks in a worker, so that the page goes on meanwhile. */
import type { Size } from '../../shared/picture/geometry.ts';

/** Where the server has it; build.ts makes it of `blur-worker.ts`. */
const workerUrl = '/canvas/blur-worker.js';

export interface BlurTask {
  readonly mask: Uint8Array<ArrayBuffer>;
  readonly size: Size;
  readonly radiusPx: number;
}

/**
 * As `blurPlane`. @param task Its mask is taken over: its bytes are gone afterwards.
 * @throws Error when the browser has no room for it.
 */
export async function blurMask(task: BlurTask): Promise<Uint8Array<ArrayBuffer>> {
  const worker = new Worker(workerUrl, { type: 'module' });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Uint8Array<ArrayBuffer>>) => resolve(data);
      worker.onerror = () => reject(new Error('The browser could not blur the selection.'));
      worker.postMessage(task, [task.mask.buffer]);
    });
  } finally {
    worker.terminate();
  }
}
