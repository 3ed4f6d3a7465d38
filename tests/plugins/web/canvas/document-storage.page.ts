/** What the tests of document-storage.ts run in the browser. */

import { boundsOf } from '../../../../plugins/shared/picture/geometry.ts';
import { claimStoredDocument } from '../../../../plugins/web/canvas/document-lock.ts';
import {
  clearDocument,
  DocumentStorageError,
  loadDocument,
  saveDocument,
} from '../../../../plugins/web/canvas/document-storage.ts';
import { flattened } from '../../../../plugins/web/document/composite.ts';
import {
  addLayer,
  createDocument,
  type PictureDocument,
  updateLayer,
  withSelection,
} from '../../../../plugins/web/document/picture-document.ts';
import { Selection } from '../../../../plugins/web/document/selection.ts';
import { layerOf, noise, noiseRaster } from '../document/arbitraries.ts';

const canvas = { width: 700, height: 600 };

function example(): PictureDocument {
  const selection = Selection.fromMask(
    noise(300 * 300, 5),
    { left: 100, top: 50, width: 300, height: 300 },
    canvas,
  );
  let document = createDocument('photo.jpg', noiseRaster(canvas, 3));
  document = addLayer(document, {
    ...layerOf(
      'a',
      { left: -5, top: 20, width: 100, height: 80 },
      { canvas, selected: selection, opacity: 0.5 },
    ),
    expandedFrom: { left: 95, top: 20, width: 605, height: 80 },
  });
  return withSelection(document, selection.inverted());
}

/** All of a document that can be compared. */
async function fingerprint(document: PictureDocument | undefined): Promise<unknown> {
  if (!document) return undefined;
  const digest = async (bytes: BufferSource) =>
    [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].join('.');
  const { base, layers, selection, ...rest } = document;
  const all = boundsOf(document.size);
  return {
    ...rest,
    base: await digest(base.data),
    flattened: await digest(flattened(document).data),
    selection: await digest(selection.crop(all)),
    layers: await Promise.all(
      layers.map(async ({ variations, mask, selected, ...layer }) => ({
        ...layer,
        mask: await digest(mask),
        selected: await digest(selected.crop(all)),
        variations: await Promise.all(
          variations.map(async ({ raster, request }) => [request, await digest(raster.data)]),
        ),
      })),
    ),
  };
}

/** Puts `onPut` before each write. */
async function whilePutting<Result>(onPut: () => void, task: () => Promise<Result>): Promise<Result> {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...args: [unknown, IDBValidKey?]) {
    onPut();
    return put.apply(this, args);
  };
  try {
    return await task();
  } finally {
    IDBObjectStore.prototype.put = put;
  }
}

export async function saveExample(): Promise<unknown> {
  const document = example();
  await saveDocument(document);
  return fingerprint(document);
}

export async function load(): Promise<unknown> {
  return fingerprint(await loadDocument());
}

export const clear = (): Promise<void> => clearDocument();

/** How many records a save writes: after nothing changed, an opacity, one tile of the selection. */
export async function writesOfChanges(): Promise<readonly number[]> {
  const document = (await loadDocument())!;
  const changed = updateLayer(document, 'a', { opacity: 0.25 });
  const spot = { left: 600, top: 550, width: 3, height: 3 };
  const painted = withSelection(changed, changed.selection.withRectangle(spot, 'subtract'));
  const counts: number[] = [];
  for (const next of [document, changed, painted]) {
    let count = 0;
    await whilePutting(
      () => count++,
      () => saveDocument(next),
    );
    counts.push(count);
  }
  return counts;
}

/** Saves another document while the write numbered `failing` fails; what was said, and what is loaded then. */
export async function saveFailing(failing: number, name: string): Promise<unknown> {
  const other = createDocument('other.jpg', noiseRaster(canvas, 77));
  let count = 0;
  try {
    await whilePutting(
      () => {
        if (count++ === failing) throw new DOMException('no room', name);
      },
      () => saveDocument(withSelection(other, example().selection)),
    );
    return { error: 'none', count };
  } catch (error) {
    if (!(error instanceof DocumentStorageError)) throw error;
    return { message: error.message, hint: error.hint };
  }
}

/** Keys of records, to see that nothing is left behind. */
export async function recordCount(): Promise<number> {
  const open = indexedDB.open('inlay');
  return new Promise((resolve, reject) => {
    open.onerror = () => reject(open.error);
    open.onsuccess = () => {
      const count = open.result.transaction('document').objectStore('document').count();
      count.onsuccess = () => {
        open.result.close();
        resolve(count.result);
      };
    };
  });
}

/** Whether a picture larger than one record comes back the same, and whether it is written once only. */
export async function keepLarge(): Promise<{ readonly isSame: boolean; readonly writes: readonly number[] }> {
  const document = createDocument('large.png', noiseRaster({ width: 1500, height: 1000 }, 9));
  const before = await fingerprint(document);
  const writes: number[] = [];
  for (let i = 0; i < 2; i++) {
    let count = 0;
    await whilePutting(
      () => count++,
      () => saveDocument(document),
    );
    writes.push(count);
  }
  const after = await fingerprint(await loadDocument());
  return { isSame: JSON.stringify(after) === JSON.stringify(before), writes };
}

/** Whether this tab may keep the document. */
export function claim(): Promise<boolean> {
  return claimStoredDocument();
}

/** Holds on to the document without a word, as a page does that is being left. */
export async function linger(milliseconds: number): Promise<void> {
  await new Promise<void>((resolve) => {
    void navigator.locks.request('inlay.document', async () => {
      resolve();
      await new Promise((leave) => setTimeout(leave, milliseconds));
    });
  });
}
