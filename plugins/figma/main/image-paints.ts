/** A layer's fills with images of ours among them. */
import type { Paint } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { PaintPlace, PlacedImage } from '../protocol/place.ts';
import { type ImagePaint, topImageIndex } from './canvas-node.ts';
import { refusal } from './refusal.ts';

export interface Enlargement {
  readonly place: Pick<PaintPlace, 'imageHash' | 'imageSize'>;
  readonly picture: PlacedImage;
  /** Of the layer. */
  readonly name: string;
}

/** The same image, larger: shown as the one before was. Throws a `ClientError` where that is not there any more. */
export function withEnlarged(
  paints: readonly Paint[],
  { place, picture, name }: Enlargement,
): readonly Paint[] {
  const isBefore = (paint: Paint) => paint.type === 'IMAGE' && paint.imageHash === place.imageHash;
  if (!paints.some(isBefore)) {
    throw refusal(
      `“${name}” shows another image than when it was captured.`,
      'Undo that and insert the result again, or enlarge the new image.',
    );
  }
  return paints.map((paint) => (isBefore(paint) ? enlarged(paint as ImagePaint, { place, picture }) : paint));
}

/** A tile is as large as its image has pixels, times a factor. */
function enlarged(before: ImagePaint, { place, picture }: Omit<Enlargement, 'name'>): ImagePaint {
  const { imageHash, bounds } = picture;
  const { scalingFactor, scaleMode } = before;
  if (scaleMode !== 'TILE' || scalingFactor === undefined || place.imageSize === undefined) {
    return { ...before, imageHash };
  }
  return { ...before, imageHash, scalingFactor: (scalingFactor * place.imageSize.width) / bounds.width };
}

export interface Variations {
  /** The likeliest first: it is the one that is seen. */
  readonly pictures: readonly PlacedImage[];
  /** Of the image that they are variations of, and are shown like; none for new ones. */
  readonly imageHash?: string | undefined;
}

/** Above the image that is seen, which is kept hidden, and below what lies over it, e.g. a gradient. */
export function withVariations(
  paints: readonly Paint[],
  { pictures, imageHash }: Variations,
): readonly Paint[] {
  const top = topImageIndex(paints);
  const before = paints[top];
  const varied = paints.find((paint) => paint.type === 'IMAGE' && paint.imageHash === imageHash);
  const look = imageHash === undefined ? undefined : ((varied ?? before) as ImagePaint | undefined);
  const shown = pictures.map((picture, variation): ImagePaint => {
    const visible = variation === 0;
    return { type: 'IMAGE', scaleMode: 'FILL', ...look, imageHash: picture.imageHash, visible };
  });
  shown.reverse();
  if (before === undefined) return [...paints, ...shown];
  return [...paints.slice(0, top), { ...before, visible: false }, ...shown, ...paints.slice(top + 1)];
}
