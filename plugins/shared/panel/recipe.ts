/** With what a result was made, as an insertion tells it. */
import type { Insertion, Recipe } from './editor-host.ts';

/** What the editor keeps with the result that it inserts. */
export function recipeOf({ order, place, results, createdAt }: Insertion): Recipe {
  const [first] = results.flat();
  const count = Math.max(...results.map((pictures) => pictures.filter(isPicture).length), 1);
  return { operation: order.operation, request: first?.request ?? order.request, place, count, createdAt };
}

function isPicture({ role }: Insertion['results'][number][number]): boolean {
  return role === 'picture';
}
