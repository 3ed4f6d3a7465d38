/** Opens and makes picture files, in a worker of their own each, so that the page goes on meanwhile. */
import type { LayeredPicture } from '../../shared/psd/layered-picture.ts';
import type { Raster } from '../document/raster.ts';
import {
  type EncodeOptions,
  PictureFileError,
  type PictureFileReply,
  type PictureFileTask,
  type PictureLimits,
} from './picture-file-types.ts';

/** Where the server has it; build.ts makes it of `picture-file-worker.ts`. */
const workerUrl = '/canvas/picture-file-worker.js';

/**
 * Reads a picture file: upright by its EXIF orientation, in sRGB, PNG with transparency bit for bit.
 *
 * @throws PictureFileError when it is no picture, cannot be read here, is damaged or exceeds `limits`.
 */
export async function openPicture(file: Blob, limits: PictureLimits): Promise<Raster> {
  const reply = await inWorker({ type: 'open', file, limits });
  if (reply.type !== 'opened') throw unexpected(reply);
  return reply.raster;
}

/**
 * Encodes a picture as a file. PNG keeps every byte, alpha included. JPEG has no transparency: it is laid on white.
 *
 * @param raster Taken over: its bytes are gone afterwards.
 * @throws PictureFileError when the browser cannot write the format or a picture of this size.
 */
export async function savePicture(raster: Raster, options: EncodeOptions): Promise<Blob> {
  const reply = await inWorker({ type: 'save', raster, options }, [raster.data.buffer]);
  if (reply.type !== 'saved') throw unexpected(reply);
  return reply.blob;
}

/**
 * Writes a picture with its layers as a PSD file.
 *
 * @param picture Its composite, over a whole buffer, is taken over: its bytes are gone afterwards.
 * @throws PictureFileError when it is larger than the format.
 */
export async function saveLayers(picture: LayeredPicture): Promise<Blob> {
  const reply = await inWorker({ type: 'save-layers', picture }, [picture.composite.buffer as ArrayBuffer]);
  if (reply.type !== 'saved') throw unexpected(reply);
  return reply.blob;
}

async function inWorker(
  task: PictureFileTask,
  transfer: readonly ArrayBuffer[] = [],
): Promise<PictureFileReply> {
  const worker = new Worker(workerUrl, { type: 'module' });
  try {
    return await new Promise<PictureFileReply>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<PictureFileReply>) => resolve(data);
      worker.onerror = () => reject(workerError());
      worker.onmessageerror = () => reject(workerError());
      worker.postMessage(task, [...transfer]);
    });
  } finally {
    worker.terminate();
  }
}

/** It could not be loaded, or was ended for taking too much memory. */
function workerError(): PictureFileError {
  return new PictureFileError(
    'no-worker',
    'The browser could not work on this picture.',
    'Close other tabs to free memory, check that Inlay is running, and try again.',
  );
}

function unexpected(reply: PictureFileReply): Error {
  if (reply.type !== 'failed') return new Error(`Expected another reply of the worker than "${reply.type}"`);
  const { code, message, hint } = reply;
  return code === undefined ? new Error(message) : new PictureFileError(code, message, hint);
}
