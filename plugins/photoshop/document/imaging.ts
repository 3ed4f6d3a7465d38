/** Photoshop's imaging API with every image of it disposed of. All of it needs a modal scope. */
import type { Bounds } from '../../shared/picture/geometry.ts';
import { bottomOf, rightOf } from '../../shared/picture/geometry.ts';
import type {
  HostSamples,
  ImageDataOptions,
  ImageReading,
  PhotoshopBounds,
  PhotoshopImageData,
  PhotoshopImaging,
} from '../api/photoshop.ts';
import type { HostPixels } from '../pixels/host-pixels.ts';
import type { LayerPixels } from '../pixels/result-pixels.ts';

/** Photoshop converts from and to the document's own colours, CMYK and Lab too. */
const colourProfile = 'sRGB IEC61966-2.1';
const maskProfile = 'Gray Gamma 2.2';

export interface LayerReference {
  readonly documentId: number;
  readonly layerId: number;
}

/** Where Photoshop has no pixel at all, it rejects with this text. */
const emptyRegionPattern = /invalid empty image region|empty (?:image|region|layer)/i;

/**
 * The pixels that are in an area, of one layer or of all visible ones together, in the document's own depth: asking a
 * document of 16 bits for 8 fails in some versions. Nothing where there is none.
 */
export function readPixels(
  imaging: PhotoshopImaging,
  {
    documentId,
    layerId,
    area,
  }: { readonly documentId: number; readonly layerId?: number; readonly area: Bounds },
): Promise<HostPixels | undefined> {
  return read(() =>
    imaging.getPixels({
      documentID: documentId,
      ...(layerId !== undefined && { layerID: layerId }),
      sourceBounds: edgesOf(area),
      colorSpace: 'RGB',
      colorProfile: colourProfile,
    }),
  );
}

/** What is selected in an area. Nothing where nothing is. */
export function readSelection(
  imaging: PhotoshopImaging,
  { documentId, area }: { readonly documentId: number; readonly area: Bounds },
): Promise<HostPixels | undefined> {
  return read(() => imaging.getSelection({ documentID: documentId, sourceBounds: edgesOf(area) }));
}

export function readLayerMask(
  imaging: PhotoshopImaging,
  { documentId, layerId, area }: LayerReference & { readonly area: Bounds },
): Promise<HostPixels | undefined> {
  return read(() =>
    imaging.getLayerMask({
      documentID: documentId,
      layerID: layerId,
      kind: 'user',
      sourceBounds: edgesOf(area),
    }),
  );
}

export async function writePixels(
  imaging: PhotoshopImaging,
  { documentId, layerId }: LayerReference,
  { samples, components, bounds }: LayerPixels,
): Promise<void> {
  const options = imageOptions(bounds, { components, colorSpace: 'RGB', colorProfile: colourProfile });
  await withImage(imaging, { samples, options }, (imageData) =>
    imaging.putPixels({
      documentID: documentId,
      layerID: layerId,
      imageData,
      replace: true,
      targetBounds: cornerOf(bounds),
    }),
  );
}

/** One sample a pixel of `bounds`. */
export interface MaskSamples {
  readonly samples: HostSamples;
  readonly bounds: Bounds;
}

/** Of a layer that has a mask. */
export async function writeLayerMask(
  imaging: PhotoshopImaging,
  { documentId, layerId }: LayerReference,
  { samples, bounds }: MaskSamples,
): Promise<void> {
  await withImage(imaging, { samples, options: maskOptions(bounds) }, (imageData) =>
    imaging.putLayerMask({
      documentID: documentId,
      layerID: layerId,
      kind: 'user',
      imageData,
      replace: true,
      targetBounds: cornerOf(bounds),
    }),
  );
}

export async function writeSelection(
  imaging: PhotoshopImaging,
  documentId: number,
  { samples, bounds }: MaskSamples,
): Promise<void> {
  await withImage(imaging, { samples, options: maskOptions(bounds) }, (imageData) =>
    imaging.putSelection({
      documentID: documentId,
      imageData,
      replace: true,
      targetBounds: cornerOf(bounds),
    }),
  );
}

export function boundsFrom({ left, top, right, bottom }: PhotoshopBounds): Bounds {
  return { left, top, width: right - left, height: bottom - top };
}

function edgesOf(bounds: Bounds): PhotoshopBounds {
  const { left, top } = bounds;
  return { left, top, right: rightOf(bounds), bottom: bottomOf(bounds) };
}

async function read(get: () => Promise<ImageReading>): Promise<HostPixels | undefined> {
  let reading: ImageReading;
  try {
    reading = await get();
  } catch (error) {
    if (error instanceof Error && emptyRegionPattern.test(error.message)) return undefined;
    throw error;
  }
  const { imageData, sourceBounds } = reading;
  try {
    const { width, height, components } = imageData;
    if (width === 0 || height === 0) return undefined;
    const samples = await imageData.getData({ chunky: true });
    const { left, top } = sourceBounds;
    return { samples, components, bounds: { left, top, width, height } };
  } finally {
    imageData.dispose();
  }
}

async function withImage(
  imaging: PhotoshopImaging,
  { samples, options }: { readonly samples: HostSamples; readonly options: ImageDataOptions },
  use: (imageData: PhotoshopImageData) => Promise<void>,
): Promise<void> {
  const imageData = await imaging.createImageDataFromBuffer(samples, options);
  try {
    await use(imageData);
  } finally {
    imageData.dispose();
  }
}

function imageOptions(
  { width, height }: Bounds,
  kind: Pick<ImageDataOptions, 'components' | 'colorSpace' | 'colorProfile'>,
): ImageDataOptions {
  return { width, height, chunky: true, ...kind };
}

function maskOptions(bounds: Bounds): ImageDataOptions {
  return imageOptions(bounds, { components: 1, colorSpace: 'Grayscale', colorProfile: maskProfile });
}

function cornerOf({ left, top }: Bounds): { readonly left: number; readonly top: number } {
  return { left, top };
}
