/** Pictures with layers as PSD files, by ag-psd. The only file that knows it. */
import { type Layer, type LayerMaskData, type Psd, writePsdUint8Array } from 'ag-psd';
import type { Bounds } from '../picture/geometry.ts';
import type { LayeredPicture, LayerMask, LayerNode, PixelLayer } from './layered-picture.ts';

/** The longest side that the format has (a PSB's are longer). */
export const maxPsdSide = 30_000;
/** Of all pixels before they are packed: Photoshop reads PSD files of up to 2 GiB. */
export const maxPsdBytes = 2 ** 31;

/** The picture is larger than the format: how much, in a sentence for people. */
export class PsdLimitError extends Error {
  override readonly name = 'PsdLimitError';
}

/**
 * Writes a PSD file: RGB, 8 bits a channel, each layer packed by run length.
 *
 * @throws PsdLimitError when the picture is larger than the format; RangeError when a layer's pixels or mask are not of its
 * bounds.
 */
export function writePsd(picture: LayeredPicture): Uint8Array<ArrayBuffer> {
  const { width, height, children, composite, pixelsPerInch } = picture;
  assertFits(picture);
  assertLength(composite, { name: 'the whole picture', bounds: { width, height }, channels: 4 });
  const psd: Psd = {
    width,
    height,
    children: children.map(psdLayer),
    imageData: pixels(composite, { width, height }),
    ...(pixelsPerInch !== undefined && { imageResources: { resolutionInfo: resolution(pixelsPerInch) } }),
  };
  // The bottom layer stays one that can be moved and masked, also where it has no transparent pixel.
  return writePsdUint8Array(psd, { noBackground: true }) as Uint8Array<ArrayBuffer>;
}

function psdLayer(node: LayerNode): Layer {
  const { name, opacity, isVisible, mask } = node;
  const look: Layer = { name, opacity, hidden: !isVisible, ...(mask && { mask: psdMask(mask, name) }) };
  if (node.type === 'group') return { ...look, opened: true, children: node.children.map(psdLayer) };
  const { left, top, width, height } = node.bounds;
  assertLength(node.rgba, { name: `layer "${name}"`, bounds: node.bounds, channels: 4 });
  return { ...look, left, top, ...(width * height > 0 && { imageData: pixels(node.rgba, node.bounds) }) };
}

function psdMask({ bounds, values, outside, isEnabled }: LayerMask, layerName: string): LayerMaskData {
  const { left, top, width, height } = bounds;
  assertLength(values, { name: `the mask of layer "${layerName}"`, bounds, channels: 1 });
  const look: LayerMaskData = { left, top, defaultColor: outside, disabled: !isEnabled };
  if (width * height === 0) return look;
  // A mask goes in as a grey picture.
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < values.length; i++) rgba.fill(values[i]!, i * 4, i * 4 + 3);
  return { ...look, imageData: { data: rgba, width, height } };
}

function pixels(
  rgba: PixelLayer['rgba'],
  { width, height }: { readonly width: number; readonly height: number },
): { data: Uint8ClampedArray; width: number; height: number } {
  const data = new Uint8ClampedArray(rgba.buffer, rgba.byteOffset, rgba.length);
  return { data, width, height };
}

function resolution(pixelsPerInch: number) {
  return {
    horizontalResolution: pixelsPerInch,
    horizontalResolutionUnit: 'PPI',
    widthUnit: 'Inches',
    verticalResolution: pixelsPerInch,
    verticalResolutionUnit: 'PPI',
    heightUnit: 'Inches',
  } as const;
}

function assertFits({ width, height, children }: LayeredPicture): void {
  if (Math.max(width, height) > maxPsdSide) {
    throw new PsdLimitError(
      `A PSD file has at most ${maxPsdSide} pixels a side; the picture is ${width} × ${height}.`,
    );
  }
  const bytes = children.reduce((sum, node) => sum + byteLength(node), width * height * 4);
  if (bytes > maxPsdBytes) {
    const gigabytes = (bytes / 2 ** 30).toFixed(1);
    throw new PsdLimitError(
      `A PSD file holds at most ${maxPsdBytes / 2 ** 30} GB of pixels; the picture with its layers has ${gigabytes} GB.`,
    );
  }
}

function byteLength(node: LayerNode): number {
  const own = node.mask?.values.length ?? 0;
  if (node.type === 'layer') return own + node.rgba.length;
  return node.children.reduce((sum, child) => sum + byteLength(child), own);
}

function assertLength(
  bytes: { readonly length: number },
  {
    name,
    bounds,
    channels,
  }: { readonly name: string; readonly bounds: Pick<Bounds, 'width' | 'height'>; readonly channels: number },
): void {
  const expected = bounds.width * bounds.height * channels;
  if (bytes.length === expected) return;
  throw new RangeError(`Expected ${expected} bytes for ${name}, received ${bytes.length}`);
}
