/** Where a result belongs in a Figma file, as the panel's history and the result itself keep it: nodes by their ids. */
import type { Bounds, Margins, Point, Size } from '../../shared/picture/geometry.ts';

interface PlaceBase {
  /** The result's nodes carry it too, so that they are found again. */
  readonly id: string;
  readonly pageId: string;
  /** The node that the user has selected to do it once more, which may be a copy of the first result. */
  readonly resultId?: string;
}

/** A hole in a picture: results come as a group with a mask, right above the shape that was the mask. */
export interface FillPlace extends PlaceBase {
  readonly kind: 'fill';
  readonly pictureId: string;
  /** None where the mask was that of an earlier result. */
  readonly maskId?: string;
  /** Units of the page when it was captured. */
  readonly pictureSize: Size;
  /** From its corner to that of the first exported pixel, from which the results' pixels are counted; units. */
  readonly offset: Point;
  /** Pixels of a unit. */
  readonly scale: number;
  /** What was masked, in exported pixels. */
  readonly maskBounds: Bounds;
}

/** Around a frame or an image: results come as a group behind it, and a frame grows. */
export interface ExpandPlace extends PlaceBase {
  readonly kind: 'expand';
  readonly nodeId: string;
  /** Units of the page, before it is expanded. */
  readonly size: Size;
  /** From its corner to that of the first exported pixel, as in a fill. */
  readonly offset: Point;
  readonly scale: number;
  /** Whole pixels. */
  readonly margins: Margins;
}

/** The fill of a node. */
export interface PaintPlace extends PlaceBase {
  readonly kind: 'paint';
  readonly nodeId: string;
  /** The image that was varied or enlarged; none where a new one was drawn. */
  readonly imageHash?: string;
  /** Pixels of that image. */
  readonly imageSize?: Size;
  /** Whether the result takes the image's place for good, instead of being one more paint above it. */
  readonly replaces: boolean;
}

/** A new rectangle in the middle of what the user sees. */
export interface CanvasPlace extends PlaceBase {
  readonly kind: 'canvas';
  readonly centre: Point;
}

/** What was drawn in a frame, drawn by a model: a rectangle over the frame. */
export interface SketchPlace extends PlaceBase {
  readonly kind: 'sketch';
  readonly nodeId: string;
  /** Of the frame, in units, when it was captured. */
  readonly size: Size;
}

/** Copies of a frame, with their placeholders filled. */
export interface MockupPlace extends PlaceBase {
  readonly kind: 'mockup';
  readonly frameId: string;
  readonly placeholders: readonly PlaceholderPlace[];
}

export interface PlaceholderPlace extends Size {
  /** Indices among the children, from the frame inwards: a copy has the same. */
  readonly path: readonly number[];
  /** What its name says of what it is to show. */
  readonly words?: string;
}

export type FigmaPlace = FillPlace | ExpandPlace | PaintPlace | CanvasPlace | SketchPlace | MockupPlace;

/** A picture of a result, in pixels of the captured picture. */
export interface PlacedImage {
  readonly imageHash: string;
  readonly bounds: Bounds;
}
