/** The jobs of an order, made of what main has captured. */

import { ClientError } from '../../shared/client/client-error.ts';
import type { JobImage } from '../../shared/client/client-job.ts';
import type { Order, Task } from '../../shared/panel/editor-host.ts';
import { boundsOf, isEmpty } from '../../shared/picture/geometry.ts';
import { maskOutline, sentArea, sourceOutline } from '../../shared/store/sent-area.ts';
import type { Captured, ImageId } from '../protocol/messages.ts';
import { touchedPixels } from '../protocol/pixel-grid.ts';
import { pngSize } from '../protocol/png-size.ts';
import {
  expandRequest,
  fillRequest,
  generateRequest,
  mockupRequests,
  upscaleRequest,
  varyRequest,
} from './figma-request.ts';
import { maskedBounds, maskIn, masksAll } from './mask-area.ts';
import { decodeImage, readMask, readPixels } from './pixels.ts';

export interface CaptureOptions {
  readonly order: Order;
  readonly takeImage: (imageId: ImageId) => Promise<Uint8Array>;
}

export async function captureTasks(captured: Captured, options: CaptureOptions): Promise<readonly Task[]> {
  const { order, takeImage } = options;
  switch (captured.kind) {
    case 'fill':
      return [await fillTask(captured, options)];
    case 'expand':
      return [await expandTask(captured, options)];
    case 'image': {
      const { imageSize } = captured.place;
      const request = order.operation === 'upscale' ? upscaleRequest(order, imageSize) : varyRequest(order);
      return [{ request, images: [await fileImage(await takeImage(captured.picture))] }];
    }
    case 'generate':
      return [{ request: generateRequest(order, captured.size), images: [] }];
    case 'mockup':
      return mockupRequests(order, captured.place.placeholders).map((request) => ({ request, images: [] }));
  }
}

/** As much of the picture as the engine will look at, and what of it is masked. */
async function fillTask(
  captured: Extract<Captured, { readonly kind: 'fill' }>,
  { order, takeImage }: CaptureOptions,
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
    return { request, images: [source, { ...maskOutline(area), bytes: maskIn(mask, area) }] };
  } finally {
    picture.close();
    maskImage.close();
  }
}

/** The file as it is, unless only a part of it is wanted. */
async function expandTask(
  { place, picture, inner }: Extract<Captured, { readonly kind: 'expand' }>,
  { order, takeImage }: CaptureOptions,
): Promise<Task> {
  const request = expandRequest(order, place.margins);
  const bytes = await takeImage(picture);
  if (inner === undefined) return { request, images: [await fileImage(bytes)] };
  const image = await decodeImage(bytes);
  try {
    const outline = sourceOutline({ ...inner, left: 0, top: 0 });
    return { request, images: [{ ...outline, bytes: await readPixels(image, inner) }] };
  } finally {
    image.close();
  }
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
