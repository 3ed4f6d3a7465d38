/** A layer as a plugin sees it. Each look at a document makes new ones: only their ids tell whether two are the same. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Application } from './application.ts';
import { constants } from './constants.ts';
import {
  allLayers,
  boundsOfLayer,
  type DocumentState,
  findLayer,
  type Insertion,
  type LayerState,
  parentOf,
  withInserted,
  withLayer,
  withoutLayers,
} from './document-state.ts';
import { notModelled, PhotoshopError } from './errors.ts';
import type { HostDocument } from './host-document.ts';
import { heightOf, nowhere, type Rectangle, widthOf } from './rectangle.ts';

export interface DomBounds extends Rectangle {
  readonly width: number;
  readonly height: number;
}

export function domBounds(bounds: Rectangle = nowhere): DomBounds {
  return { ...bounds, width: widthOf(bounds), height: heightOf(bounds) };
}

const placements: Readonly<Record<string, Insertion>> = {
  [constants.ElementPlacement.PLACEBEFORE]: 'before',
  [constants.ElementPlacement.PLACEAFTER]: 'after',
  [constants.ElementPlacement.PLACEINSIDE]: 'inside',
  [constants.ElementPlacement.PLACEATBEGINNING]: 'inside',
  [constants.ElementPlacement.PLACEATEND]: 'atEnd',
};

export class DomLayer {
  readonly typename = 'Layer';
  readonly id: number;
  readonly #application: Application;
  readonly #document: HostDocument;

  constructor(application: Application, document: HostDocument, id: number) {
    this.#application = application;
    this.#document = document;
    this.id = id;
  }

  get _docId(): number {
    return this.#document.id;
  }

  get name(): string {
    return this.#state.name;
  }

  set name(name: string) {
    this.#change('Rename Layer', (layer) => ({ ...layer, name }));
  }

  get kind(): string {
    const { kind } = this.#state;
    return kind === 'artboard' ? constants.LayerKind.GROUP : kind;
  }

  get visible(): boolean {
    return this.#state.isVisible;
  }

  set visible(isVisible: boolean) {
    this.#change('Layer Visibility', (layer) => ({ ...layer, isVisible }));
  }

  get opacity(): number {
    return this.#state.opacity;
  }

  set opacity(opacity: number) {
    this.#change('Opacity Change', (layer) => ({ ...layer, opacity }));
  }

  get blendMode(): string {
    return this.#state.children === undefined ? constants.BlendMode.NORMAL : constants.BlendMode.PASSTHROUGH;
  }

  set blendMode(mode: string) {
    if (mode !== this.blendMode) throw notModelled(`the blend mode "${mode}"`);
  }

  get allLocked(): boolean {
    return this.#state.isLocked;
  }

  set allLocked(isLocked: boolean) {
    this.#change('Lock Layer', (layer) => ({ ...layer, isLocked }));
  }

  get pixelsLocked(): boolean {
    return this.#state.isLocked;
  }

  get positionLocked(): boolean {
    return this.#state.isLocked || this.#state.isBackground;
  }

  get locked(): boolean {
    return this.#state.isLocked || this.#state.isBackground;
  }

  get isBackgroundLayer(): boolean {
    return this.#state.isBackground;
  }

  get isClippingMask(): boolean {
    return false;
  }

  get bounds(): DomBounds {
    return domBounds(boundsOfLayer(this.#state));
  }

  get boundsNoEffects(): DomBounds {
    return this.bounds;
  }

  get parent(): DomLayer | null {
    const parent = parentOf(this.#document.state, this.id);
    return parent === undefined ? null : new DomLayer(this.#application, this.#document, parent.id);
  }

  get layers(): DomLayer[] | null {
    const { children } = this.#state;
    return children === undefined ? null : layersOf(this.#application, this.#document, children);
  }

  get selected(): boolean {
    return this.#document.state.activeLayerIds.includes(this.id);
  }

  set selected(isSelected: boolean) {
    this.#application.modal.assertModal('Layer.selected');
    const { state } = this.#document;
    const others = state.activeLayerIds.filter((id) => id !== this.id);
    this.#document.history.replace({
      ...state,
      activeLayerIds: isSelected ? [...others, this.id] : others,
    });
  }

  async delete(): Promise<void> {
    this.#application.modal.assertModal('Layer.delete');
    const { state } = this;
    await nextTurn();
    const ids = [...allLayers([state])].map(({ id }) => id);
    const without = withoutLayers(this.#document.state, [this.id]);
    const active = without.activeLayerIds.filter((id) => !ids.includes(id));
    this.#document.change('Delete Layer', { ...without, activeLayerIds: active });
  }

  async move(relativeTo: DomLayer, placement: string): Promise<void> {
    this.#application.modal.assertModal('Layer.move');
    const layer = this.#state;
    if (relativeTo._docId !== this._docId) {
      throw new PhotoshopError('You can only move layers in the same document.');
    }
    if (layer.isBackground) throw new PhotoshopError('The Background layer cannot be moved.');
    await nextTurn();
    const at = this.#placement(placement, relativeTo);
    const without = withoutLayers(this.#document.state, [this.id]);
    this.#document.change('Move Layer', withInserted(without, layer, { at, relativeTo: relativeTo.id }));
  }

  async duplicate(relativeTo?: DomLayer, placement?: string, name?: string): Promise<DomLayer> {
    this.#application.modal.assertModal('Layer.duplicate');
    const layer = this.#state;
    await nextTurn();
    const copy = this.#copyOf(layer, name ?? `${layer.name} copy`);
    const target = relativeTo ?? this;
    const at = placement === undefined ? 'before' : this.#placement(placement, target);
    const inserted = withInserted(this.#document.state, copy, { at, relativeTo: target.id });
    this.#document.change('Duplicate Layer', { ...inserted, activeLayerIds: [copy.id] });
    return new DomLayer(this.#application, this.#document, copy.id);
  }

  /** Not Photoshop's: what the layer is now. */
  get state(): LayerState {
    return this.#state;
  }

  get #state(): LayerState {
    const state = findLayer(this.#document.state, this.id);
    if (state === undefined) throw new PhotoshopError(`The layer ${this.id} does not exist.`, -25_920);
    return state;
  }

  #change(name: string, change: (layer: LayerState) => LayerState): void {
    this.#application.modal.assertModal(name);
    const before: DocumentState = this.#document.state;
    if (findLayer(before, this.id) === undefined) throw new PhotoshopError(`No layer ${this.id}.`);
    this.#document.change(name, withLayer(before, this.id, change));
  }

  #placement(placement: string, relativeTo: DomLayer): Insertion {
    const at = placements[placement];
    if (at === undefined) throw new PhotoshopError(`Unknown placement "${placement}".`);
    if ((at === 'inside' || at === 'atEnd') && relativeTo.state.children === undefined) {
      throw new PhotoshopError('A layer can only be placed inside a group.');
    }
    if (at === 'after' && relativeTo.state.isBackground) {
      throw new PhotoshopError('Nothing can be placed below the Background layer.');
    }
    return at;
  }

  #copyOf(layer: LayerState, name: string): LayerState {
    return {
      ...layer,
      id: this.#application.newLayerId(),
      name,
      isBackground: false,
      ...(layer.children && { children: layer.children.map((child) => this.#copyOf(child, child.name)) }),
    };
  }
}

/** With the lookup by name that Photoshop's collections have. */
export class DomLayers extends Array<DomLayer> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  getByName(name: string): DomLayer | null {
    return this.find((layer) => layer.name === name) ?? null;
  }
}

export function layersOf(
  application: Application,
  document: HostDocument,
  layers: readonly LayerState[],
): DomLayers {
  return DomLayers.from(layers.map(({ id }) => new DomLayer(application, document, id))) as DomLayers;
}
