/** Photoshop as the panel knows it. */
import { type ReadonlySignal, signal } from '@preact/signals-core';
import type {
  Capture,
  EditorHost,
  Insertion,
  InsertionOutcome,
  MapInsertion,
  Order,
  Place,
  Recipe,
  Target,
  TaskOutline,
} from '../../shared/panel/editor-host.ts';
import { controlOutlines } from '../../shared/store/control-images.ts';
import { maskOutline } from '../../shared/store/sent-area.ts';
import type { Photoshop, PhotoshopDocument, PhotoshopLayer } from '../api/photoshop.ts';
import type { Uxp } from '../api/uxp.ts';
import { selectLayer } from '../document/batch-play.ts';
import {
  activeDocumentOf,
  activeLayerOf,
  type DocumentState,
  findDocument,
  findLayer,
  type LayerName,
  readDocumentState,
} from '../document/document-state.ts';
import { readRecipe, type TextStorage } from '../document/layer-recipe.ts';
import { captureDelaysMs, inModalScope } from '../document/modal.ts';
import { photoshopFailure, problem } from '../document/problem.ts';
import { watchPhotoshop } from '../document/watch.ts';
import { capturePixels } from './capture.ts';
import { controlFormat } from './control-capture.ts';
import { insertPictures } from './insertion.ts';
import { insertMap } from './map-insertion.ts';
import { type PhotoshopPlace, parsePlace } from './place.ts';
import { likelyFormat, requestFor, type Subject, sentOf, subjectOf } from './subject.ts';
import { targetOf } from './target.ts';

const maxRecentLayers = 8;

export interface PhotoshopHostOptions {
  readonly photoshop: Photoshop;
  readonly shell: Uxp['shell'];
  /** For recipes that Photoshop does not keep. */
  readonly storage: TextStorage;
}

interface ResultLayer {
  readonly document: PhotoshopDocument;
  readonly layer: PhotoshopLayer;
}

export class PhotoshopHost implements EditorHost {
  readonly editor = 'photoshop';
  readonly #photoshop: Photoshop;
  readonly #shell: Uxp['shell'];
  readonly #storage: TextStorage;
  readonly #target = signal<Target>(targetOf(undefined));
  readonly target: ReadonlySignal<Target> = this.#target;
  readonly #stopWatching: () => void;
  #state: DocumentState | undefined;
  /** Layers that were active, the last one first; one that has gone since is told when it is used. */
  #recent: { readonly documentId: number; readonly layers: readonly LayerName[] } | undefined;
  /** Grows with each look, so that a recipe which comes late is not taken for that of another layer. */
  #look = 0;

  constructor({ photoshop, shell, storage }: PhotoshopHostOptions) {
    this.#photoshop = photoshop;
    this.#shell = shell;
    this.#storage = storage;
    this.#stopWatching = watchPhotoshop(photoshop, () => this.#refresh());
  }

  close(): void {
    this.#stopWatching();
  }

  outline(order: Order): readonly TaskOutline[] | undefined {
    const state = this.#state;
    if (state === undefined) return undefined;
    let subject: Subject;
    try {
      subject = order.place === undefined ? subjectOf(order, state) : parsePlace(order.place);
    } catch {
      return undefined;
    }
    const { canvas, depth } = state;
    const sent = sentOf(subject, { ...order, canvas });
    const source = { role: 'source', format: likelyFormat(subject, depth), ...sent } as const;
    const mask = { ...maskOutline(sent), maskBounds: subject.area };
    const own = subject.kind === 'selection' ? [source, mask] : [source];
    const images = [...own, ...controlOutlines(order.request, sent, controlFormat)];
    return [{ request: requestFor(subject, order.request), images, canvas }];
  }

  async capture(order: Order): Promise<Capture> {
    try {
      return await capturePixels(this.#photoshop, await this.#withPlaceNow(order));
    } catch (error) {
      throw photoshopFailure('read the pixels', error);
    }
  }

  async insert(insertion: Insertion): Promise<InsertionOutcome> {
    try {
      return await insertPictures(this.#photoshop, this.#keeping, insertion);
    } catch (error) {
      throw photoshopFailure('insert the result', error);
    } finally {
      this.#refresh();
    }
  }

  async insertMap(map: MapInsertion): Promise<void> {
    try {
      await insertMap(this.#photoshop, map);
    } catch (error) {
      throw photoshopFailure('insert the map', error);
    } finally {
      this.#refresh();
    }
  }

  async reveal(place: Place): Promise<void> {
    const result = await this.#findResult(parsePlace(place));
    if (result === undefined) throw problem('result-gone');
    const { app, action, core } = this.#photoshop;
    const options = { commandName: 'Inlay: showing a result', delaysMs: captureDelaysMs };
    await inModalScope(core, options, async () => {
      app.activeDocument = result.document;
      await selectLayer(action, result.layer.id);
    });
  }

  openInBrowser(url: string): void {
    // The user may say no.
    this.#shell.openExternal(url, 'This page is about Inlay, which makes the pictures.').catch(() => {});
  }

  get #keeping() {
    return { action: this.#photoshop.action, storage: this.#storage };
  }

  #refresh(): void {
    const look = ++this.#look;
    try {
      this.#state = this.#withRecent(readDocumentState(this.#photoshop));
    } catch {
      // It was closed in this very moment: the next event or poll tells what is there then.
      this.#state = undefined;
    }
    void this.#activeRecipe().then((recipe) => {
      if (look === this.#look) this.#tell(targetOf(this.#state, recipe));
    });
  }

  /** What was active a while ago stays on offer: a control may follow it while something else is selected. */
  #withRecent(state: DocumentState | undefined): DocumentState | undefined {
    if (state === undefined) return undefined;
    const { id, layer, pictures } = state;
    const before = (this.#recent?.documentId === id ? this.#recent.layers : []).filter(
      (recent) => recent.id !== layer?.id,
    );
    const active = layer === undefined ? [] : [{ id: layer.id, name: layer.name }];
    const layers = [...active, ...before].slice(0, maxRecentLayers);
    this.#recent = { documentId: id, layers };
    const listed = new Set(pictures.map((picture) => picture.id));
    return { ...state, pictures: [...pictures, ...layers.filter((recent) => !listed.has(recent.id))] };
  }

  /** The same again is no reason to show everything anew. */
  #tell(target: Target): void {
    if (JSON.stringify(target) !== JSON.stringify(this.#target.peek())) this.#target.value = target;
  }

  /** Of the active layer, or of the group that it is in. Never rejects. */
  async #activeRecipe(): Promise<Recipe | undefined> {
    try {
      const document = activeDocumentOf(this.#photoshop.app);
      const layer = document && activeLayerOf(document);
      if (document === undefined || layer === undefined) return undefined;
      const group = layer.parent;
      return (
        (await this.#recipeOf(document, layer)) ??
        (group && (await this.#recipeOf(document, group))) ??
        undefined
      );
    } catch {
      return undefined;
    }
  }

  /** With the ids that document and group have now: they are others after the document was opened again. */
  async #recipeOf(document: PhotoshopDocument, layer: PhotoshopLayer): Promise<Recipe | undefined> {
    const { id: documentId, title } = document;
    const recipe = await readRecipe(this.#keeping, { documentId, title, layerId: layer.id });
    if (recipe === undefined) return undefined;
    const group = layer.layers ? layer : layer.parent;
    const isGrouped = recipe.operation !== 'upscale' && group !== null;
    return { ...recipe, place: { ...recipe.place, documentId, ...(isGrouped && { groupId: group.id }) } };
  }

  /** An order for an earlier place knows of it what was true when its pixels were taken; since then its group has come. */
  async #withPlaceNow(order: Order): Promise<Order> {
    if (order.place === undefined) return order;
    const place = parsePlace(order.place);
    if (place.groupId !== undefined) return order;
    const result = await this.#findResult(place);
    const recipe = result && (await this.#recipeOf(result.document, result.layer));
    return recipe === undefined ? order : { ...order, place: recipe.place };
  }

  /** The group or layer that was made for a place, wherever it was moved to; nothing where it is not there any more. */
  async #findResult({ id, documentId, groupId }: PhotoshopPlace): Promise<ResultLayer | undefined> {
    const { app } = this.#photoshop;
    const document = findDocument(app, documentId) ?? activeDocumentOf(app);
    if (document === undefined) return undefined;
    const group = groupId === undefined ? undefined : findLayer(document.layers, groupId);
    if (group !== undefined) return { document, layer: group };
    for (const layer of outermostLayers(document)) {
      const recipe = await this.#recipeOf(document, layer);
      if (recipe?.place.id === id) return { document, layer };
    }
    return undefined;
  }
}

/** From the top, with what lies in artboards instead of those. */
function outermostLayers({ layers, artboards }: PhotoshopDocument): readonly PhotoshopLayer[] {
  const boards = new Set(Array.from(artboards, ({ id }) => id));
  return Array.from(layers).flatMap((layer) => (boards.has(layer.id) ? (layer.layers ?? []) : [layer]));
}
