/** The user's own selection, which is to be there afterwards as it was. In a modal scope. */
import type { Bounds } from '../../shared/picture/geometry.ts';
import type { HostSamples, Photoshop, PhotoshopImaging } from '../api/photoshop.ts';
import type { HostDepth } from '../pixels/depth.ts';
import { deepMask, maskPixels } from '../pixels/host-pixels.ts';
import { findDocument } from './document-state.ts';
import { boundsFrom, readSelection, writeSelection } from './imaging.ts';

/** A document, by its id, and of how many bits. */
export interface DocumentReference {
  readonly documentId: number;
  readonly depth: HostDepth;
}

/** Runs what takes the selection for something else, and puts it back. */
export async function keepingSelection(
  { imaging, app }: Pick<Photoshop, 'imaging' | 'app'>,
  { documentId, depth }: DocumentReference,
  work: () => Promise<void>,
): Promise<void> {
  const edges = findDocument(app, documentId)?.selection.bounds;
  const bounds = edges ? boundsFrom(edges) : undefined;
  const kept = bounds && (await readSelection(imaging, { documentId, area: bounds }));
  await work();
  // Without one there is nothing to put back: making a mask from a selection drops that.
  if (bounds === undefined || kept === undefined) return;
  const samples = await maskPixels(kept, bounds);
  await putSelection(imaging, { documentId, depth }, { samples, bounds });
}

/** Selects what is white in a mask, instead of what was selected. */
export async function putSelection(
  imaging: PhotoshopImaging,
  { documentId, depth }: DocumentReference,
  mask: { readonly samples: Uint8Array<ArrayBuffer>; readonly bounds: Bounds },
): Promise<void> {
  let failure: unknown;
  for (const samples of await samplesToTry(mask, depth)) {
    try {
      return await writeSelection(imaging, documentId, { samples, bounds: mask.bounds });
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** A mask in the document's own depth, and in 8 bits, which some versions want of any document. */
export async function samplesToTry(
  { samples, bounds }: { readonly samples: Uint8Array<ArrayBuffer>; readonly bounds: Bounds },
  depth: HostDepth,
): Promise<readonly HostSamples[]> {
  return depth === 8 ? [samples] : [await deepMask(samples, bounds), samples];
}
