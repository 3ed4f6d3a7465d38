/** A document as a plugin sees it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Application } from './application.ts';
import type { ColorMode } from './color.ts';
import { constants } from './constants.ts';
import {
  type DocumentState,
  findLayer,
  type LayerState,
  layerFormat,
  newLayer,
  parentOf,
  withCanvas,
  withGrouped,
  withNewLayer,
} from './document-state.ts';
import { DomLayer, type DomLayers, layersOf } from './dom-layer.ts';
import { DomSelection } from './dom-selection.ts';
import { notModelled, PhotoshopError } from './errors.ts';
import type { HistoryEntry } from './history.ts';
import type { HostDocument } from './host-document.ts';
import { Raster } from './raster.ts';
import type { Offset } from './rectangle.ts';
import { resized } from './resize.ts';

const modes: Readonly<Record<ColorMode, string>> = {
  RGB: constants.DocumentMode.RGB,
  Grayscale: constants.DocumentMode.GRAYSCALE,
  CMYK: constants.DocumentMode.CMYK,
  Lab: constants.DocumentMode.LAB,
};

const depths = {
  8: constants.BitsPerChannelType.EIGHT,
  16: constants.BitsPerChannelType.SIXTEEN,
  32: constants.BitsPerChannelType.THIRTYTWO,
} as const;

export interface NewLayerOptions {
  readonly name?: string;
  readonly opacity?: number;
  readonly blendMode?: string;
  readonly fromLayers?: DomLayer | readonly DomLayer[];
}

export interface DomHistoryState {
  readonly typename: 'HistoryState';
  readonly id: number;
  readonly docId: number;
  readonly name: string;
}

export class DomDocument {
  readonly typename = 'Document';
  readonly id: number;
  readonly #application: Application;
  readonly #document: HostDocument;

  constructor(application: Application, document: HostDocument) {
    this.#application = application;
    this.#document = document;
    this.id = document.id;
  }

  get name(): string {
    return this.#state && this.#document.name;
  }

  get title(): string {
    return this.name;
  }

  /** Pixels, whatever the rulers show. */
  get width(): number {
    return this.#state.width;
  }

  get height(): number {
    return this.#state.height;
  }

  /** Pixels per inch. */
  get resolution(): number {
    return this.#state.resolution;
  }

  get mode(): string {
    return modes[this.#state.mode];
  }

  get bitsPerChannel(): string {
    return depths[this.#state.depth];
  }

  get colorProfileName(): string {
    return this.#state.profile;
  }

  get quickMaskMode(): boolean {
    return this.#state && false;
  }

  get layers(): DomLayers {
    return layersOf(this.#application, this.#document, this.#state.layers);
  }

  get activeLayers(): DomLayers {
    const state = this.#state;
    const active = state.activeLayerIds.flatMap((id) => findLayer(state, id) ?? []);
    return layersOf(this.#application, this.#document, active);
  }

  get artboards(): DomLayers {
    const artboards = this.#state.layers.filter(({ kind }) => kind === 'artboard');
    return layersOf(this.#application, this.#document, artboards);
  }

  get backgroundLayer(): DomLayer | null {
    return this.layers.find((layer) => layer.isBackgroundLayer) ?? null;
  }

  get selection(): DomSelection {
    return new DomSelection(this.#application, this.#document);
  }

  get activeHistoryState(): DomHistoryState {
    return this.#historyState(this.#document.history.active);
  }

  get historyStates(): DomHistoryState[] {
    return this.#document.history.entries.map((entry) => this.#historyState(entry));
  }

  async createPixelLayer({ name, opacity = 100 }: NewLayerOptions = {}): Promise<DomLayer> {
    const state = await this.#begin('createPixelLayer');
    const id = this.#application.newLayerId();
    const raster = Raster.empty(layerFormat(state));
    const layer = newLayer(id, { name: name ?? `Layer ${id}`, opacity, raster });
    this.#document.change('New Layer', withNewLayer(state, layer));
    return this.#layer(layer);
  }

  createLayer(kind?: string | NewLayerOptions, options?: NewLayerOptions): Promise<DomLayer> {
    if (typeof kind !== 'string') return this.createPixelLayer(kind ?? {});
    if (kind === constants.LayerKind.GROUP) return this.createLayerGroup(options);
    if (kind === constants.LayerKind.NORMAL) return this.createPixelLayer(options);
    throw notModelled(`layers of the kind "${kind}"`);
  }

  async createLayerGroup({ name, opacity = 100, fromLayers = [] }: NewLayerOptions = {}): Promise<DomLayer> {
    const state = await this.#begin('createLayerGroup');
    const id = this.#application.newLayerId();
    const wanted = fromLayers instanceof DomLayer ? [fromLayers] : fromLayers;
    const fields = { name: name ?? `Group ${id}`, kind: 'group', opacity } as const;
    if (wanted.length === 0) {
      const group = newLayer(id, { ...fields, children: [] });
      this.#document.change('New Group', withNewLayer(state, group));
      return this.#layer(group);
    }
    const children = this.#siblings(state, wanted);
    const group = newLayer(id, { ...fields, children });
    const grouped = withGrouped(state, group);
    this.#document.change('Group Layers', { ...grouped, activeLayerIds: [id] });
    return this.#layer(group);
  }

  groupLayers(layers: readonly DomLayer[]): Promise<DomLayer> {
    return this.createLayerGroup({ fromLayers: layers });
  }

  async resizeCanvas(width: number, height: number, anchor = 'middle-center'): Promise<void> {
    const state = await this.#begin('resizeCanvas');
    assertSize(width, height);
    const offset = offsetOf(anchor, { x: width - state.width, y: height - state.height });
    this.#document.change('Canvas Size', withCanvas(state, { width, height, offset }));
  }

  async crop(
    bounds: { left: number; top: number; right: number; bottom: number },
    angle = 0,
    width?: number,
    height?: number,
  ): Promise<void> {
    const state = await this.#begin('crop');
    if (angle !== 0 || width !== undefined || height !== undefined)
      throw notModelled('crop that turns or scales');
    const { left, top, right, bottom } = bounds;
    assertSize(right - left, bottom - top);
    const offset = { x: -left, y: -top };
    const canvas = { width: right - left, height: bottom - top, offset };
    this.#document.change('Crop', withCanvas(state, canvas));
  }

  async resizeImage(width?: number, height?: number, resolution?: number): Promise<void> {
    const state = await this.#begin('resizeImage');
    const size = {
      width: width ?? Math.round((state.width * (height ?? state.height)) / state.height),
      height: height ?? Math.round((state.height * (width ?? state.width)) / state.width),
    };
    assertSize(size.width, size.height);
    this.#document.change('Image Size', {
      ...resized(state, size),
      resolution: resolution ?? state.resolution,
    });
  }

  async close(saveOptions: number = constants.SaveOptions.PROMPTTOSAVECHANGES): Promise<void> {
    await this.#begin('close');
    if (saveOptions !== constants.SaveOptions.DONOTSAVECHANGES) throw notModelled('saving on close');
    this.#application.close(this.#document);
  }

  closeWithoutSaving(): Promise<void> {
    return this.close(constants.SaveOptions.DONOTSAVECHANGES);
  }

  async suspendHistory(action: (context: object) => unknown, name: string): Promise<void> {
    await this.#application.modal.execute(
      async ({ hostControl, ...context }) => {
        const id = await hostControl.suspendHistory({ documentID: this.id, name });
        await action({ ...context, hostControl });
        await hostControl.resumeHistory(id);
      },
      { commandName: name },
    );
  }

  get #state(): DocumentState {
    return this.#document.state;
  }

  async #begin(what: string): Promise<DocumentState> {
    this.#application.modal.assertModal(`Document.${what}`);
    await nextTurn();
    return this.#state;
  }

  #layer({ id }: LayerState): DomLayer {
    return new DomLayer(this.#application, this.#document, id);
  }

  #historyState({ id, name }: HistoryEntry): DomHistoryState {
    return { typename: 'HistoryState', id, docId: this.id, name };
  }

  /** From the top; they have to be in one group. */
  #siblings(state: DocumentState, layers: readonly DomLayer[]): readonly LayerState[] {
    const ids = layers.map(({ id }) => id);
    const around = parentOf(state, ids[0]!)?.children ?? state.layers;
    const children = around.filter(({ id }) => ids.includes(id));
    if (children.length !== ids.length) throw notModelled('a group of layers from several groups');
    if (children.some((child) => child.isBackground)) throw notModelled('a group of the Background layer');
    return children;
  }
}

function assertSize(width: number, height: number): void {
  const isValid = [width, height].every((side) => Number.isInteger(side) && side >= 1 && side <= 300_000);
  if (!isValid) throw new PhotoshopError(`A canvas cannot be ${width} x ${height} pixels.`);
}

/** How far what was at (0, 0) goes, of what the canvas grows by. */
function offsetOf(anchor: string, growth: Offset): Offset {
  const [vertical, horizontal] = anchor.split('-');
  const share = { top: 0, middle: 0.5, bottom: 1, left: 0, center: 0.5, right: 1 } as const;
  const of = (word: string | undefined) => {
    const value = share[word as keyof typeof share];
    if (value === undefined) throw new PhotoshopError(`Unknown anchor "${anchor}".`);
    return value;
  };
  return { x: Math.floor(growth.x * of(horizontal)), y: Math.floor(growth.y * of(vertical)) };
}
