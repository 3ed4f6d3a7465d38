import { MAX_PREVIEW_SIDE } from '../fill/preview-level.ts';
import type { Bounds } from '../image/bounds.ts';
import { encodePreview } from '../image/codec.ts';
import type { Picture } from '../image/picture.ts';
import type { PipelineContext } from './context.ts';

/** Sends small pictures of the work in progress; while one is being encoded, the next ones are dropped. */
export function previewReporter({ onPreview }: Pick<PipelineContext, 'onPreview'>) {
  let encoding = false;
  return (picture: Picture, bounds: Bounds): void => {
    if (encoding) return;
    encoding = true;
    encodePreview(picture, MAX_PREVIEW_SIDE)
      .then((preview) => onPreview({ bounds, ...preview }))
      // A preview is a courtesy: the job itself reports what is wrong with the picture.
      .catch(() => {})
      .finally(() => {
        encoding = false;
      });
  };
}
