/** How a control's picture becomes the map that a drawing follows: at the drawing's place, as large as it is drawn. */
import type { ControlKind } from '../api.ts';
import type { AssistiveModels } from '../control/assistive-models.ts';
import { preprocess } from '../control/preprocess.ts';
import { EngineError } from '../errors.ts';
import { type Bounds, boundsOf, type Size } from '../image/bounds.ts';
import { decode } from '../image/codec.ts';
import { cropPicture, extendCanvas, extensionMask, type Margins } from '../image/crop.ts';
import { colourCount, hasAlpha, type Mask, maxSample, type Picture } from '../image/picture.ts';
import { prefillHole } from '../image/prefill.ts';
import { resamplePicture } from '../image/resample.ts';
import type { Tensor } from '../runtime/session.ts';
import type { MappedControl, OpenedControl } from './controls.ts';
import { latentPixelSide } from './working-size.ts';

/** A control with the picture that it was sent with; without one it is made of what is drawn over. */
export interface DecodedControl extends OpenedControl {
  readonly picture?: Picture;
}

/** As large as the source, or of the proportions of what is drawn where there is none. */
export type ControlImageSize = { readonly source: Size } | { readonly drawing: Size };

/**
 * How far the proportions of a control image may be from those of the drawing; of a small one as far as rounding its sides
 * to whole latent pixels takes them.
 */
export const maxProportionError = 0.02;

/** Throws `invalid-image` for a picture that cannot be read or is of another size. */
export async function decodeControls(
  controls: readonly OpenedControl[],
  size: ControlImageSize,
): Promise<readonly DecodedControl[]> {
  const decoded: DecodedControl[] = [];
  for (const control of controls) {
    const { image } = control.settings;
    if (image === undefined) {
      decoded.push(control);
      continue;
    }
    const picture = await decode(image);
    requireSize(picture, size, control.label);
    decoded.push({ ...control, picture });
  }
  return decoded;
}

function requireSize(picture: Size, size: ControlImageSize, label: string): void {
  const received = `${picture.width} x ${picture.height}`;
  if ('source' in size) {
    const { width, height } = size.source;
    if (picture.width === width && picture.height === height) return;
    throw new EngineError(
      'invalid-image',
      `Expected the image of ${label} to be ${width} x ${height} pixels, as the picture, received ${received}.`,
      { hint: 'A control image lies over the picture: make it exactly as large.' },
    );
  }
  const { width, height } = size.drawing;
  const [wide, tall] = [picture.width * height, picture.height * width];
  const allowed = Math.max(maxProportionError, latentPixelSide / 2 / Math.min(width, height));
  if (Math.abs(wide - tall) <= allowed * Math.min(wide, tall)) return;
  throw new EngineError(
    'invalid-image',
    `Expected the image of ${label} to have the proportions of ${width} x ${height} pixels, received ${received}.`,
    { hint: `Send it at ${width} x ${height} pixels, or ask for a picture of the image's proportions.` },
  );
}

/** Maps whose lines end where the picture does. */
const lineKinds: readonly ControlKind[] = ['canny', 'lineart', 'scribble', 'softedge', 'pose'];

/**
 * Control pictures on a larger canvas, as the source is. What is new of a map of lines, or of one of which nobody says what it
 * shows, is black, where nothing is to follow; all else goes on smoothly.
 */
export function extendControls(
  controls: readonly DecodedControl[],
  margins: Margins,
): readonly DecodedControl[] {
  return controls.map((control) => {
    const { picture, kind, settings } = control;
    if (picture === undefined) return control;
    const extended = extendCanvas(picture, margins);
    const isMap = settings.preprocessor === undefined;
    const endsThere = isMap && (kind === undefined || lineKinds.includes(kind));
    if (endsThere) return { ...control, picture: extended };
    return { ...control, picture: prefillHole(extended, extensionMask(picture, margins)) };
  });
}

/** What of a picture is drawn, all of it where nothing is said, and how large. */
export interface DrawnPlace {
  readonly area?: Bounds;
  readonly size: Size;
}

/** A picture, or a control that lies over it, as it is drawn. */
export function drawnPart(picture: Picture, { area = boundsOf(picture), size }: DrawnPlace): Picture {
  return resamplePicture(cropPicture(picture, area), size);
}

export interface MapOptions {
  /** What is drawn over and where, at the size that is drawn at; none of a picture from words. */
  readonly shown?: { readonly picture: Picture; readonly mask?: Mask };
  /** Where a control's picture belongs. */
  readonly place: DrawnPlace;
  readonly signal: AbortSignal;
  readonly assistive: AssistiveModels;
}

/** The maps of controls for a drawing of one size, each exactly as large. Throws `invalid-option` for what cannot be made. */
export async function mapControls(
  controls: readonly DecodedControl[],
  options: MapOptions,
): Promise<readonly MappedControl[]> {
  const mapped: MappedControl[] = [];
  for (const control of controls) mapped.push({ ...control, image: await mapOf(control, options) });
  return mapped;
}

async function mapOf(
  { picture, kind, settings, label, network }: DecodedControl,
  { shown, place, signal, assistive }: MapOptions,
): Promise<Tensor> {
  const placed = picture === undefined ? shown?.picture : drawnPart(picture, place);
  if (placed === undefined) {
    throw new EngineError(
      'invalid-option',
      `Expected an image for ${label}: there is no picture that is drawn over to make its map of.`,
    );
  }
  if (kind === 'inpaint') {
    if (shown?.mask === undefined) {
      throw new EngineError(
        'invalid-option',
        `Expected a mask for ${label}, which tells what to draw anew; received a task without one.`,
        { hint: 'Use it with `fill` or `expand`, or choose a ControlNet of another kind.' },
      );
    }
    return withoutMasked(imageOf(placed), {
      mask: shown.mask,
      value: network.config.union === undefined ? -1 : 0,
    });
  }
  const { preprocessor } = settings;
  if (preprocessor === undefined) return imageOf(placed);
  return imageOf(await preprocess(placed, preprocessor, { signal, assistive }));
}

/** Above this grey of the mask a pixel is to be drawn anew. */
const paintedAbove = 127;

/**
 * What is to be drawn anew as ControlNets for inpainting were trained: -1 in all channels (control_v11p_sd15_inpaint), black
 * for one for several kinds of maps (ControlNet++ ProMax).
 */
function withoutMasked(
  { shape, data }: Tensor,
  { mask, value: masked }: { readonly mask: Mask; readonly value: number },
): Tensor {
  const plane = mask.data.length;
  return { shape, data: data.map((value, i) => (mask.data[i % plane]! > paintedAbove ? masked : value)) };
}

/** A picture's colours as [1, 3, height, width] in 0..1; on black where it is transparent: nothing is to follow there. */
function imageOf(picture: Picture): Tensor {
  const { width, height, channels, data } = picture;
  const colours = colourCount(channels);
  const max = maxSample(data);
  const plane = width * height;
  const image = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    const at = i * channels;
    const alpha = hasAlpha(channels) ? data[at + colours]! / max : 1;
    for (let c = 0; c < 3; c++) image[c * plane + i] = (data[at + (colours === 3 ? c : 0)]! / max) * alpha;
  }
  return { shape: [1, 3, height, width], data: image };
}
