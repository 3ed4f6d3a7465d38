/** A control map as a layer of its own, on top: one step of the document's history. */
import type { MapInsertion } from '../../shared/panel/editor-host.ts';
import type { Photoshop } from '../api/photoshop.ts';
import { documentDepth } from '../document/document-state.ts';
import { writePixels } from '../document/imaging.ts';
import { moveToTop, newLayer } from '../document/layer-stack.ts';
import { asHistoryStep, inModalScope, insertDelaysMs } from '../document/modal.ts';
import { layerPixels } from '../pixels/result-pixels.ts';
import { documentOf, inFront } from './insertion.ts';
import { parsePlace } from './place.ts';

/** Rejects with a `ClientError`. */
export async function insertMap(photoshop: Photoshop, { place, picture, name }: MapInsertion): Promise<void> {
  const parsed = parsePlace(place);
  const depth = documentDepth(photoshop, documentOf(photoshop, parsed));
  const pixels = await layerPixels(picture, { depth });
  const commandName = `Inlay: ${name}`;
  await inModalScope(photoshop.core, { commandName, delaysMs: insertDelaysMs }, async (context) => {
    const document = documentOf(photoshop, parsed);
    const { id: documentId } = document;
    await inFront(photoshop, document, () =>
      asHistoryStep(context, { documentId, name: commandName }, async () => {
        const layer = await newLayer(photoshop, document, { name, isOnTop: true });
        await writePixels(photoshop.imaging, { documentId, layerId: layer.id }, pixels);
        moveToTop(photoshop, document, { layer, area: pixels.bounds });
      }),
    );
  });
}
