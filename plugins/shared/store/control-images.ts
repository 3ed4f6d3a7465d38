/** Which pictures a request's controls need besides the one that is worked on. */
import type { ImageFormat, ImageOutline, JobRequest } from '../../../bridge/protocol/messages.ts';
import type { Bounds } from '../picture/geometry.ts';
import { isMap } from './controls.ts';

/** What shows where a control's picture is see-through or ends: paper for a sketch, nothing for a map. */
export type Backdrop = 'white' | 'black';

export interface NeededImage {
  readonly imageId: string;
  readonly backdrop: Backdrop;
}

/** Each once, in the order of the controls. */
export function controlImageIds(request: JobRequest): readonly NeededImage[] {
  const controls = 'controls' in request ? (request.controls ?? []) : [];
  const needed = new Map<string, NeededImage>();
  for (const control of controls) {
    const { imageId } = control;
    if (imageId === undefined || needed.has(imageId)) continue;
    needed.set(imageId, { imageId, backdrop: isMap(control) ? 'black' : 'white' });
  }
  return [...needed.values()];
}

/** What a request's controls would send of an area, without a byte. */
export function controlOutlines(
  request: JobRequest,
  area: Bounds,
  format?: ImageFormat,
): readonly ImageOutline[] {
  return controlImageIds(request).map(({ imageId }) => controlOutline(imageId, area, format));
}

export function controlOutline(imageId: string, area: Bounds, format: ImageFormat = 'rgba8'): ImageOutline {
  const { left, top, width, height } = area;
  return { role: 'control', imageId, format, left, top, width, height };
}
