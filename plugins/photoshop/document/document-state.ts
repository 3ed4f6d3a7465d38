/** What is open and selected in Photoshop, read at once: each getter is a call into Photoshop's main thread. */
import { type Bounds, boundsOf, intersect, isEmpty, type Size } from '../../shared/picture/geometry.ts';
import type { Photoshop, PhotoshopDocument, PhotoshopLayer } from '../api/photoshop.ts';
import type { HostDepth } from '../pixels/depth.ts';
import { boundsFrom } from './imaging.ts';

export interface LayerName {
  readonly id: number;
  readonly name: string;
}

export interface LayerState extends LayerName {
  /** What it has pixels in, in the document; may reach beyond the canvas. */
  readonly bounds: Bounds;
}

export interface DocumentState {
  readonly id: number;
  readonly title: string;
  readonly canvas: Size;
  readonly depth: HostDepth;
  /** Whether its layers can hold colours at all: those of indexed or bitmap documents cannot. */
  readonly hasColourLayers: boolean;
  readonly hasArtboards: boolean;
  readonly isQuickMask: boolean;
  /** Of the part of the selection that is on the canvas. */
  readonly selection: Bounds | 'none' | 'outside';
  /**
   * Layers with pixels, seen or not: the active one, then the others from the top; of a document with many, the first. So
   * any layer can be had: it is there once it is clicked.
   */
  readonly pictures: readonly LayerName[];
  /** The active layer, if it is one alone, and has pixels. */
  readonly layer?: LayerState;
}

/** Nothing where no document is open. */
export function readDocumentState(photoshop: Photoshop): DocumentState | undefined {
  const { app, constants } = photoshop;
  const document = activeDocumentOf(app);
  if (document === undefined) return undefined;
  const { DocumentMode } = constants;
  const canvas = canvasOf(document);
  const layer = activeLayerOf(document);
  const state = layer && layerState(photoshop, layer);
  const { mode } = document;
  return {
    id: document.id,
    title: document.title,
    canvas,
    depth: documentDepth(photoshop, document),
    hasColourLayers: [DocumentMode.RGB, DocumentMode.CMYK, DocumentMode.LAB, DocumentMode.GRAYSCALE].includes(
      mode,
    ),
    hasArtboards: document.artboards.length > 0,
    isQuickMask: document.quickMaskMode,
    selection: selectionOn(document, canvas),
    pictures: activeFirst(
      picturesIn(photoshop, document.layers),
      layer && hasPixels(photoshop, layer) ? layer : undefined,
    ),
    ...(state !== undefined && { layer: state }),
  };
}

export function activeDocumentOf({
  documents,
  activeDocument,
}: Photoshop['app']): PhotoshopDocument | undefined {
  return documents.length === 0 ? undefined : (activeDocument ?? undefined);
}

/** Nothing where it has been closed. */
export function findDocument({ documents }: Photoshop['app'], id: number): PhotoshopDocument | undefined {
  return Array.from(documents).find((document) => document.id === id);
}

export function canvasOf({ width, height }: PhotoshopDocument): Size {
  return { width, height };
}

export function documentDepth({ constants }: Photoshop, { bitsPerChannel }: PhotoshopDocument): HostDepth {
  if (bitsPerChannel === constants.BitsPerChannelType.THIRTYTWO) return 32;
  return bitsPerChannel === constants.BitsPerChannelType.SIXTEEN ? 16 : 8;
}

/** The active layer, if it is one alone. */
export function activeLayerOf({ activeLayers }: PhotoshopDocument): PhotoshopLayer | undefined {
  return activeLayers.length === 1 ? activeLayers[0] : undefined;
}

/** With those in groups; nothing where it is not there any more. */
export function findLayer(layers: readonly PhotoshopLayer[], id: number): PhotoshopLayer | undefined {
  for (const layer of layers) {
    if (layer.id === id) return layer;
    const inside = findLayer(layer.layers ?? [], id);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

/** Looking through more would hold Photoshop up. */
const maxPictures = 24;

function picturesIn(photoshop: Photoshop, layers: readonly PhotoshopLayer[]): readonly LayerName[] {
  const found: LayerName[] = [];
  for (const layer of Array.from(layers)) {
    if (found.length >= maxPictures) break;
    if (hasPixels(photoshop, layer)) found.push({ id: layer.id, name: layer.name });
    else found.push(...picturesIn(photoshop, layer.layers ?? []));
  }
  return found.slice(0, maxPictures);
}

function activeFirst(pictures: readonly LayerName[], active: LayerName | undefined): readonly LayerName[] {
  if (active === undefined) return pictures;
  const { id, name } = active;
  return [{ id, name }, ...pictures.filter((picture) => picture.id !== id)];
}

function hasPixels({ constants }: Photoshop, { kind }: PhotoshopLayer): boolean {
  return kind === constants.LayerKind.NORMAL || kind === constants.LayerKind.SMARTOBJECT;
}

function layerState(photoshop: Photoshop, layer: PhotoshopLayer): LayerState | undefined {
  if (!hasPixels(photoshop, layer)) return undefined;
  const bounds = boundsFrom(layer.boundsNoEffects);
  return isEmpty(bounds) ? undefined : { id: layer.id, name: layer.name, bounds };
}

function selectionOn({ selection }: PhotoshopDocument, canvas: Size): DocumentState['selection'] {
  const { bounds } = selection;
  if (bounds === null) return 'none';
  const inside = intersect(wholePixels(boundsFrom(bounds)), boundsOf(canvas));
  return isEmpty(inside) ? 'outside' : inside;
}

/** Photoshop may tell fractions, e.g. of a selection that was transformed. */
function wholePixels({ left, top, width, height }: Bounds): Bounds {
  const [x, y] = [Math.floor(left), Math.floor(top)];
  return { left: x, top: y, width: Math.ceil(left + width) - x, height: Math.ceil(top + height) - y };
}
