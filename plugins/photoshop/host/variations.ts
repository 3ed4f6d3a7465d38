/** A job's pictures as layers of a document, made ready before Photoshop is held for them. */
import type { JobRequest } from '../../../bridge/protocol/messages.ts';
import type { JobPicture } from '../../shared/client/client-job.ts';
import { addedBounds, type Bounds, translate } from '../../shared/picture/geometry.ts';
import type { LayerMask } from '../document/layer-mask.ts';
import type { HostDepth } from '../pixels/depth.ts';
import { type LayerPixels, layerPixels, maskAround } from '../pixels/result-pixels.ts';
import type { PhotoshopPlace } from './place.ts';

export interface Variation {
  readonly pixels: LayerPixels;
  readonly mask?: LayerMask;
  /** As the server completed it, with this one's own seed. */
  readonly request: JobRequest;
}

/** In the order of the job. A picture whose mask has not come, since the job was stopped, is left out. */
export async function variationsOf(
  pictures: readonly JobPicture[],
  { place, depth }: { readonly place: PhotoshopPlace; readonly depth: HostDepth },
): Promise<readonly Variation[]> {
  const variations: Variation[] = [];
  for (const picture of pictures.filter(({ role }) => role === 'picture')) {
    const mask = pictures.find(({ role, index }) => role === 'mask' && index === picture.index);
    if (place.kind === 'selection' && mask === undefined) continue;
    variations.push(await variationOf(picture, { mask, place, depth }));
  }
  return variations;
}

interface VariationOptions {
  readonly mask: JobPicture | undefined;
  readonly place: PhotoshopPlace;
  readonly depth: HostDepth;
}

async function variationOf(
  picture: JobPicture,
  { mask, place, depth }: VariationOptions,
): Promise<Variation> {
  const { request } = picture;
  switch (place.kind) {
    case 'selection': {
      const pixels = await layerPixels(picture, { depth });
      return {
        pixels,
        request,
        ...(mask && { mask: { samples: mask.bytes, bounds: boundsOfPicture(mask) } }),
      };
    }
    case 'expansion': {
      // The picture begins where the new canvas does; the old one lies inside.
      const whole = { ...boundsOfPicture(picture), left: 0, top: 0 };
      const kept = expandedFrom(place);
      const area = addedBounds(kept, place.margins);
      const pixels = await layerPixels({ ...picture, ...whole }, { depth, area });
      return { pixels, request, mask: { samples: maskAround(kept, area), bounds: area } };
    }
    case 'layer': {
      // An enlarged one grows around its middle.
      const { area } = place;
      const left = Math.round(area.left + (area.width - picture.width) / 2);
      const top = Math.round(area.top + (area.height - picture.height) / 2);
      return { pixels: await layerPixels({ ...picture, left, top }, { depth }), request };
    }
    case 'document':
      return { pixels: await layerPixels({ ...picture, left: 0, top: 0 }, { depth }), request };
  }
}

/** Where the old picture lies in the expanded document. */
export function expandedFrom(place: Extract<PhotoshopPlace, { kind: 'expansion' }>): Bounds {
  const { area, margins, groupId } = place;
  return groupId === undefined ? translate(area, { x: margins.left, y: margins.top }) : area;
}

function boundsOfPicture({ left, top, width, height }: JobPicture): Bounds {
  return { left, top, width, height };
}
