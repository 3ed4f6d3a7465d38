/** Puts a job's pictures into their document: one modal scope, one step of its history, nothing of it after a failure. */
import type { Insertion, InsertionOutcome, Recipe } from '../../shared/panel/editor-host.ts';
import { entryTitle } from '../../shared/panel/history-store.ts';
import { recipeOf } from '../../shared/panel/recipe.ts';
import type { ModalContext, Photoshop, PhotoshopDocument, PhotoshopLayer } from '../api/photoshop.ts';
import { selectLayer } from '../document/batch-play.ts';
import { canvasOf, documentDepth, findDocument, findLayer } from '../document/document-state.ts';
import { writePixels } from '../document/imaging.ts';
import { LayerMasks } from '../document/layer-mask.ts';
import { type RecipeKeeping, writeRecipe } from '../document/layer-recipe.ts';
import { groupOf, moveToTop, newLayer } from '../document/layer-stack.ts';
import { asHistoryStep, inModalScope, insertDelaysMs, throwIfStopped } from '../document/modal.ts';
import { problem } from '../document/problem.ts';
import type { HostDepth } from '../pixels/depth.ts';
import { isSameSize, type PhotoshopPlace, parsePlace } from './place.ts';
import { expandedFrom, type Variation, variationsOf } from './variations.ts';

const inexactMaskNote =
  'Photoshop did not take the mask exactly as the selection was: look at the edges of the new layers.';

interface Work {
  readonly photoshop: Photoshop;
  readonly keeping: RecipeKeeping;
  readonly context: ModalContext;
  readonly document: PhotoshopDocument;
  readonly depth: HostDepth;
  readonly place: PhotoshopPlace;
  readonly recipe: Recipe;
  /** In the user's own words. */
  readonly name: string;
  readonly variations: readonly Variation[];
}

/** Rejects with a `ClientError`. */
export async function insertPictures(
  photoshop: Photoshop,
  keeping: RecipeKeeping,
  insertion: Insertion,
): Promise<InsertionOutcome> {
  const place = parsePlace(insertion.place);
  const document = documentOf(photoshop, place);
  const depth = documentDepth(photoshop, document);
  const variations = await variationsOf(insertion.results.flat(), { place, depth });
  if (variations.length === 0) throw new RangeError('Expected at least one picture to insert, received none');
  const recipe = recipeOf(insertion);
  const name = entryTitle(insertion.order);
  const options = { commandName: `Inlay: ${name}`, delaysMs: insertDelaysMs };
  return inModalScope(photoshop.core, options, async (context) => {
    // It may have been closed or cropped while the scope was waited for.
    const now = documentOf(photoshop, place);
    const work = { photoshop, keeping, context, document: now, depth, place, recipe, name, variations };
    return inFront(photoshop, now, () =>
      asHistoryStep(context, { documentId: now.id, name: `Inlay: ${name}` }, () => insert(work)),
    );
  });
}

/** Some commands know the front document only. */
export async function inFront<Value>(
  { app }: Photoshop,
  document: PhotoshopDocument,
  work: () => Promise<Value>,
): Promise<Value> {
  const front = app.activeDocument;
  if (front === null || front.id === document.id) return work();
  app.activeDocument = document;
  try {
    return await work();
  } finally {
    app.activeDocument = front;
  }
}

export function documentOf({ app }: Photoshop, { documentId, canvas }: PhotoshopPlace): PhotoshopDocument {
  const document = findDocument(app, documentId);
  if (document === undefined) throw problem('document-closed');
  if (!isSameSize(canvasOf(document), canvas)) throw problem('document-changed');
  return document;
}

async function insert(work: Work): Promise<InsertionOutcome> {
  const { document, place, recipe } = work;
  await resizeDocument(work);
  const isEnlarged = recipe.operation === 'upscale';
  const earlier = isEnlarged ? undefined : earlierGroup(work);
  const { layers, hasExactMasks } = await makeLayers(work, earlier?.layers?.length ?? 0);
  const top =
    earlier ?? (isEnlarged ? layers[0]! : await groupOf(document, { name: work.name, layers: [...layers] }));
  if (earlier === undefined) putInPlace(work, top);
  else joinGroup(work, earlier, layers);
  const placed: PhotoshopPlace = placedAs(place, canvasOf(document));
  await keepRecipe(work, top, { ...recipe, place: placed });
  if (!isEnlarged) {
    for (const [index, layer] of layers.entries()) {
      const { request } = work.variations[index]!;
      await keepRecipe(work, layer, { ...recipe, request, count: 1, place: placed });
    }
  }
  await selectLayer(work.photoshop.action, top.id);
  return hasExactMasks ? {} : { note: inexactMaskNote };
}

async function resizeDocument({ photoshop, document, place, recipe, variations }: Work): Promise<void> {
  const { AnchorPosition, ResampleMethod } = photoshop.constants;
  const { width, height } = canvasOf(document);
  let expected = { width, height };
  if (place.kind === 'expansion' && place.groupId === undefined) {
    const { left, top, right, bottom } = place.margins;
    expected = { width: width + left + right, height: height + top + bottom };
    // Each call moves one corner.
    await document.resizeCanvas(width + left, height + top, AnchorPosition.BOTTOMRIGHT);
    await document.resizeCanvas(expected.width, expected.height, AnchorPosition.TOPLEFT);
  } else if (place.kind === 'document' && recipe.operation === 'upscale') {
    const { bounds } = variations[0]!.pixels;
    expected = { width: bounds.width, height: bounds.height };
    await document.resizeImage(bounds.width, bounds.height, undefined, ResampleMethod.AUTOMATIC);
  }
  if (!isSameSize(canvasOf(document), expected)) throw problem('unexpected-size');
}

interface MadeLayers {
  /** In the order of the variations; the first lies on top, and it alone is seen. */
  readonly layers: readonly PhotoshopLayer[];
  readonly hasExactMasks: boolean;
}

async function makeLayers(work: Work, earlier: number): Promise<MadeLayers> {
  const { photoshop, context, document, depth, variations } = work;
  const masks = new LayerMasks(photoshop, { documentId: document.id, depth });
  const layers: PhotoshopLayer[] = [];
  let hasExactMasks = true;
  for (const [index, { pixels, mask }] of [...variations.entries()].reverse()) {
    throwIfStopped(context);
    const name = layerName(work, earlier + index + 1);
    const layer = await newLayer(photoshop, document, { name, isOnTop: layers.length === 0 });
    const reference = { documentId: document.id, layerId: layer.id };
    await writePixels(photoshop.imaging, reference, pixels);
    if (mask !== undefined) {
      const isExact = await masks.give(layer.id, mask);
      hasExactMasks &&= isExact;
    }
    if (index > 0) layer.visible = false;
    layers.unshift(layer);
  }
  return { layers, hasExactMasks };
}

/** The new ones go above those that are there, which are hidden. */
function joinGroup({ photoshop }: Work, group: PhotoshopLayer, layers: readonly PhotoshopLayer[]): void {
  const earlier = [...(group.layers ?? [])];
  for (const layer of earlier) layer.visible = false;
  for (const layer of layers) layer.move(earlier[0]!, photoshop.constants.ElementPlacement.PLACEBEFORE);
}

/** Right above the layer that it takes the place of, else above all. */
function putInPlace({ photoshop, document, place, variations }: Work, layer: PhotoshopLayer): void {
  const original = place.kind === 'layer' ? findLayer(document.layers, place.layerId) : undefined;
  if (original === undefined) {
    moveToTop(photoshop, document, { layer, area: variations[0]!.pixels.bounds });
    return;
  }
  layer.move(original, photoshop.constants.ElementPlacement.PLACEBEFORE);
  original.visible = false;
}

/** Where the place has a group already that takes more. */
function earlierGroup({ document, place }: Work): PhotoshopLayer | undefined {
  if (place.groupId === undefined) return undefined;
  const group = findLayer(document.layers, place.groupId);
  return group?.layers?.length && !group.allLocked ? group : undefined;
}

async function keepRecipe({ keeping, document }: Work, layer: PhotoshopLayer, recipe: Recipe): Promise<void> {
  const { id, title } = document;
  await writeRecipe(keeping, { documentId: id, title, layerId: layer.id }, recipe);
}

/** As it is after the insertion. Which group it is in is read off the layers when the recipe is. */
function placedAs(place: PhotoshopPlace, canvas: PhotoshopPlace['canvas']): PhotoshopPlace {
  return place.kind === 'expansion' ? { ...place, canvas, area: expandedFrom(place) } : { ...place, canvas };
}

function layerName({ recipe, place, document, variations }: Work, number: number): string {
  if (recipe.operation !== 'upscale') return `Variation ${number}`;
  const original = place.kind === 'layer' ? findLayer(document.layers, place.layerId)?.name : undefined;
  const factor = variations[0]!.pixels.bounds.width / place.area.width;
  return `${original ?? document.title} ${Number(factor.toFixed(2))}×`;
}
