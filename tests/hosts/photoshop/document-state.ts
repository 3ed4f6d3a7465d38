/** All that a document is at one moment: never changed, only replaced, so that undo gives back the very bits. */
import { type ColorMode, colorChannels } from './color.ts';
import { Raster } from './raster.ts';
import { intersection, type Offset, type Rectangle, rectangleOf, translated, union } from './rectangle.ts';
import { type BitDepth, maxOf } from './samples.ts';

export type LayerKind = 'pixel' | 'group' | 'artboard' | 'smartObject' | 'text';

export interface LayerMask {
  /** White where the layer is seen. */
  readonly raster: Raster;
  readonly isEnabled: boolean;
}

export interface LayerState {
  readonly id: number;
  readonly name: string;
  readonly kind: LayerKind;
  readonly isVisible: boolean;
  /** Percent. */
  readonly opacity: number;
  readonly isBackground: boolean;
  readonly isLocked: boolean;
  /** Colours and alpha; of a group there is none. */
  readonly raster?: Raster;
  readonly mask?: LayerMask;
  /** Of a group, the uppermost first. */
  readonly children?: readonly LayerState[];
  readonly artboard?: Rectangle;
  /** Photoshop's `generatorSettings`: what plugins keep with the layer, by their names for it. */
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface DocumentState {
  readonly width: number;
  readonly height: number;
  /** Pixels per inch. */
  readonly resolution: number;
  readonly mode: ColorMode;
  readonly depth: BitDepth;
  readonly profile: string;
  /** The uppermost first. */
  readonly layers: readonly LayerState[];
  readonly activeLayerIds: readonly number[];
  readonly selection?: Raster;
  /** Saved selections, by their names. */
  readonly channels: ReadonlyMap<string, Raster>;
}

export function canvasOf({ width, height }: DocumentState): Rectangle {
  return rectangleOf(0, 0, width, height);
}

/** Of a layer's raster: colours and alpha. */
export function layerFormat({ mode, depth }: DocumentState): { channels: number; depth: BitDepth } {
  return { channels: colorChannels[mode] + 1, depth };
}

export function newLayer(id: number, fields: Partial<LayerState> & Pick<LayerState, 'name'>): LayerState {
  return {
    kind: 'pixel',
    isVisible: true,
    opacity: 100,
    isBackground: false,
    isLocked: false,
    properties: {},
    ...fields,
    id,
  };
}

/** Each layer before those in it, from the top. */
export function* allLayers(layers: readonly LayerState[]): Generator<LayerState> {
  for (const layer of layers) {
    yield layer;
    if (layer.children !== undefined) yield* allLayers(layer.children);
  }
}

export function findLayer({ layers }: DocumentState, id: number): LayerState | undefined {
  for (const layer of allLayers(layers)) if (layer.id === id) return layer;
  return undefined;
}

/** The group around a layer; nothing for one at the top level. */
export function parentOf({ layers }: DocumentState, id: number): LayerState | undefined {
  for (const layer of allLayers(layers)) {
    if (layer.children?.some((child) => child.id === id)) return layer;
  }
  return undefined;
}

/** Every layer that `change` is asked about, replaced by what it returns; none where that is nothing. */
function mapped(
  layers: readonly LayerState[],
  change: (layer: LayerState) => readonly LayerState[],
): readonly LayerState[] {
  return layers.flatMap((layer) =>
    change(layer).map((result) =>
      result === layer && layer.children !== undefined
        ? { ...layer, children: mapped(layer.children, change) }
        : result,
    ),
  );
}

export function withLayer(
  state: DocumentState,
  id: number,
  change: (layer: LayerState) => LayerState,
): DocumentState {
  return { ...state, layers: mapped(state.layers, (layer) => [layer.id === id ? change(layer) : layer]) };
}

export function withoutLayers(state: DocumentState, ids: readonly number[]): DocumentState {
  return { ...state, layers: mapped(state.layers, (layer) => (ids.includes(layer.id) ? [] : [layer])) };
}

export type Insertion = 'before' | 'after' | 'inside' | 'atEnd';

/** `before` is above the other layer, `after` below it, `inside` and `atEnd` at the top and the bottom of a group. */
export function withInserted(
  state: DocumentState,
  layer: LayerState,
  { at, relativeTo }: { readonly at: Insertion; readonly relativeTo: number },
): DocumentState {
  const layers = mapped(state.layers, (other) => {
    if (other.id !== relativeTo) return [other];
    if (at === 'before') return [layer, other];
    if (at === 'after') return [other, layer];
    const children = other.children ?? [];
    return [{ ...other, children: at === 'inside' ? [layer, ...children] : [...children, layer] }];
  });
  return { ...state, layers };
}

/** A group around its children, which are siblings, where the uppermost of them was. */
export function withGrouped(state: DocumentState, group: LayerState): DocumentState {
  const [first, ...others] = (group.children ?? []).map(({ id }) => id);
  const layers = mapped(state.layers, (layer) => {
    if (layer.id === first) return [group];
    return others.includes(layer.id) ? [] : [layer];
  });
  return { ...state, layers };
}

/** Above the active layer; when that is a group, in it; and then the new one is active. */
export function withNewLayer(state: DocumentState, layer: LayerState): DocumentState {
  const [active] = state.activeLayerIds;
  const target = active === undefined ? undefined : findLayer(state, active);
  const inserted =
    target === undefined
      ? { ...state, layers: [layer, ...state.layers] }
      : withInserted(state, layer, {
          at: target.children === undefined ? 'before' : 'inside',
          relativeTo: target.id,
        });
  return { ...inserted, activeLayerIds: [layer.id] };
}

/** The pixels of the layer, or of all in the group, that are not transparent; masks do not count. */
export function boundsOfLayer(layer: LayerState): Rectangle | undefined {
  if (layer.artboard !== undefined) return layer.artboard;
  if (layer.children === undefined) return layer.raster?.contentBounds();
  let bounds: Rectangle | undefined;
  for (const child of layer.children) bounds = union(bounds, boundsOfLayer(child));
  return bounds;
}

/** What the canvas shows on its edge moves with it. */
export function movedLayer(layer: LayerState, by: Offset): LayerState {
  return {
    ...layer,
    ...(layer.raster && { raster: layer.raster.movedBy(by) }),
    ...(layer.mask && { mask: { ...layer.mask, raster: layer.mask.raster.movedBy(by) } }),
    ...(layer.children && { children: layer.children.map((child) => movedLayer(child, by)) }),
    ...(layer.artboard && { artboard: translated(layer.artboard, by) }),
  };
}

/** Another canvas size: all layers keep their pixels, a Background is cut to the canvas and filled up with white. */
export function withCanvas(
  state: DocumentState,
  { width, height, offset }: { readonly width: number; readonly height: number; readonly offset: Offset },
): DocumentState {
  const resized = { ...state, width, height };
  const canvas = canvasOf(resized);
  const layers = state.layers.map((layer) => {
    const moved = movedLayer(layer, offset);
    if (!layer.isBackground || moved.raster === undefined) return moved;
    const kept = intersection(translated(canvasOf(state), offset), canvas);
    const extended = Raster.filled(layerFormat(state), canvas, whiteOf(state));
    const raster = kept === undefined ? extended : extended.written(kept, moved.raster.read(kept));
    return { ...moved, raster };
  });
  const { selection: _, ...rest } = resized;
  return {
    ...rest,
    layers,
    ...(state.selection && { selection: state.selection.movedBy(offset) }),
    channels: new Map([...state.channels].map(([name, raster]) => [name, raster.movedBy(offset)])),
  };
}

/** White and opaque in the document's own colours. */
export function whiteOf({ mode, depth }: DocumentState): readonly number[] {
  const max = maxOf[depth];
  const zeroOfAb = depth === 32 ? 128 / 255 : Math.round((max * 128) / 255);
  switch (mode) {
    case 'RGB':
      return [max, max, max, max];
    case 'Grayscale':
      return [max, max];
    case 'CMYK':
      return [0, 0, 0, 0, max];
    case 'Lab':
      return [max, zeroOfAb, zeroOfAb, max];
  }
}
