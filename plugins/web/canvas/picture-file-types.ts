/** What the page and its worker for picture files say to each other. */
import type { LayeredPicture } from '../../shared/psd/layered-picture.ts';
import type { Raster } from '../document/raster.ts';

export const pictureFileFormats = ['png', 'jpeg', 'webp'] as const;
export type PictureFileFormat = (typeof pictureFileFormats)[number];

export interface PictureLimits {
  readonly maxPixels: number;
  readonly maxSide: number;
}

type PictureFileProblem =
  | 'not-a-picture'
  | 'unsupported'
  | 'damaged'
  | 'too-large'
  | 'not-saved'
  | 'no-worker';

/** Why a file could not be opened or made: a sentence for people, and what they can do. */
export class PictureFileError extends Error {
  readonly code: PictureFileProblem;
  readonly hint: string;

  constructor(code: PictureFileProblem, message: string, hint: string) {
    super(message);
    this.name = 'PictureFileError';
    this.code = code;
    this.hint = hint;
  }
}

export interface EncodeOptions {
  readonly format: PictureFileFormat;
  /** 1..100, of JPEG and WebP. */
  readonly quality: number;
}

/** What a worker is to do; it does one thing and is gone. */
export type PictureFileTask =
  | { readonly type: 'open'; readonly file: Blob; readonly limits: PictureLimits }
  | { readonly type: 'save'; readonly raster: Raster; readonly options: EncodeOptions }
  | { readonly type: 'save-layers'; readonly picture: LayeredPicture };

export type PictureFileReply =
  | { readonly type: 'opened'; readonly raster: Raster }
  | { readonly type: 'saved'; readonly blob: Blob }
  /** Of an error that is none of ours there is no code. */
  | {
      readonly type: 'failed';
      readonly message: string;
      readonly hint: string;
      readonly code?: PictureFileProblem;
    };
