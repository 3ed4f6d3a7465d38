import {
  type Bounds,
  boundsOf,
  type Margins,
  type Point,
  type Size,
  sameBounds,
  translate,
} from '../../shared/picture/geometry.ts';
import { assertLayer, type Layer, shownRaster } from './layer.ts';
import type { Raster } from './raster.ts';
import { Selection } from './selection.ts';

/** A picture being edited: immutable, each change a new document that shares all that it left alone. */
export interface PictureDocument {
  readonly fileName: string;
  readonly size: Size;
  readonly base: Raster;
  /** Where the base's top left pixel is on the canvas, which `expandCanvas` makes larger than it. */
  readonly baseOffset: Point;
  /** Bottom first. */
  readonly layers: readonly Layer[];
  /** Of the document's size. */
  readonly selection: Selection;
}

export function createDocument(fileName: string, base: Raster): PictureDocument {
  const size = { width: base.width, height: base.height };
  return { fileName, size, base, baseOffset: { x: 0, y: 0 }, layers: [], selection: Selection.empty(size) };
}

/** With one more layer, on top. @throws RangeError for a layer that does not fit itself, or an id that is taken. */
export function addLayer(document: PictureDocument, layer: Layer): PictureDocument {
  assertLayer(layer);
  if (document.layers.some(({ id }) => id === layer.id)) {
    throw new RangeError(`Expected a new id for a layer, received "${layer.id}", which is taken`);
  }
  return { ...document, layers: [...document.layers, layer] };
}

/** With a layer changed; a document without it is returned as it is. @throws RangeError as `addLayer`. */
export function updateLayer(
  document: PictureDocument,
  id: string,
  change: Partial<Omit<Layer, 'id'>>,
): PictureDocument {
  if (!document.layers.some((layer) => layer.id === id)) return document;
  const layers = document.layers.map((layer) => {
    if (layer.id !== id) return layer;
    const changed = { ...layer, ...change };
    assertLayer(changed);
    return changed;
  });
  return { ...document, layers };
}

export function removeLayer(document: PictureDocument, id: string): PictureDocument {
  return { ...document, layers: document.layers.filter((layer) => layer.id !== id) };
}

/** With a layer at another place in the order, 0 being the bottom; a place past either end is that end. */
export function moveLayer(document: PictureDocument, id: string, toIndex: number): PictureDocument {
  const layer = document.layers.find((candidate) => candidate.id === id);
  if (!layer) return document;
  const layers = document.layers.filter((candidate) => candidate !== layer);
  layers.splice(Math.max(0, toIndex), 0, layer);
  return { ...document, layers };
}

/** @throws RangeError for a selection of another canvas. */
export function withSelection(document: PictureDocument, selection: Selection): PictureDocument {
  const { width, height } = document.size;
  if (selection.size.width !== width || selection.size.height !== height) {
    throw new RangeError(
      `Expected a selection of ${width} x ${height} px, received one of ${selection.size.width} x ${selection.size.height} px`,
    );
  }
  return { ...document, selection };
}

/** On a canvas with margins (>= 0) more at its sides, transparent until a layer covers them; all else moves along. */
export function expandCanvas(document: PictureDocument, margins: Margins): PictureDocument {
  const { left, top, right, bottom } = margins;
  if ([left, top, right, bottom].some((margin) => !Number.isInteger(margin) || margin < 0)) {
    throw new RangeError('Expected margins of whole pixels, 0 or more, to expand a canvas by');
  }
  const size = {
    width: document.size.width + left + right,
    height: document.size.height + top + bottom,
  };
  const by = { x: left, y: top };
  return {
    ...document,
    size,
    baseOffset: { x: document.baseOffset.x + left, y: document.baseOffset.y + top },
    layers: document.layers.map((layer) => ({
      ...layer,
      bounds: translate(layer.bounds, by),
      selected: layer.selected.placedIn(size, { left, top }),
      ...(layer.expandedFrom && { expandedFrom: translate(layer.expandedFrom, by) }),
    })),
    selection: document.selection.placedIn(size, { left, top }),
  };
}

/** The document of a raster that takes the place of all there was (an upscale of the flattened document). */
export function replacedBy(document: PictureDocument, raster: Raster): PictureDocument {
  return createDocument(document.fileName, raster);
}

/**
 * The areas in which two documents of the same picture look different, told by identity, so at most too large; the whole
 * canvas when it is another base or size. The selection is not part of the look.
 */
export function changedAreas(before: PictureDocument, after: PictureDocument): readonly Bounds[] {
  if (
    before.base !== after.base ||
    before.size.width !== after.size.width ||
    before.size.height !== after.size.height ||
    before.baseOffset.x !== after.baseOffset.x ||
    before.baseOffset.y !== after.baseOffset.y
  ) {
    return [boundsOf(after.size)];
  }
  if (before.layers === after.layers) return [];
  const seenBefore = before.layers.filter(isSeen);
  const seenAfter = after.layers.filter(isSeen);
  const commonBefore = seenBefore.filter(({ id }) => seenAfter.some((layer) => layer.id === id));
  const commonAfter = seenAfter.filter(({ id }) => seenBefore.some((layer) => layer.id === id));
  if (commonBefore.some(({ id }, i) => id !== commonAfter[i]!.id)) {
    return [...seenBefore, ...seenAfter].map(({ bounds }) => bounds);
  }
  return [
    ...seenBefore.filter((layer) => !seenAfter.some((other) => looksSame(layer, other))),
    ...seenAfter.filter((layer) => !seenBefore.some((other) => looksSame(layer, other))),
  ].map(({ bounds }) => bounds);
}

function isSeen(layer: Layer): boolean {
  return layer.isVisible && layer.opacity > 0;
}

function looksSame(a: Layer, b: Layer): boolean {
  return (
    a === b ||
    (a.id === b.id &&
      a.mask === b.mask &&
      a.opacity === b.opacity &&
      shownRaster(a) === shownRaster(b) &&
      sameBounds(a.bounds, b.bounds))
  );
}

/** All buffers that a document keeps alive, for a history's account; shared ones are the same objects. */
export function* buffersOf({ base, layers, selection }: PictureDocument): Generator<ArrayBuffer> {
  yield base.data.buffer;
  for (const { variations, mask, selected } of layers) {
    yield mask.buffer;
    for (const { bytes } of selected.tiles()) yield bytes.buffer;
    for (const { raster } of variations) yield raster.data.buffer;
  }
  for (const { bytes } of selection.tiles()) yield bytes.buffer;
}
