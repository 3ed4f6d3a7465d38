/** The entry of the worker that `picture-file.ts` starts: one task, one reply. */
import { encodeLayers } from './layered-file.ts';
import { decodePicture, encodePicture } from './picture-codec.ts';
import { PictureFileError, type PictureFileReply, type PictureFileTask } from './picture-file-types.ts';

addEventListener('message', async ({ data: task }: MessageEvent<PictureFileTask>) => {
  try {
    await perform(task);
  } catch (error) {
    const { message } = error as Error;
    const known = error instanceof PictureFileError ? { code: error.code, hint: error.hint } : { hint: '' };
    reply({ type: 'failed', message, ...known });
  }
});

async function perform(task: PictureFileTask): Promise<void> {
  if (task.type === 'save') {
    reply({ type: 'saved', blob: await encodePicture(task.raster, task.options) });
    return;
  }
  if (task.type === 'save-layers') {
    reply({ type: 'saved', blob: await encodeLayers(task.picture) });
    return;
  }
  const raster = await decodePicture(task.file, task.limits);
  reply({ type: 'opened', raster }, [raster.data.buffer]);
}

/** The worker's `postMessage`, which takes no origin as a window's does. */
function reply(message: PictureFileReply, transfer: readonly ArrayBuffer[] = []): void {
  postMessage(message, { transfer: [...transfer] });
}
