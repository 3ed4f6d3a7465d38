/** A layer's mask, put on and read back: on fresh layers and in deep documents Photoshop does not always take one. */
import { type Bounds, sameBounds } from '../../shared/picture/geometry.ts';
import type { HostSamples, Photoshop } from '../api/photoshop.ts';
import { isSameMask, maskPixels } from '../pixels/host-pixels.ts';
import { deleteLayerMask, makeLayerMask, selectLayer } from './batch-play.ts';
import { readLayerMask, writeLayerMask } from './imaging.ts';
import { type DocumentReference, keepingSelection, putSelection, samplesToTry } from './selection.ts';

export interface LayerMask {
  /** 0..255, one a pixel of `bounds`; outside of them the layer is hidden. */
  readonly samples: Uint8Array<ArrayBuffer>;
  readonly bounds: Bounds;
}

/** How far a mask may be off after it has gone to 16 bits and back. */
const deepTolerance = 1;

/** A mask as Photoshop has taken it. */
interface TakenMask {
  readonly mask: LayerMask;
  readonly samples: HostSamples;
}

/** Gives layers of one document their masks, in a modal scope. */
export class LayerMasks {
  readonly #photoshop: Photoshop;
  readonly #document: DocumentReference;
  readonly #tolerance: number;
  #taken: TakenMask | undefined;

  constructor(photoshop: Photoshop, document: DocumentReference) {
    this.#photoshop = photoshop;
    this.#document = document;
    this.#tolerance = document.depth === 8 ? 0 : deepTolerance;
  }

  /**
   * The layer is the active one afterwards. Where putting the mask directly fails, it is made from a selection, and the
   * user's is put back.
   *
   * @returns Whether the mask is what it should be.
   */
  async give(layerId: number, mask: LayerMask): Promise<boolean> {
    const { action } = this.#photoshop;
    await selectLayer(action, layerId);
    await makeLayerMask(action, 'hideAll');
    if (await this.#putAgain(layerId, mask)) return true;
    for (const samples of await samplesToTry(mask, this.#document.depth)) {
      const isTaken = (await this.#put(layerId, { mask, samples })) && (await this.#isOn(layerId, mask));
      if (!isTaken) continue;
      this.#taken = { mask, samples };
      return true;
    }
    await deleteLayerMask(action);
    await keepingSelection(this.#photoshop, this.#document, async () => {
      await putSelection(this.#photoshop.imaging, this.#document, mask);
      await makeLayerMask(action, 'revealSelection');
    });
    return this.#isOn(layerId, mask);
  }

  /** Variations mostly have one mask: where Photoshop took it for the first, it does so for all, and need not be asked. */
  async #putAgain(layerId: number, mask: LayerMask): Promise<boolean> {
    const taken = this.#taken;
    if (taken === undefined || !sameBounds(taken.mask.bounds, mask.bounds)) return false;
    const { width } = mask.bounds;
    const isSame = await isSameMask(taken.mask.samples, mask.samples, { width, tolerance: 0 });
    return isSame && this.#put(layerId, taken);
  }

  async #put(layerId: number, { mask, samples }: TakenMask): Promise<boolean> {
    const layer = { documentId: this.#document.documentId, layerId };
    try {
      await writeLayerMask(this.#photoshop.imaging, layer, { samples, bounds: mask.bounds });
      return true;
    } catch {
      // There is another way.
      return false;
    }
  }

  async #isOn(layerId: number, { samples, bounds }: LayerMask): Promise<boolean> {
    const layer = { documentId: this.#document.documentId, layerId };
    const read = await readLayerMask(this.#photoshop.imaging, { ...layer, area: bounds });
    const written = await maskPixels(read, bounds);
    return isSameMask(samples, written, { width: bounds.width, tolerance: this.#tolerance });
  }
}
