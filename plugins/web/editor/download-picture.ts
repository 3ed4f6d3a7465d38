/** The picture as a file: with all its visible layers in one, or with all its layers. */
import { saveLayers, savePicture } from '../canvas/picture-file.ts';
import type { PictureFileFormat } from '../canvas/picture-file-types.ts';
import { flattenInto } from '../document/composite.ts';
import type { PictureDocument } from '../document/picture-document.ts';
import type { Raster } from '../document/raster.ts';
import type { EditorStore } from './editor-store.ts';
import { layeredPicture } from './layered-picture.ts';

/** A few milliseconds' work. */
const bandPixels = 2 ** 20;

/** The picture as it is seen, or with all its layers. */
export type DownloadFormat = PictureFileFormat | 'psd';

const extensions: Readonly<Record<DownloadFormat, string>> = {
  png: 'png',
  jpeg: 'jpg',
  webp: 'webp',
  psd: 'psd',
};

export interface DownloadOptions {
  readonly format: DownloadFormat;
  /** 1..100, of JPEG and WebP. */
  readonly quality: number;
}

export interface PictureFile {
  readonly name: string;
  readonly blob: Blob;
}

export async function encodeDownload(
  editor: EditorStore,
  { format, quality }: DownloadOptions,
): Promise<PictureFile> {
  // As it is seen, with what has arrived of a job.
  const document = editor.document.value!;
  const raster = await flattenedInBands(document);
  const blob = await (format === 'psd'
    ? saveLayers(layeredPicture(document, raster))
    : savePicture(raster, { format, quality }));
  return { name: downloadName(document.fileName, format), blob };
}

/** Of a large picture this takes a while: the page is drawn, and hears its user, between two bands. */
async function flattenedInBands(document: PictureDocument): Promise<Raster> {
  const { width, height } = document.size;
  const data = new Uint8ClampedArray(width * height * 4);
  const rows = Math.max(1, Math.floor(bandPixels / width));
  for (let top = 0; top < height; top += rows) {
    const band = { left: 0, top, width, height: Math.min(rows, height - top) };
    flattenInto(data.subarray(top * width * 4, (top + band.height) * width * 4), document, band);
    await new Promise((resolve) => setTimeout(resolve));
  }
  return { width, height, data };
}

/** `photo.jpg` becomes `photo-inlay.png`, so that it never takes the place of the original. */
export function downloadName(fileName: string, format: DownloadFormat): string {
  const stem = fileName.replace(/\.[A-Za-z0-9]{1,5}$/, '').replace(/-inlay$/, '');
  return `${stem}-inlay.${extensions[format]}`;
}
