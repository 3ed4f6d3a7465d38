/**
 * The recipe that a layer keeps. It lies where Adobe's Generator keeps the settings of its plugins with a layer
 * (`generatorSettings`, as `setLayerSettingsForPlugin` does), and so is saved with the document and there on any computer.
 * Where Photoshop does not give it back, this computer's own storage has it.
 */
import type { Recipe } from '../../shared/panel/editor-host.ts';
import type { Descriptor, PhotoshopAction } from '../api/photoshop.ts';
import { play } from './batch-play.ts';

/** Ours among the settings of all plugins. */
const settingsKey = 'inlay';
const storageKey = 'inlay-layer-recipes';
/** Of those that only this computer keeps; the oldest go. */
const maxStored = 50;

export interface RecipePlace {
  readonly documentId: number;
  /** The document's name: its id is another one each time that it is opened. */
  readonly title: string;
  readonly layerId: number;
}

/** What `localStorage` has that this needs. */
export interface TextStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

export interface RecipeKeeping {
  readonly action: PhotoshopAction;
  readonly storage: TextStorage;
}

/** In a modal scope. */
export async function writeRecipe(
  { action, storage }: RecipeKeeping,
  place: RecipePlace,
  recipe: Recipe,
): Promise<void> {
  const json = JSON.stringify(recipe);
  if (await writeToLayer(action, place, json)) return;
  const stored = storedRecipes(storage).filter(([name]) => name !== storedName(place));
  storage.setItem(storageKey, JSON.stringify([...stored, [storedName(place), json]].slice(-maxStored)));
}

/** Nothing of a layer that is no result of ours. */
export async function readRecipe(
  { action, storage }: RecipeKeeping,
  place: RecipePlace,
): Promise<Recipe | undefined> {
  const json =
    (await readFromLayer(action, place)) ??
    storedRecipes(storage).find(([name]) => name === storedName(place))?.[1];
  return json === undefined ? undefined : parseRecipe(json);
}

async function writeToLayer(action: PhotoshopAction, place: RecipePlace, json: string): Promise<boolean> {
  try {
    await play(action, {
      _obj: 'set',
      _target: [{ _ref: 'property', _property: 'generatorSettings' }, ...layerReference(place)],
      to: { _obj: 'null', json },
      property: settingsKey,
    });
  } catch {
    return false;
  }
  return (await readFromLayer(action, place)) === json;
}

async function readFromLayer(action: PhotoshopAction, place: RecipePlace): Promise<string | undefined> {
  let result: Descriptor;
  try {
    result = await play(action, {
      _obj: 'get',
      _target: [{ _property: 'generatorSettings' }, ...layerReference(place)],
      property: settingsKey,
    });
  } catch {
    // A layer without any such settings is a failure to Photoshop.
    return undefined;
  }
  const settings = recordOf(result.generatorSettings);
  const json = settings?.json ?? recordOf(settings?.[settingsKey])?.json;
  return typeof json === 'string' ? json : undefined;
}

function layerReference({ layerId, documentId }: RecipePlace): readonly object[] {
  return [
    { _ref: 'layer', _id: layerId },
    { _ref: 'document', _id: documentId },
  ];
}

/** Nothing for what is not a recipe: anybody can write there. */
function parseRecipe(json: string): Recipe | undefined {
  let recipe: Record<string, unknown> | undefined;
  try {
    recipe = recordOf(JSON.parse(json));
  } catch {
    return undefined;
  }
  const isRecipe =
    recipe !== undefined &&
    typeof recipe.operation === 'string' &&
    typeof recordOf(recipe.request)?.operation === 'string' &&
    recordOf(recipe.place) !== undefined &&
    typeof recipe.createdAt === 'number' &&
    typeof recipe.count === 'number';
  return isRecipe ? (recipe as unknown as Recipe) : undefined;
}

function storedRecipes(storage: TextStorage): readonly (readonly [string, string])[] {
  try {
    return JSON.parse(storage.getItem(storageKey) ?? '[]');
  } catch {
    return [];
  }
}

function storedName({ title, layerId }: RecipePlace): string {
  return `${layerId} ${title}`;
}

function recordOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}
