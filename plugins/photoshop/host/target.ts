/** What the panel is told about what is open and selected. */
import type { Operation } from '../../../bridge/protocol/messages.ts';
import type { Offer, Recipe, Scope, Target } from '../../shared/panel/editor-host.ts';
import { boundsOf, type Size } from '../../shared/picture/geometry.ts';
import type { DocumentState } from '../document/document-state.ts';
import { type ProblemCode, reasonFor } from '../document/problem.ts';

/** In the order in which the panel shows them. */
export const photoshopOperations = [
  'fill',
  'remove',
  'expand',
  'vary',
  'upscale',
] as const satisfies readonly Operation[];
export type PhotoshopOperation = (typeof photoshopOperations)[number];

export const documentScopeId = 'document';

export const layerIdPrefix = 'layer-';

export function layerScopeId(layerId: number): string {
  return `${layerIdPrefix}${layerId}`;
}

/** Why an operation cannot be run on what is selected, if so. */
export function obstacleTo(
  operation: PhotoshopOperation,
  state: DocumentState | undefined,
): ProblemCode | undefined {
  if (state === undefined) return 'no-document';
  if (!state.hasColourLayers) return 'colour-mode';
  switch (operation) {
    case 'fill':
    case 'remove':
      if (state.isQuickMask) return 'quick-mask';
      if (state.selection === 'none') return 'nothing-selected';
      return state.selection === 'outside' ? 'selection-outside' : undefined;
    case 'expand':
      return state.hasArtboards ? 'artboards' : undefined;
    default:
      return undefined;
  }
}

/** @param recipe Of the active layer. */
export function targetOf(state: DocumentState | undefined, recipe?: Recipe): Target {
  const offers = photoshopOperations.map((operation) => [operation, offerOf(operation, state)]);
  return {
    ...(state !== undefined && { documentName: state.title }),
    offers: Object.fromEntries(offers) as Target['offers'],
    ...(recipe !== undefined && { recipe }),
  };
}

function offerOf(operation: PhotoshopOperation, state: DocumentState | undefined): Offer {
  const offer = offerWithout(operation, state);
  const controlSources = state?.pictures.map(({ id, name }) => ({ id: layerScopeId(id), label: name })) ?? [];
  const isDrawn = operation === 'fill' || operation === 'expand' || operation === 'vary';
  return isDrawn && controlSources.length > 0 ? { ...offer, controlSources } : offer;
}

function offerWithout(operation: PhotoshopOperation, state: DocumentState | undefined): Offer {
  const obstacle = obstacleTo(operation, state);
  if (obstacle !== undefined || state === undefined) return { reason: reasonFor(obstacle ?? 'no-document') };
  const { selection, canvas } = state;
  switch (operation) {
    case 'fill':
    case 'remove':
      return typeof selection === 'string' ? {} : { subject: `Selection, ${sizeWords(selection)}` };
    case 'expand':
      return { subject: `Document, ${sizeWords(canvas)}` };
    default: {
      const scopes = scopesOf(state);
      const [likeliest] = scopes;
      const subject = `${likeliest!.label}, ${sizeWords(likeliest!)}`;
      return scopes.length > 1 ? { subject, scopes } : { subject };
    }
  }
}

/** The layer first where it is not the whole picture anyway. */
export function scopesOf({ canvas, layer }: DocumentState): readonly Scope[] {
  const document: Scope = { id: documentScopeId, label: 'Document', ...canvas };
  if (layer === undefined) return [document];
  const { width, height } = layer.bounds;
  const scope: Scope = { id: layerScopeId(layer.id), label: `Layer “${layer.name}”`, width, height };
  const whole = boundsOf(canvas);
  const isAll = width >= whole.width && height >= whole.height;
  return isAll ? [document, scope] : [scope, document];
}

function sizeWords({ width, height }: Size): string {
  return `${width} × ${height} px`;
}
