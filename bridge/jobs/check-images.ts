/** The announced pictures of a request, checked before any memory is taken for them. */
import { EngineError } from '../../engine/errors.ts';
import { bytesPerPixel } from '../protocol/formats.ts';
import type { ImageOutline, InputImage, InputRole, Limits, Operation } from '../protocol/messages.ts';

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
};

/** One picture of every role that the operation needs and no other, each within the limits. Throws an `EngineError`. */
export function checkOutlines(operation: Operation, images: readonly ImageOutline[], limits: Limits): void {
  const needed = neededRoles[operation];
  const roles = images.map(({ role }) => role);
  if (roles.length !== needed.length || !needed.every((role) => roles.includes(role))) {
    throw new EngineError(
      'invalid-option',
      `Expected ${needed.map((role) => `one ${role}`).join(' and one ') || 'no image'} for ${operation}, received ${
        roles.join(', ') || 'no image'
      }.`,
    );
  }
  const sizes = new Map(images.map((image) => [image.role, sizeOf(image)]));
  for (const [role, size] of sizes) if (size !== undefined) checkSize(`the ${role}`, size, limits);
  const source = sizes.get('source');
  const mask = sizes.get('mask');
  if (source && mask && (source.width !== mask.width || source.height !== mask.height)) {
    throw new EngineError(
      'mask-mismatch',
      `Expected a mask of ${sizeText(source)} pixels, as the picture's, received ${sizeText(mask)}.`,
    );
  }
}

/** What `checkOutlines` checks, and the bytes that are to come. */
export function checkImages(operation: Operation, images: readonly InputImage[], limits: Limits): void {
  checkOutlines(operation, images, limits);
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
