import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Raster } from '../document/raster.ts';

export interface ThumbnailProps {
  readonly raster: Raster;
  /** 0..255 for each of its pixels; nothing: all of it is seen. */
  readonly mask?: Uint8Array;
}

const side = 40;

/** A small picture of a raster: every so many pixels one, which is quick however large it is. */
export function Thumbnail({ raster, mask }: ThumbnailProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const ratio = Math.min(2, Math.ceil(devicePixelRatio));
    const scale = Math.min((side * ratio) / raster.width, (side * ratio) / raster.height);
    const width = Math.max(1, Math.round(raster.width * scale));
    const height = Math.max(1, Math.round(raster.height * scale));
    const picture = new ImageData(width, height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const sourceX = Math.min(raster.width - 1, Math.floor((x + 0.5) / scale));
        const sourceY = Math.min(raster.height - 1, Math.floor((y + 0.5) / scale));
        const from = sourceY * raster.width + sourceX;
        const to = (y * width + x) * 4;
        picture.data.set(raster.data.subarray(from * 4, from * 4 + 4), to);
        if (mask !== undefined) picture.data[to + 3] = (picture.data[to + 3]! * mask[from]!) / 255;
      }
    }
    canvas.current!.width = width;
    canvas.current!.height = height;
    canvas.current!.getContext('2d')!.putImageData(picture, 0, 0);
  }, [raster, mask]);
  return (
    <span class="thumbnail" aria-hidden="true">
      <canvas ref={canvas} />
    </span>
  );
}
