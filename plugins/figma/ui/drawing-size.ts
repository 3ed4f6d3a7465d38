/** At what size a picture is drawn that is to fill a layer. */
import { generateSideMultiple, minGenerateSide } from '../../../bridge/protocol/limits.ts';
import type { Size } from '../../shared/picture/geometry.ts';

/** Of a model that does not say what it was trained at. */
const usualModelSide = 512;
/** Beyond half as much again a model repeats itself, or draws twice. */
const maxModelSides = 1.5;
/** Longer and flatter than that no model draws. */
const maxAspect = 3;

/**
 * In the layer's shape, as near to its own size as the model draws well: at least as many pixels as it was trained at, and no
 * side longer than half as much again. Sides are multiples of 8.
 *
 * @param layer In units; `any-size` becomes a square.
 * @param modelSide The longer side that the model was trained at.
 */
export function drawingSize(layer: Size | 'any-size', modelSide = usualModelSide): Size {
  if (layer === 'any-size') return { width: taken(modelSide), height: taken(modelSide) };
  const aspect = Math.min(maxAspect, Math.max(1 / maxAspect, layer.width / layer.height));
  const root = Math.sqrt(aspect);
  const trained = { width: modelSide * root, height: modelSide / root };
  const longest = maxModelSides * modelSide;
  const grown = Math.max(1, Math.min(layer.width / trained.width, layer.height / trained.height));
  const scale = Math.min(grown, longest / Math.max(trained.width, trained.height));
  return { width: taken(trained.width * scale), height: taken(trained.height * scale) };
}

function taken(side: number): number {
  return Math.max(minGenerateSide, Math.round(side / generateSideMultiple) * generateSideMultiple);
}
