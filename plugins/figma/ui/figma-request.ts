/** What the panel's orders ask of the server, with the sizes and areas that a Figma file gives them. */
import type {
  ExpandRequest,
  GenerateRequest,
  ImageOutline,
  JobRequest,
  UpscaleRequest,
} from '../../../bridge/protocol/messages.ts';
import { ClientError } from '../../shared/client/client-error.ts';
import type { Order, TaskOutline } from '../../shared/panel/editor-host.ts';
import { type Bounds, boundsOf, type Margins, type Size } from '../../shared/picture/geometry.ts';
import { controlOutlines } from '../../shared/store/control-images.ts';
import { selectionOutlines, sentArea, sourceOutline } from '../../shared/store/sent-area.ts';
import type { ExpandSubject, FillSubject } from '../protocol/messages.ts';
import type { PlaceholderPlace } from '../protocol/place.ts';
import { expandScale, exportSize, marginPixels, maxImageSide } from '../protocol/scale.ts';
import { drawingSize } from './drawing-size.ts';

/** Figma takes PNG and JPEG files, and nothing that is not one. */
const output = { format: 'png' } as const;

export function fillRequest(order: Order): JobRequest {
  const { request } = order;
  const isMasked = request.operation === 'fill' || request.operation === 'remove';
  return isMasked ? { ...request, resultArea: 'mask', output } : { ...request, output };
}

/** Margins in pixels. */
export function expandRequest({ request }: Order, { left, top, right, bottom }: Margins): JobRequest {
  return { ...(request as ExpandRequest), left, top, right, bottom, output };
}

export function varyRequest({ request }: Order): JobRequest {
  return { ...request, output };
}

/** As much larger as Figma can take: where the factor is too large for that, a size. */
export function upscaleRequest({ request }: Order, image: Size | undefined): JobRequest {
  const { scale, width: _width, height: _height, ...others } = request as UpscaleRequest;
  const side = image === undefined ? 0 : Math.max(image.width, image.height);
  const wanted = scale ?? maxImageSide / Math.max(side, 1);
  if (image === undefined || side * wanted <= maxImageSide) return { ...others, scale: wanted, output };
  const factor = maxImageSide / side;
  const width = Math.round(image.width * factor);
  const height = Math.round(image.height * factor);
  return { ...others, width, height, output };
}

/** What is said of an image that could not become as large as was asked. */
export function upscaleNote({ request }: Order, image: Size | undefined): string | undefined {
  const { scale } = request as UpscaleRequest;
  if (image === undefined || scale === undefined) return undefined;
  const side = Math.max(image.width, image.height);
  if (side * scale <= maxImageSide) return undefined;
  const factor = (maxImageSide / side).toFixed(1);
  return `Enlarged ${factor} times instead of ${scale}: Figma's images have ${maxImageSide} px a side at most.`;
}

export function generateRequest(
  { request, modelSide }: Pick<Order, 'request' | 'modelSide'>,
  size: Size | 'any-size',
): GenerateRequest & Size {
  const { width, height, ...others } = request as GenerateRequest;
  const isChosen = size === 'any-size' && width !== undefined && height !== undefined;
  return { ...others, ...(isChosen ? { width, height } : drawingSize(size, modelSide)), output };
}

/** All of a new picture: what is sent for its controls. */
export function drawnArea({ width, height }: Size): { readonly canvas: Size; readonly area: Bounds } {
  return { canvas: { width, height }, area: boundsOf({ width, height }) };
}

/** What a new picture would send. */
export function generateOutline(order: Order, size: Size | 'any-size'): readonly TaskOutline[] {
  const request = generateRequest(order, size);
  return [{ request, images: controlOutlines(request, drawnArea(request).area) }];
}

const seedRange = 2 ** 32;
/** A prime, so that the variations of one placeholder are not those of the next. */
const seedStep = 7_919;

/** A job for each placeholder; its name may add to the prompt, and each has seeds of its own. */
export function mockupRequests(
  order: Order,
  placeholders: readonly PlaceholderPlace[],
): readonly JobRequest[] {
  const { prompt, seed } = order.request as GenerateRequest;
  return placeholders.map((placeholder, index) => ({
    ...generateRequest(order, placeholder),
    prompt: placeholder.words === undefined ? prompt : `${prompt}, ${placeholder.words}`,
    ...(seed !== undefined && { seed: (seed + index * seedStep) % seedRange }),
  }));
}

/** What a fill would send. */
export function fillOutline(order: Order, { picture, maskBounds }: FillSubject): readonly TaskOutline[] {
  const { modelSide } = order;
  const request = fillRequest(order);
  const images = selectionOutlines(request, { selected: maskBounds, canvas: picture, modelSide });
  const area = sentArea(request, { selected: maskBounds, canvas: picture, modelSide });
  return [{ request, images: [...images, ...controlOutlines(request, area)], canvas: picture }];
}

/** What an expansion would send. */
export function expandOutline(order: Order, { size, density }: ExpandSubject): readonly TaskOutline[] {
  const margins = order.margins!;
  const scale = expandScale(size, { margins, density });
  const request = expandRequest(order, marginPixels(margins, scale));
  const canvas = exportSize(size, scale);
  const area = boundsOf(canvas);
  return [{ request, images: [sourceOutline(area), ...controlOutlines(request, area)], canvas }];
}

/** What something made of one image would send. */
export function imageOutline(request: JobRequest, size: Size): readonly TaskOutline[] {
  const image: ImageOutline = { ...sourceOutline(boundsOf(size)), format: 'png' };
  return [{ request, images: [image, ...controlOutlines(request, boundsOf(size))], canvas: size }];
}

/** Throws a `ClientError` for what Figma cannot take. */
export function requireImageSize({ width, height }: Size): void {
  if (Math.max(width, height) <= maxImageSide) return;
  throw new ClientError({
    code: 'image-too-large',
    message: `The result has ${width} × ${height} px; Figma's images have ${maxImageSide} px a side at most.`,
    hint: 'Enlarge it less, or use a smaller picture.',
  });
}
