/** What the person at Photoshop does with the mouse: documents opened and closed, selections drawn, layers chosen, undo. */
import type { Application } from './application.ts';
import { type ColorMode, colorChannels, workingProfiles } from './color.ts';
import {
  type DocumentState,
  type LayerState,
  layerFormat,
  newLayer,
  withLayer,
  withNewLayer,
} from './document-state.ts';
import { HostDocument } from './host-document.ts';
import { type Pattern, Raster } from './raster.ts';
import { type Rectangle, rectangleOf } from './rectangle.ts';
import { type BitDepth, maxOf, type Samples } from './samples.ts';

export interface NewDocument {
  readonly name?: string;
  readonly width: number;
  readonly height: number;
  readonly resolution?: number;
  readonly mode?: ColorMode;
  readonly depth?: BitDepth;
  readonly profile?: string;
  /** Of the colours of a pixel of the Background layer, each 0..1; without it the document is transparent and empty. */
  readonly background?: (x: number, y: number) => readonly number[];
}

/** Fully selected pixels are 1. */
export type Coverage = (x: number, y: number) => number;

export class User {
  readonly #application: Application;

  constructor(application: Application) {
    this.#application = application;
  }

  open({
    name = 'Untitled-1',
    width,
    height,
    resolution = 72,
    mode = 'RGB',
    depth = 8,
    profile = workingProfiles[mode],
    background,
  }: NewDocument): HostDocument {
    const blank: DocumentState = {
      width,
      height,
      resolution,
      mode,
      depth,
      profile,
      layers: [],
      activeLayerIds: [],
      channels: new Map(),
    };
    const state = background === undefined ? blank : this.#withBackground(blank, background);
    const document = new HostDocument(name, state);
    this.#application.open(document);
    this.#tell('open', { documentID: document.id });
    return document;
  }

  close(document: HostDocument): void {
    this.#application.close(document);
    this.#tell('close', { documentID: document.id });
  }

  switchTo(document: HostDocument): void {
    this.#application.activeDocument = document;
    this.#tell('select', { _target: [{ _ref: 'document', _id: document.id }], documentID: document.id });
  }

  selectRectangle(document: HostDocument, bounds: Rectangle): void {
    this.#select(document, Raster.white(document.state.depth, bounds));
  }

  /** A soft selection: how much of each pixel is in it, 0..1. */
  selectSoftly(document: HostDocument, bounds: Rectangle, coverage: Coverage): void {
    const { depth } = document.state;
    const max = maxOf[depth];
    const round = depth === 32 ? (value: number) => value : Math.round;
    const pattern: Pattern = {
      bounds,
      paint(x, y, out, index) {
        out[index] = round(coverage(x, y) * max);
      },
    };
    const format = { channels: 1, depth };
    const selection = Raster.empty(format).written(bounds, Raster.ofPattern(format, pattern).read(bounds));
    this.#select(document, selection);
  }

  deselect(document: HostDocument): void {
    const { selection: _, ...rest } = document.state;
    this.#change(document, 'Deselect', rest);
    this.#tellSelection(document);
  }

  /** A new layer above the active one, with these pixels where they are given. */
  addLayer(document: HostDocument, name: string, pixels?: Pattern): LayerState {
    const { state } = document;
    const format = layerFormat(state);
    const raster =
      pixels === undefined
        ? Raster.empty(format)
        : Raster.empty(format).written(pixels.bounds, Raster.ofPattern(format, pixels).read(pixels.bounds));
    const layer = newLayer(this.#application.newLayerId(), { name, raster });
    this.#change(document, 'New Layer', withNewLayer(state, layer));
    this.#tell('make', { _target: [{ _ref: 'layer' }], layerID: layer.id, documentID: document.id });
    return layer;
  }

  addGroup(document: HostDocument, name: string, fields: Partial<LayerState> = {}): LayerState {
    const group = newLayer(this.#application.newLayerId(), { name, kind: 'group', children: [], ...fields });
    this.#change(document, 'New Group', withNewLayer(document.state, group));
    return group;
  }

  /** Paints over the Background what it shows already, so that it is in memory as that of a real document. */
  paintBackground(document: HostDocument): void {
    const { state } = document;
    const canvas = rectangleOf(0, 0, state.width, state.height);
    const { id, raster } = state.layers.at(-1)!;
    const painted = Raster.empty(layerFormat(state)).written(canvas, raster!.read(canvas));
    this.changeLayer(document, id, { raster: painted });
  }

  changeLayer(document: HostDocument, id: number, fields: Partial<LayerState>): void {
    this.#change(
      document,
      'Change Layer',
      withLayer(document.state, id, (layer) => ({ ...layer, ...fields })),
    );
  }

  /** Clicks layers in the Layers panel. */
  selectLayers(document: HostDocument, ids: readonly number[]): void {
    document.history.replace({ ...document.state, activeLayerIds: ids });
    this.#tell('select', {
      _target: ids.map((_id) => ({ _ref: 'layer', _id })),
      layerID: ids,
      documentID: document.id,
    });
  }

  undo(document: HostDocument): boolean {
    const isUndone = document.history.undo();
    this.#tellHistory(document);
    return isUndone;
  }

  redo(document: HostDocument): boolean {
    const isRedone = document.history.redo();
    this.#tellHistory(document);
    return isRedone;
  }

  #withBackground(blank: DocumentState, color: (x: number, y: number) => readonly number[]): DocumentState {
    const format = layerFormat(blank);
    const { depth, mode, width, height } = blank;
    const max = maxOf[depth];
    const colours = colorChannels[mode];
    const round = depth === 32 ? (value: number) => value : Math.round;
    const paint = (x: number, y: number, out: Samples, index: number) => {
      const pixel = color(x, y);
      for (let c = 0; c < colours; c++) out[index + c] = round(pixel[c % pixel.length]! * max);
      out[index + colours] = max;
    };
    const raster = Raster.ofPattern(format, { bounds: rectangleOf(0, 0, width, height), paint });
    const id = this.#application.newLayerId();
    const layer = newLayer(id, { name: 'Background', isBackground: true, raster });
    return { ...blank, layers: [layer], activeLayerIds: [id] };
  }

  #select(document: HostDocument, selection: Raster): void {
    this.#change(document, 'Rectangular Marquee', { ...document.state, selection });
    this.#tellSelection(document);
  }

  #change(document: HostDocument, name: string, state: DocumentState): void {
    document.change(name, state);
    this.#tellHistory(document);
  }

  #tellSelection({ id }: HostDocument): void {
    this.#tell('set', { _target: [{ _ref: 'channel', _property: 'selection' }], documentID: id });
  }

  #tellHistory(document: HostDocument): void {
    const { id, name } = document.history.active;
    this.#tell('historyStateChanged', { documentID: document.id, ID: id, name });
  }

  #tell(event: string, descriptor: Readonly<Record<string, unknown>>): void {
    this.#application.notifications.tell(event, descriptor);
  }
}
