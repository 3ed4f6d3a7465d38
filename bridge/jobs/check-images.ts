/** The announced pictures of a request, checked before any memory is taken for them. */
import { EngineError } from '../../engine/errors.ts';
import { bytesPerPixel } from '../protocol/formats.ts';
import type { Limits } from '../protocol/limits.ts';
import type {
  ControlField,
  ImageOutline,
  InputImage,
  InputRole,
  JobRequest,
  Operation,
} from '../protocol/messages.ts';
import { controlLabel } from './resolve-controls.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

const neededRoles: Record<Operation, readonly InputRole[]> = {
  fill: ['source', 'mask'],
  remove: ['source', 'mask'],
  expand: ['source'],
  upscale: ['source'],
  generate: [],
  vary: ['source'],
  'control-map': ['source'],
};

/**
 * One picture of every role that the operation needs, one for each control that names one, and no other; each within the
 * limits, those of controls as large as the source. Throws an `EngineError`.
 */
export function checkOutlines(request: JobRequest, images: readonly ImageOutline[], limits: Limits): void {
  const { operation } = request;
  const needed = neededRoles[operation];
  const own = images.filter(({ role }) => role !== 'control');
  const roles = own.map(({ role }) => role);
  if (roles.length !== needed.length || !needed.every((role) => roles.includes(role))) {
    throw new EngineError(
      'invalid-option',
      `Expected ${needed.map((role) => `one ${role}`).join(' and one ') || 'no image'} for ${operation}, received ${
        roles.join(', ') || 'no image'
      }.`,
    );
  }
  const sizes = new Map(own.map((image) => [image.role, sizeOf(image)]));
  for (const [role, size] of sizes) if (size !== undefined) checkSize(`the ${role}`, size, limits);
  const source = sizes.get('source');
  const mask = sizes.get('mask');
  if (source && mask && (source.width !== mask.width || source.height !== mask.height)) {
    throw new EngineError(
      'mask-mismatch',
      `Expected a mask of ${sizeText(source)} pixels, as the picture's, received ${sizeText(mask)}.`,
    );
  }
  checkControlImages(controlsOf(request), images, { source, limits });
}

/** The control images of a request, none where it has no controls. */
export function controlsOf(request: JobRequest): readonly ControlField[] {
  return ('controls' in request && request.controls) || [];
}

/** The picture that a control names, if it was sent. */
export function controlImageOf<Image extends ImageOutline>(
  { imageId }: Pick<ControlField, 'imageId'>,
  images: readonly Image[],
): Image | undefined {
  return images.find((image) => image.role === 'control' && image.imageId === imageId);
}

function checkControlImages(
  controls: readonly ControlField[],
  images: readonly ImageOutline[],
  { source, limits }: { readonly source: Size | undefined; readonly limits: Limits },
): void {
  const sent = images.filter(({ role }) => role === 'control');
  const stray = sent.find(({ imageId }) => !controls.some((control) => control.imageId === imageId));
  if (stray !== undefined) {
    throw new EngineError(
      'invalid-option',
      `Expected control images that the request's controls name, received "${stray.imageId}".`,
    );
  }
  for (const [index, control] of controls.entries()) {
    if (control.imageId === undefined) continue;
    const label = controlLabel(control, index);
    const image = controlImageOf(control, sent);
    if (image === undefined) {
      throw new EngineError(
        'invalid-image',
        `Expected the image "${control.imageId}" of ${label}, received none of that id.`,
        {
          hint: 'Send it again: a kept request says what a control was set to, its image is not kept with it.',
        },
      );
    }
    const size = sizeOf(image);
    if (size === undefined) continue;
    checkSize(`the image of ${label}`, size, limits);
    if (source === undefined || (size.width === source.width && size.height === source.height)) continue;
    throw new EngineError(
      'invalid-image',
      `Expected the image of ${label} to be ${sizeText(source)} pixels, as the picture, received ${sizeText(size)}.`,
      { hint: 'A control image lies over the picture: make it exactly as large.' },
    );
  }
}

/** What `checkOutlines` checks, and the bytes that are to come. */
export function checkImages(request: JobRequest, images: readonly InputImage[], limits: Limits): void {
  checkOutlines(request, images, limits);
  if (new Set(images.map(({ imageId }) => imageId)).size < images.length) {
    throw new EngineError('invalid-option', 'Expected an id of its own for every image, received one twice.');
  }
  for (const image of images) {
    const { role, format, byteLength } = image;
    const pixelBytes = bytesPerPixel(format);
    const size = sizeOf(image);
    if (pixelBytes === undefined || size === undefined) continue;
    const expected = size.width * size.height * pixelBytes;
    if (byteLength === expected) continue;
    throw new EngineError(
      'invalid-image',
      `Expected ${expected} bytes for the ${role} (${sizeText(size)} ${format}), received a length of ${byteLength}.`,
    );
  }
  const byteLength = images.reduce((total, image) => total + image.byteLength, 0);
  if (byteLength > limits.maxUploadBytes) {
    throw new EngineError(
      'image-too-large',
      `Expected ${limits.maxUploadBytes} bytes of images at most, received ${byteLength}.`,
    );
  }
}

/** Throws `image-too-large`. `what` names the picture in the message. */
export function checkSize(what: string, { width, height }: Size, limits: Limits): void {
  const { maxImageSide, maxImagePixels } = limits;
  if (width > maxImageSide || height > maxImageSide || width * height > maxImagePixels) {
    throw new EngineError(
      'image-too-large',
      `Expected ${what} to have sides of ${maxImageSide} pixels at most and ${maxImagePixels} pixels in all, received ${width} × ${height}.`,
    );
  }
}

/** The announced size; undefined for an encoded picture without one. Throws `invalid-image` for a raw one without. */
export function sizeOf({ role, format, width, height }: ImageOutline): Size | undefined {
  if (width !== undefined && height !== undefined) return { width, height };
  if (bytesPerPixel(format) === undefined) return undefined;
  throw new EngineError(
    'invalid-image',
    `Expected \`width\` and \`height\` for the ${role}, which is raw (${format}), received ${width} and ${height}.`,
  );
}

function sizeText({ width, height }: Size): string {
  return `${width} × ${height}`;
}
