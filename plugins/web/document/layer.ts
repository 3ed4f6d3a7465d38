import type { JobRequest, Operation } from '../../../bridge/protocol/messages.ts';
import type { Bounds } from '../../shared/picture/geometry.ts';
import type { Raster } from './raster.ts';
import type { Selection } from './selection.ts';

/** One of the results of a job, and the complete request that makes it again. */
export interface LayerVariation {
  /** As large as the layer's bounds. */
  readonly raster: Raster;
  readonly request: JobRequest;
}

/** A result over the picture: one of its variations, seen through the mask. */
export interface Layer {
  readonly id: string;
  readonly name: string;
  readonly operation: Operation;
  /** Document pixels; may hang over the canvas. */
  readonly bounds: Bounds;
  /** At least one. */
  readonly variations: readonly LayerVariation[];
  /** Index of the variation that is seen. */
  readonly shown: number;
  /** 0..255 for each pixel of the bounds. */
  readonly mask: Uint8Array<ArrayBuffer>;
  /**
   * What was selected when the layer was made, to ask for more variations of it: of the document's size, and not always
   * what the mask shows (an object's removal reaches further).
   */
  readonly selected: Selection;
  /**
   * Of an expansion: the part of the document that it was made from. Its results reach beyond that by the margins of their
   * requests, and the bounds are what of them is new.
   */
  readonly expandedFrom?: Bounds;
  /** 0..1. */
  readonly opacity: number;
  readonly isVisible: boolean;
}

/** The pixels of the variation that is seen. */
export function shownRaster(layer: Layer): Raster {
  return layer.variations[layer.shown]!.raster;
}

/** @throws RangeError when raster or mask are not as large as the bounds, or `shown` names no variation. */
export function assertLayer({ name, bounds, variations, shown, mask, opacity }: Layer): void {
  const { width, height } = bounds;
  if (!variations[shown]) {
    throw new RangeError(
      `Expected layer "${name}" to show one of its ${variations.length} variations, not ${shown}`,
    );
  }
  if (variations.some(({ raster }) => raster.width !== width || raster.height !== height)) {
    throw new RangeError(
      `Expected all variations of layer "${name}" to be ${width} x ${height} px, as its bounds`,
    );
  }
  if (mask.length !== width * height) {
    throw new RangeError(
      `Expected ${width * height} mask values for layer "${name}", received ${mask.length}`,
    );
  }
  if (!(opacity >= 0 && opacity <= 1)) {
    throw new RangeError(`Expected the opacity of layer "${name}" between 0 and 1, received ${opacity}`);
  }
}
