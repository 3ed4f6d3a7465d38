/** The entry of the worker that `blur-mask.ts` starts: one mask, blurred. */
import { blurPlane } from '../document/blur.ts';
import type { BlurTask } from './blur-mask.ts';

addEventListener('message', ({ data: { mask, size, radiusPx } }: MessageEvent<BlurTask>) => {
  const blurred = blurPlane(mask, size, radiusPx);
  postMessage(blurred, { transfer: [blurred.buffer] });
});
