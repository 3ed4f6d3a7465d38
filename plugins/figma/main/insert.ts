/** Puts results where they belong, as one step of the user's undo. */
import type { InsertRequest } from '../protocol/messages.ts';
import type { FigmaPlace } from '../protocol/place.ts';
import { insertExpansion } from './insert-expansion.ts';
import { insertFill } from './insert-fill.ts';
import { insertMockup } from './insert-mockup.ts';
import { insertOnCanvas, insertPaints } from './insert-paints.ts';
import { insertSketch } from './insert-sketch.ts';
import type { Inserted } from './inserted.ts';
import { refusal } from './refusal.ts';
import { pageOf, resultsOf } from './result-data.ts';

/** Answers with what the user should be told, if anything. Rejects with a `ClientError`; nothing has changed then. */
export async function insert(request: InsertRequest): Promise<string | undefined> {
  const { place } = request;
  const page = await pageOf(place);
  if (page === undefined) {
    throw refusal('The page of this result has been deleted.', 'Undo that, and insert the result again.');
  }
  const selected = new Set(figma.currentPage.selection.map(({ id }) => id));
  const { nodes, note } = await insertAt(request);
  if (page.id === figma.currentPage.id && isWaitedFor(place, selected)) figma.currentPage.selection = nodes;
  if (place.kind === 'mockup' && page.id === figma.currentPage.id)
    figma.viewport.scrollAndZoomIntoView(nodes);
  figma.commitUndo();
  return note;
}

async function insertAt(request: InsertRequest): Promise<Inserted> {
  const { place } = request;
  switch (place.kind) {
    case 'fill':
      return await insertFill(request, place);
    case 'expand':
      return await insertExpansion(request, place);
    case 'paint':
      return await insertPaints(request, place);
    case 'canvas':
      return await insertOnCanvas(request, place);
    case 'sketch':
      return await insertSketch(request, place);
    case 'mockup':
      return await insertMockup(request, place);
  }
}

/** A user who has gone on to something else keeps what they have selected. */
function isWaitedFor(place: FigmaPlace, selected: ReadonlySet<string>): boolean {
  const known = Object.values(place).filter((value) => typeof value === 'string');
  return [...selected].every((id) => known.includes(id));
}

/** Selects what was inserted and brings it into view. Rejects with a `ClientError` where none of it is left. */
export async function reveal(place: FigmaPlace): Promise<void> {
  const page = await pageOf(place);
  const nodes = await resultsOf(place);
  if (page === undefined || nodes.length === 0) {
    throw refusal('This result is no longer in the file.', 'It can be inserted again.');
  }
  if (page.id !== figma.currentPage.id) await figma.setCurrentPageAsync(page);
  page.selection = nodes;
  figma.viewport.scrollAndZoomIntoView(nodes);
}
