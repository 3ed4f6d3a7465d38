/** The picture with all its visible layers, as a file. */
import { type PictureFileFormat, savePicture } from '../canvas/picture-file.ts';
import { flattened } from '../document/composite.ts';
import type { EditorStore } from './editor-store.ts';

export interface DownloadOptions {
  readonly format: PictureFileFormat;
  /** 1..100, of JPEG and WebP. */
  readonly quality: number;
}

const extensions: Readonly<Record<PictureFileFormat, string>> = { png: 'png', jpeg: 'jpg', webp: 'webp' };

export interface PictureFile {
  readonly name: string;
  readonly blob: Blob;
}

export async function encodeDownload(
  editor: EditorStore,
  { format, quality }: DownloadOptions,
): Promise<PictureFile> {
  const document = editor.saved.value!;
  const blob = await savePicture(flattened(document), { format, quality });
  return { name: downloadName(document.fileName, format), blob };
}

/** `photo.jpg` becomes `photo-inlay.png`, so that it never takes the place of the original. */
export function downloadName(fileName: string, format: PictureFileFormat): string {
  const stem = fileName.replace(/\.[A-Za-z0-9]{1,5}$/, '').replace(/-inlay$/, '');
  return `${stem}-inlay.${extensions[format]}`;
}
