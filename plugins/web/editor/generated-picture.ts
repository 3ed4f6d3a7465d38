/** Pictures drawn from nothing but words, and the empty document that waits for them. */
import type { GenerateRequest } from '../../../bridge/protocol/messages.ts';
import { titleOf } from '../../shared/store/diffusion-settings.ts';
import { createDocument, type PictureDocument } from '../document/picture-document.ts';
import { rasterOf } from '../document/raster.ts';
import type { JobTask } from './pending-job.ts';

/** As the page sends it: always with its size. */
type SizedRequest = GenerateRequest & Required<Pick<GenerateRequest, 'width' | 'height'>>;

/** Whether a task begins a picture, rather than adding variations to one. */
export function isNewPicture(task: JobTask): task is JobTask & { readonly request: SizedRequest } {
  const { request, layerId } = task;
  return (
    request.operation === 'generate' &&
    layerId === undefined &&
    request.width !== undefined &&
    request.height !== undefined
  );
}

export function blankDocument({ prompt, width, height }: SizedRequest): PictureDocument {
  const pixels = new Uint8Array(width * height * 4);
  return createDocument(`${fileNameOf(prompt)}.png`, rasterOf(pixels, { width, height }));
}

/** Letters and numbers of any script, and what joins them: no system refuses that in a file's name. */
function fileNameOf(prompt: string): string {
  const name = titleOf(prompt)
    .replace(/[^\p{L}\p{N}\p{M} ,'-]+/gu, ' ')
    .replace(/ +/g, ' ')
    .trim();
  return name === '' ? 'Picture' : name;
}
