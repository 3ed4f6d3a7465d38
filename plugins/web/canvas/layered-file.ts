import type { LayeredPicture } from '../../shared/psd/layered-picture.ts';
import { PictureFileError } from './picture-file-types.ts';

/** The type that PSD files are registered with. */
const psdType = 'image/vnd.adobe.photoshop';

/** Encodes a picture with its layers as a PSD file. @throws PictureFileError when it is larger than the format. */
export async function encodeLayers(picture: LayeredPicture): Promise<Blob> {
  // Its library is larger than all else of the page together, and few downloads are PSD files.
  const { PsdLimitError, writePsd } = await import('../../shared/psd/write-psd.ts');
  try {
    return new Blob([writePsd(picture)], { type: psdType });
  } catch (cause) {
    if (!(cause instanceof PsdLimitError)) throw cause;
    throw new PictureFileError('not-saved', cause.message, 'Download it as PNG, without its layers.');
  }
}
