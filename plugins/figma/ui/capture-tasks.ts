/** The jobs of an order, made of what main has captured. */

import type { JobRequest } from '../../../bridge/protocol/messages.ts';
import { controlJobImages } from '../../shared/browser/control-job-images.ts';
import { drawableOf as bitmapDrawable, type Drawable } from '../../shared/browser/control-pictures.ts';
import { ClientError } from '../../shared/client/client-error.ts';
import type { JobImage } from '../../shared/client/client-job.ts';
import type { Order, Task } from '../../shared/panel/editor-host.ts';
import { boundsOf, isEmpty, type Size } from '../../shared/picture/geometry.ts';
import { controlImageIds } from '../../shared/store/control-images.ts';
import { frameSource } from '../../shared/store/controls.ts';
import { maskOutline, sentArea, sourceOutline } from '../../shared/store/sent-area.ts';
import type { Captured, ImageId } from '../protocol/messages.ts';
import { touchedPixels } from '../protocol/pixel-grid.ts';
import { pngSize } from '../protocol/png-size.ts';
import {
  drawnArea,
  expandRequest,
  fillRequest,
  generateRequest,
  mockupRequests,
  upscaleRequest,
  varyRequest,
} from './figma-request.ts';
import { FollowedLayers } from './followed-layers.ts';
import { maskedBounds, maskIn, masksAll } from './mask-area.ts';
import { decodeImage, readMask, readPixels } from './pixels.ts';

export interface CaptureOptions {
  readonly order: Order;
  readonly takeImage: (imageId: ImageId) => Promise<Uint8Array>;
  /** Of a file that a control follows. */
  readonly drawableOf: (imageId: string) => Drawable | undefined;
}

export async function captureTasks(captured: Captured, options: CaptureOptions): Promise<readonly Task[]> {
  const layers = await FollowedLayers.take(captured.layers ?? [], options.takeImage);
  try {
    const drawableOf = (imageId: string, canvas: Size) =>
      layers.drawable(imageId, canvas) ?? options.drawableOf(imageId);
    return await tasksOf(captured, { ...options, drawableOf });
  } finally {
    layers.close();
  }
}

interface TaskOptions extends Omit<CaptureOptions, 'drawableOf'> {
  /** Of a layer or file, to be laid over a canvas of this size. */
  readonly drawableOf: (imageId: string, canvas: Size) => Drawable | undefined;
}

async function tasksOf(captured: Captured, options: TaskOptions): Promise<readonly Task[]> {
  const { order, takeImage } = options;
  switch (captured.kind) {
    case 'fill':
      return [await fillTask(captured, options)];
    case 'expand':
      return [await expandTask(captured, options)];
    case 'image': {
      const { imageSize } = captured.place;
      const request = order.operation === 'upscale' ? upscaleRequest(order, imageSize) : varyRequest(order);
      const bytes = await takeImage(captured.picture);
      return [
        { request, images: [await fileImage(bytes), ...(await fileControls(request, bytes, options))] },
      ];
    }
    case 'generate': {
      const request = generateRequest(order, captured.size);
      return [{ request, images: await controlJobImages(request, { ...drawnArea(request), ...options }) }];
    }
    case 'sketch':
      return [await sketchTask(captured, options)];
    case 'mockup':
      return mockupRequests(order, captured.place.placeholders).map((request) => ({ request, images: [] }));
  }
}

/** As much of the picture as the engine will look at, and what of it is masked. */
async function fillTask(
  captured: Extract<Captured, { readonly kind: 'fill' }>,
  { order, takeImage, drawableOf }: TaskOptions,
): Promise<Task> {
  const request = fillRequest(order);
  const picture = await decodeImage(await takeImage(captured.picture));
  const maskImage = await decodeImage(await takeImage(captured.mask));
  try {
    const canvas = boundsOf(picture);
    const { maskBox: box, maskChannel: channel } = captured;
    const maskArea = touchedPixels(box, canvas);
    if (isEmpty(maskArea)) throw emptyMaskError();
    const mask = { area: maskArea, values: await readMask({ image: maskImage, box, channel }, maskArea) };
    const selected = maskedBounds(mask);
    if (selected === undefined) throw emptyMaskError();
    if (masksAll(mask, canvas)) throw wholeMaskError();
    const area = sentArea(request, { selected, canvas, modelSide: order.modelSide });
    const source: JobImage = { ...sourceOutline(area), bytes: await readPixels(picture, area) };
    const own = [source, { ...maskOutline(area), bytes: maskIn(mask, area) }];
    return { request, images: [...own, ...(await controlJobImages(request, { canvas, area, drawableOf }))] };
  } finally {
    picture.close();
    maskImage.close();
  }
}

/** The file as it is, unless only a part of it is wanted. */
async function expandTask(
  { place, picture, inner }: Extract<Captured, { readonly kind: 'expand' }>,
  options: TaskOptions,
): Promise<Task> {
  const { order, takeImage } = options;
  const request = expandRequest(order, place.margins);
  const bytes = await takeImage(picture);
  if (inner === undefined) {
    return { request, images: [await fileImage(bytes), ...(await fileControls(request, bytes, options))] };
  }
  const image = await decodeImage(bytes);
  try {
    const area = { ...inner, left: 0, top: 0 };
    const source: JobImage = { ...sourceOutline(area), bytes: await readPixels(image, inner) };
    const controls = await controlJobImages(request, { canvas: area, area, drawableOf: options.drawableOf });
    return { request, images: [source, ...controls] };
  } finally {
    image.close();
  }
}

/** The frame is what the picture follows. */
async function sketchTask(
  { size, frame }: Extract<Captured, { readonly kind: 'sketch' }>,
  { order, takeImage, drawableOf }: TaskOptions,
): Promise<Task> {
  const request = generateRequest(order, size);
  const image = await decodeImage(await takeImage(frame));
  try {
    const drawn = bitmapDrawable(image);
    const images = await controlJobImages(request, {
      ...drawnArea(request),
      drawableOf: (imageId, canvas) => (imageId === frameSource.id ? drawn : drawableOf(imageId, canvas)),
    });
    return { request, images };
  } finally {
    image.close();
  }
}

/** What layers and files add to a job on all of a picture. */
async function fileControls(
  request: JobRequest,
  picture: Uint8Array,
  { drawableOf }: TaskOptions,
): Promise<readonly JobImage[]> {
  if (controlImageIds(request).length === 0) return [];
  const image = await decodeImage(picture);
  const canvas = boundsOf(image);
  image.close();
  return await controlJobImages(request, { canvas, area: canvas, drawableOf });
}

/** Files that the server reads go as they are; others, e.g. GIF, as pixels. */
async function fileImage(bytes: Uint8Array): Promise<JobImage> {
  const size = pngSize(bytes);
  if (size !== undefined) return { role: 'source', format: 'png', ...size, left: 0, top: 0, bytes };
  if (isJpeg(bytes)) return { role: 'source', format: 'jpeg', left: 0, top: 0, bytes };
  const image = await decodeImage(bytes);
  try {
    const area = boundsOf(image);
    return { ...sourceOutline(area), bytes: await readPixels(image, area) };
  } finally {
    image.close();
  }
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

function emptyMaskError(): ClientError {
  return new ClientError({
    code: 'empty-mask',
    message: 'The shape shows nothing over the picture.',
    hint: 'Give it a fill, or move it over what is to be replaced.',
  });
}

function wholeMaskError(): ClientError {
  return new ClientError({
    code: 'whole-mask',
    message: 'The shape covers all of the picture, and nothing is left to make something from.',
    hint: 'Make the shape smaller, or use “Generate” to draw a new picture.',
  });
}
