/** A layer's mask, put on and read back: on fresh layers and in deep documents Photoshop does not always take one. */
import type { Bounds } from '../../shared/picture/geometry.ts';
import type { HostSamples, Photoshop } from '../api/photoshop.ts';
import type { HostDepth } from '../pixels/depth.ts';
import { isSameMask, maskPixels } from '../pixels/host-pixels.ts';
import { deleteLayerMask, makeLayerMask, selectLayer } from './batch-play.ts';
import { type LayerReference, readLayerMask, writeLayerMask } from './imaging.ts';
import { keepingSelection, putSelection, samplesToTry } from './selection.ts';

export interface LayerMask {
  /** 0..255, one a pixel of `bounds`; outside of them the layer is hidden. */
  readonly samples: Uint8Array<ArrayBuffer>;
  readonly bounds: Bounds;
}

/** How far a mask may be off after it has gone to 16 bits and back. */
const deepTolerance = 1;

/**
 * Gives a layer a mask, in a modal scope. The layer is the active one afterwards. Where putting the mask directly fails, it
 * is made from a selection, and the user's is put back.
 *
 * @returns Whether the mask is what it should be.
 */
export async function giveLayerMask(
  photoshop: Photoshop,
  layer: LayerReference,
  { mask, depth }: { readonly mask: LayerMask; readonly depth: HostDepth },
): Promise<boolean> {
  const { action } = photoshop;
  await selectLayer(action, layer.layerId);
  await makeLayerMask(action, 'hideAll');
  const tolerance = depth === 8 ? 0 : deepTolerance;
  for (const samples of samplesToTry(mask.samples, depth)) {
    if (await tryMask(photoshop, layer, { mask, samples, tolerance })) return true;
  }
  await deleteLayerMask(action);
  await keepingSelection(photoshop, { documentId: layer.documentId, depth }, async () => {
    await putSelection(photoshop.imaging, { documentId: layer.documentId, depth, ...mask });
    await makeLayerMask(action, 'revealSelection');
  });
  return isOnLayer(photoshop, layer, { mask, tolerance });
}

async function tryMask(
  photoshop: Photoshop,
  layer: LayerReference,
  { mask, samples, tolerance }: { mask: LayerMask; samples: HostSamples; tolerance: number },
): Promise<boolean> {
  try {
    await writeLayerMask(photoshop.imaging, layer, { samples, bounds: mask.bounds });
  } catch {
    // There is another way.
    return false;
  }
  return isOnLayer(photoshop, layer, { mask, tolerance });
}

async function isOnLayer(
  { imaging }: Photoshop,
  layer: LayerReference,
  { mask, tolerance }: { readonly mask: LayerMask; readonly tolerance: number },
): Promise<boolean> {
  const { samples, bounds } = mask;
  const written = await maskPixels(await readLayerMask(imaging, { ...layer, area: bounds }), bounds);
  return isSameMask(samples, written, { width: bounds.width, tolerance });
}
