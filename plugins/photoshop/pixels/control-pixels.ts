/** A layer's pixels as a control picture: opaque, 8 bits, all of the area. */
import type { Bounds } from '../../shared/picture/geometry.ts';
import type { Backdrop } from '../../shared/store/control-images.ts';
import { type HostPixels, sourcePixels } from './host-pixels.ts';
import { inSlices } from './pace.ts';

/** `rgb8`, laid on the backdrop where the layer is see-through or has nothing; rounded to the nearest. */
export async function controlPixels(
  pixels: HostPixels | undefined,
  { area, backdrop }: { readonly area: Bounds; readonly backdrop: Backdrop },
): Promise<Uint8Array<ArrayBuffer>> {
  const { format, bytes } = await sourcePixels(pixels, area);
  if (format === 'rgb8') return bytes;
  const hasAlpha = format.startsWith('rgba');
  const is16Bit = format.endsWith('16');
  const samples = is16Bit ? new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2) : bytes;
  const [channels, white] = [hasAlpha ? 4 : 3, is16Bit ? 65_535 : 255];
  const ground = backdrop === 'white' ? white : 0;
  const target = new Uint8Array(area.width * area.height * 3);
  await inSlices(
    area.height,
    (from, to) => {
      for (let pixel = from * area.width; pixel < to * area.width; pixel++) {
        const alpha = hasAlpha ? samples[pixel * channels + 3]! : white;
        for (let c = 0; c < 3; c++) {
          const mixed = samples[pixel * channels + c]! * alpha + ground * (white - alpha);
          target[pixel * 3 + c] = Math.round((mixed / white / white) * 255);
        }
      }
    },
    { rowSamples: area.width * 3 },
  );
  return target;
}
