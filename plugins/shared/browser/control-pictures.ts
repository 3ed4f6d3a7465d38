/** Picture files that a drawing is to follow: chosen by the user, kept while the page is open, cut as a job needs them. */
import { type ReadonlySignal, signal } from '@preact/signals-core';
import { ClientError } from '../client/client-error.ts';
import { randomId } from '../client/random-id.ts';
import type { Bounds, Size } from '../picture/geometry.ts';
import type { Backdrop } from '../store/control-images.ts';
import type { ControlSource } from '../store/controls.ts';
import { drawBands } from './draw-bands.ts';

/** Longer names are cut where they are shown and sent. */
const maxNameLength = 60;

export class ControlPictures {
  readonly #sources = signal<readonly ControlSource[]>([]);
  /** The newest last. */
  readonly sources: ReadonlySignal<readonly ControlSource[]> = this.#sources;
  readonly #bitmaps = new Map<string, ImageBitmap>();

  /** The browser's own dialog. Nothing where none is chosen; rejects with a `ClientError` for what is no picture. */
  async choose(): Promise<ControlSource | undefined> {
    const file = await chooseFile();
    return file === undefined ? undefined : await this.add(file, file.name);
  }

  async add(file: Blob, name: string): Promise<ControlSource> {
    const source: ControlSource = { id: `file-${randomId()}`, label: name.slice(0, maxNameLength) };
    this.#bitmaps.set(source.id, await decoded(file));
    this.#sources.value = [...this.#sources.peek(), source];
    return source;
  }

  /** Nothing for one of an earlier visit. */
  drawable(id: string): Drawable | undefined {
    const bitmap = this.#bitmaps.get(id);
    return bitmap && drawableOf(bitmap);
  }
}

/** Whatever can be drawn at any size. */
export interface Drawable extends Size {
  /** All of it into a box of a canvas. */
  readonly draw: (context: OffscreenCanvasRenderingContext2D, box: Bounds) => void;
}

/** Of its own size a bitmap is drawn to the bit. */
export function drawableOf(bitmap: ImageBitmap | OffscreenCanvas): Drawable {
  const { width, height } = bitmap;
  return {
    width,
    height,
    draw: (context, box) => {
      context.imageSmoothingEnabled = box.width !== width || box.height !== height;
      context.imageSmoothingQuality = 'high';
      context.drawImage(bitmap, box.left, box.top, box.width, box.height);
    },
  };
}

export interface CoverOptions {
  /** What the picture is laid over, all of it; what hangs over is cut. */
  readonly canvas: Size;
  /** The part of that which is wanted. */
  readonly area: Bounds;
  readonly backdrop: Backdrop;
}

/** A picture laid over a canvas in its own proportions, as `rgba8` without transparency. Of the canvas's size it is kept to the bit. */
export async function coverPixels(
  picture: Drawable,
  { canvas, area, backdrop }: CoverOptions,
): Promise<Uint8Array> {
  const scale = Math.max(canvas.width / picture.width, canvas.height / picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  const [left, top] = [(canvas.width - width) / 2, (canvas.height - height) / 2];
  return await drawBands(area, (band, context) => {
    context.fillStyle = backdrop;
    context.fillRect(0, 0, band.width, band.height);
    picture.draw(context, { left: left - band.left, top: top - band.top, width, height });
  });
}

async function decoded(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch {
    throw new ClientError({
      code: 'no-picture',
      message: 'This file is no picture that the browser can read.',
      hint: 'Choose a PNG, JPEG or WebP file.',
    });
  }
}

function chooseFile(): Promise<File | undefined> {
  return new Promise((resolve) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = 'image/*';
    input.addEventListener('change', () => resolve(input.files?.[0]));
    input.addEventListener('cancel', () => resolve(undefined));
    input.click();
  });
}
