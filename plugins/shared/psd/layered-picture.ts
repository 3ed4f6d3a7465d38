import type { Bounds } from '../picture/geometry.ts';

type Bytes = Uint8Array | Uint8ClampedArray;

/** What hides parts of a layer or group. */
export interface LayerMask {
  readonly bounds: Bounds;
  /** 0 (hidden) .. 255 (seen) for each pixel of the bounds. */
  readonly values: Bytes;
  /** The value everywhere else. */
  readonly outside: 0 | 255;
  /** One that is switched off hides nothing, and is kept. */
  readonly isEnabled: boolean;
}

interface NodeLook {
  readonly name: string;
  /** 0..1. */
  readonly opacity: number;
  readonly isVisible: boolean;
  readonly mask?: LayerMask;
}

export interface PixelLayer extends NodeLook {
  readonly type: 'layer';
  /** In pixels of the canvas; may hang over it. */
  readonly bounds: Bounds;
  /** Straight RGBA of the bounds, rows from the top. */
  readonly rgba: Bytes;
}

export interface LayerGroup extends NodeLook {
  readonly type: 'group';
  /** Bottom first. */
  readonly children: readonly LayerNode[];
}

export type LayerNode = PixelLayer | LayerGroup;

/** A picture with its layers, of whichever editor: 8 bits a channel, sRGB. */
export interface LayeredPicture {
  readonly width: number;
  readonly height: number;
  /** Where the editor knows it. */
  readonly pixelsPerInch?: number;
  /** Bottom first. */
  readonly children: readonly LayerNode[];
  /** Straight RGBA of the canvas as all layers together look: what programs show that know no layers. */
  readonly composite: Bytes;
}
