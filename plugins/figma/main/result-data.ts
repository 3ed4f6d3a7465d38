/** What results carry: how they were made, and the place that they belong to, by which they are found again. */
import type { PageNode, SceneNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { Recipe } from '../../shared/panel/editor-host.ts';
import type { FigmaPlace } from '../protocol/place.ts';

const recipeKey = 'inlay-recipe';
const placeKey = 'inlay-place';
/** Of one entry of a node's data, in bytes. */
const maxDataBytes = 100_000;
/** The command behind the button that a result shows while it is selected; the manifest names it. */
export const regenerateCommand = 'regenerate';

/** False where the recipe is too long to be kept: nothing can be made from this result later. */
export function markResult(
  node: SceneNode,
  { recipe, place }: { recipe: Recipe; place: FigmaPlace },
): boolean {
  node.setPluginData(placeKey, place.id);
  const text = JSON.stringify(recipe);
  const fits = utf8Length(text) + recipeKey.length <= maxDataBytes;
  node.setPluginData(recipeKey, fits ? text : '');
  node.setRelaunchData(fits ? { [regenerateCommand]: '' } : {});
  return fits;
}

/** With what the one selected node, or what it is in, was made. Its place is where it is now: it may be a copy. */
export function recipeOfSelected(selection: readonly SceneNode[]): Recipe | undefined {
  if (selection.length !== 1) return undefined;
  let node: SceneNode = selection[0]!;
  for (;;) {
    const recipe = recipeIn(node);
    if (recipe !== undefined) {
      const place = { ...recipe.place, resultId: node.id, pageId: figma.currentPage.id };
      return { ...recipe, place };
    }
    const { parent } = node;
    if (parent === null || parent.type === 'PAGE' || parent.type === 'DOCUMENT') return undefined;
    node = parent as SceneNode;
  }
}

/** Nothing for data of another version of this plugin. */
function recipeIn(node: SceneNode): Recipe | undefined {
  const text = node.getPluginData(recipeKey);
  if (text === '') return undefined;
  try {
    const recipe = JSON.parse(text) as Partial<Recipe> | null;
    const isRecipe = recipe?.request?.operation !== undefined && placeOf(recipe.place) !== undefined;
    return isRecipe ? (recipe as Recipe) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const kinds: readonly unknown[] = [
  'fill',
  'expand',
  'paint',
  'canvas',
  'sketch',
  'mockup',
] satisfies readonly FigmaPlace['kind'][];

/** A place that the panel has kept; nothing for what is none. */
export function placeOf(value: unknown): FigmaPlace | undefined {
  const place = value as Partial<FigmaPlace> | null | undefined;
  const isPlace =
    typeof place?.id === 'string' && typeof place.pageId === 'string' && kinds.includes(place.kind);
  return isPlace ? (place as FigmaPlace) : undefined;
}

/** The page that a place is on, with its layers loaded; nothing where it was deleted. */
export async function pageOf({ pageId }: FigmaPlace): Promise<PageNode | undefined> {
  const page = await figma.getNodeByIdAsync(pageId);
  if (page?.type !== 'PAGE') return undefined;
  await page.loadAsync();
  return page;
}

/** All that was made for a place, the selected one first; of a fill its group. */
export async function resultsOf(place: FigmaPlace): Promise<readonly SceneNode[]> {
  const page = await pageOf(place);
  if (page === undefined) return [];
  const found = page
    .findAllWithCriteria({ pluginData: { keys: [placeKey] } })
    .filter((node) => node.getPluginData(placeKey) === place.id) as readonly SceneNode[];
  const named = found.filter(({ id }) => id === place.resultId);
  return [...named, ...found.filter(({ id }) => id !== place.resultId)];
}

function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}
