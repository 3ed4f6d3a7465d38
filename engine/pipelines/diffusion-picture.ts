import { colourCount, maxSample, type Picture } from '../image/picture.ts';
import type { Tensor } from '../runtime/session.ts';

/** An image [1, 3, height, width] in [-1, 1] as an 8-bit RGB picture; what lies beyond is clamped. */
export function pictureOfImage({ shape, data }: Tensor): Picture {
  const [, , height, width] = shape as [number, number, number, number];
  const plane = width * height;
  const rgb = new Uint8Array(3 * plane);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < plane; i++) {
      const unit = Math.min(1, Math.max(0, data[c * plane + i]! / 2 + 0.5));
      rgb[3 * i + c] = Math.round(unit * 255);
    }
  }
  return { width, height, channels: 3, data: rgb };
}

/** A picture's colours as an image [1, 3, height, width] in [-1, 1]; grey three times, alpha left out. */
export function imageOfPicture(picture: Picture): Tensor {
  const { width, height, channels, data } = picture;
  const plane = width * height;
  const image = new Float32Array(3 * plane);
  const scale = 2 / maxSample(data);
  const isGrey = colourCount(channels) === 1;
  for (let c = 0; c < 3; c++) {
    const offset = isGrey ? 0 : c;
    for (let i = 0; i < plane; i++) image[c * plane + i] = data[i * channels + offset]! * scale - 1;
  }
  return { shape: [1, 3, height, width], data: image };
}
