/** Where in an image the points of a node are, by the fill's scale mode, and what colour is there. */
import type { ImagePaint } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import sharp from 'sharp';
import type { LayerSize } from './layer.ts';
import { apply, identity, type Point } from './transform.ts';

/** Straight RGBA. */
export interface DecodedImage extends LayerSize {
  readonly data: Uint8Array;
}

type Pixel = readonly [red: number, green: number, blue: number, alpha: number];

const decoded = new WeakMap<Uint8Array, Promise<DecodedImage>>();

export function decodeImage(bytes: Uint8Array): Promise<DecodedImage> {
  const known = decoded.get(bytes);
  if (known !== undefined) return known;
  const decoding = sharp(bytes)
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
    .then(({ data, info: { width, height } }) => ({ data, width, height }));
  decoded.set(bytes, decoding);
  return decoding;
}

/** From a point of the node, in its own units, to one of the image, in pixels. */
export function imagePlacement(
  { scaleMode, imageTransform = identity, scalingFactor = 1, rotation = 0 }: ImagePaint,
  image: LayerSize,
  node: LayerSize,
): (point: Point) => Point {
  if (rotation !== 0) throw new Error('not modelled: the rotation of an image fill');
  const ratios = [node.width / image.width, node.height / image.height] as const;
  switch (scaleMode) {
    case 'CROP':
      return ({ x, y }) => {
        const place = apply(imageTransform, { x: x / node.width, y: y / node.height });
        return { x: place.x * image.width, y: place.y * image.height };
      };
    case 'TILE':
      return ({ x, y }) => ({
        x: (x / scalingFactor) % image.width,
        y: (y / scalingFactor) % image.height,
      });
    default: {
      const scale = scaleMode === 'FILL' ? Math.max(...ratios) : Math.min(...ratios);
      const left = (node.width - image.width * scale) / 2;
      const top = (node.height - image.height * scale) / 2;
      return ({ x, y }) => ({ x: (x - left) / scale, y: (y - top) / scale });
    }
  }
}

/** Premultiplied, between the four nearest pixels; nothing beyond the image. On a pixel's centre it is that pixel. */
export function sample(image: DecodedImage, { x, y }: Point): Pixel {
  if (x < 0 || y < 0 || x >= image.width || y >= image.height) return [0, 0, 0, 0];
  const [column, row] = [snappedCentre(x), snappedCentre(y)];
  const [left, top] = [Math.floor(column), Math.floor(row)];
  const [right, down] = [column - left, row - top];
  const result: [number, number, number, number] = [0, 0, 0, 0];
  for (const [dx, dy, weight] of [
    [0, 0, (1 - right) * (1 - down)],
    [1, 0, right * (1 - down)],
    [0, 1, (1 - right) * down],
    [1, 1, right * down],
  ] as const) {
    if (weight === 0) continue;
    const at = (clamp(top + dy, image.height) * image.width + clamp(left + dx, image.width)) * 4;
    const alpha = image.data[at + 3]! * weight;
    for (let i = 0; i < 3; i++) result[i] = result[i]! + (image.data[at + i]! * alpha) / 255;
    result[3] += alpha;
  }
  return result;
}

/** In pixels' centres, without the rounding errors of a chain of transforms. */
function snappedCentre(position: number): number {
  const centre = position - 0.5;
  const nearest = Math.round(centre);
  return Math.abs(centre - nearest) < 1e-4 ? nearest : centre;
}

function clamp(index: number, length: number): number {
  return Math.max(0, Math.min(length - 1, index));
}
