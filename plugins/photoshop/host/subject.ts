/** What of a document an order is about: worked out of its state alone, for the pixels and for questions without them. */
import type { ImageFormat, JobRequest } from '../../../bridge/protocol/messages.ts';
import type { Order } from '../../shared/panel/editor-host.ts';
import { type Bounds, boundsOf, type Margins, type Size } from '../../shared/picture/geometry.ts';
import { sentArea } from '../../shared/store/sent-area.ts';
import type { DocumentState } from '../document/document-state.ts';
import { problem } from '../document/problem.ts';
import type { HostDepth } from '../pixels/depth.ts';
import { documentScopeId, layerScopeId, obstacleTo, photoshopOperations, scopesOf } from './target.ts';

export type Subject =
  | { readonly kind: 'selection'; readonly area: Bounds }
  | { readonly kind: 'document'; readonly area: Bounds }
  | { readonly kind: 'layer'; readonly layerId: number; readonly area: Bounds }
  | { readonly kind: 'expansion'; readonly area: Bounds; readonly margins: Margins };

/** Of what is selected now. Throws a `ClientError` that says why it cannot be. */
export function subjectOf(order: Order, state: DocumentState | undefined): Subject {
  const operation = photoshopOperations.find((name) => name === order.operation);
  if (operation === undefined) throw new RangeError(`Photoshop's panel has no "${order.operation}"`);
  const obstacle = obstacleTo(operation, state);
  if (obstacle !== undefined || state === undefined) throw problem(obstacle ?? 'no-document');
  const { selection, canvas, layer } = state;
  switch (operation) {
    case 'fill':
    case 'remove':
      if (typeof selection === 'string') throw problem('nothing-selected');
      return { kind: 'selection', area: selection };
    case 'expand':
      return { kind: 'expansion', area: boundsOf(canvas), margins: marginsOf(order) };
    default: {
      const id = order.scopeId ?? scopesOf(state)[0]!.id;
      if (layer !== undefined && id === layerScopeId(layer.id)) {
        return { kind: 'layer', layerId: layer.id, area: layer.bounds };
      }
      if (id !== documentScopeId) throw problem('layer-gone');
      return { kind: 'document', area: boundsOf(canvas) };
    }
  }
}

/** What travels: around a selection as much as the engine looks at, else all of it. */
export function sentOf(
  { kind, area }: Subject,
  { request, modelSide, canvas }: Pick<Order, 'request' | 'modelSide'> & { readonly canvas: Size },
): Bounds {
  return kind === 'selection' ? sentArea(request, { selected: area, canvas, modelSide }) : area;
}

/** The request with what only the document knows. */
export function requestFor(subject: Subject, request: JobRequest): JobRequest {
  switch (request.operation) {
    case 'fill':
    case 'remove':
      return { ...request, resultArea: 'mask' };
    case 'expand':
      return subject.kind === 'expansion' ? { ...request, ...subject.margins } : request;
    default:
      return request;
  }
}

/** As most documents will be sent: a Background makes them opaque. */
export function likelyFormat(subject: Subject, depth: HostDepth): ImageFormat {
  const isOpaque = subject.kind !== 'layer';
  return `${isOpaque ? 'rgb' : 'rgba'}${depth === 8 ? 8 : 16}`;
}

function marginsOf({ margins, request }: Order): Margins {
  const {
    left = 0,
    top = 0,
    right = 0,
    bottom = 0,
  } = margins ?? (request.operation === 'expand' ? request : {});
  if (left + top + right + bottom === 0) throw problem('no-margins');
  return { left, top, right, bottom };
}
