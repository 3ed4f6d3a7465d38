/** Where a result belongs in Photoshop. It can be written as JSON: with the layers, and in the panel's history. */
import type { Place } from '../../shared/panel/editor-host.ts';
import type { Bounds, Margins, Size } from '../../shared/picture/geometry.ts';
import { problem } from '../document/problem.ts';

/** A type, since interfaces are not taken for records. */
type PlaceBase = {
  /** Of this place alone, to find again what was inserted there. */
  readonly id: string;
  readonly documentId: number;
  /** As it was when the pixels were taken. */
  readonly canvas: Size;
  /** What was selected, or the layer's or document's own bounds. Of an expansion: of the old picture. */
  readonly area: Bounds;
  /** The group that already holds results for this place: further ones join it. */
  readonly groupId?: number;
};

export type PhotoshopPlace = PlaceBase &
  (
    | { readonly kind: 'selection' }
    | { readonly kind: 'document' }
    | { readonly kind: 'layer'; readonly layerId: number }
    | { readonly kind: 'expansion'; readonly margins: Margins }
  );

const kinds = ['selection', 'document', 'layer', 'expansion'];

/** Throws a `ClientError` `foreign-place` for what is none: it may be of another editor, or of another version. */
export function parsePlace(place: Place): PhotoshopPlace {
  const { kind, id, documentId, canvas, area, groupId, layerId, margins } = place;
  const isPlace =
    typeof kind === 'string' &&
    kinds.includes(kind) &&
    typeof id === 'string' &&
    hasNumbers({ documentId }, ['documentId']) &&
    hasNumbers(canvas, ['width', 'height']) &&
    hasNumbers(area, ['left', 'top', 'width', 'height']) &&
    (groupId === undefined || typeof groupId === 'number') &&
    (kind !== 'layer' || typeof layerId === 'number') &&
    (kind !== 'expansion' || hasNumbers(margins, ['left', 'top', 'right', 'bottom']));
  if (!isPlace) throw problem('foreign-place');
  return place as unknown as PhotoshopPlace;
}

function hasNumbers(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Record<string, unknown>;
  return names.every((name) => Number.isFinite(record[name]));
}

export function isSameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}
