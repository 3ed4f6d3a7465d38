/** An editor on a real server, with storage in memory that a second load of the page can be given. */
import type { TestContext } from 'node:test';
import type { ModelInfo } from '../../../../engine/api.ts';
import {
  createDocument,
  type PictureDocument,
  withSelection,
} from '../../../../plugins/web/document/picture-document.ts';
import { EditorStore } from '../../../../plugins/web/editor/editor-store.ts';
import { type Bridge, startBridge } from '../../../bridge/bridge-fixture.ts';
import type { Script } from '../../../bridge/scripted-engine.ts';
import { MemoryStorage, openPage } from '../../shared/store/page-fixture.ts';
import { noiseRaster } from '../document/arbitraries.ts';

export class MemoryDocuments {
  kept: PictureDocument | undefined;

  async load(): Promise<PictureDocument | undefined> {
    return this.kept;
  }

  async save(document: PictureDocument): Promise<void> {
    this.kept = document;
  }
}

/** What outlives a load of the page. */
export interface Browser {
  readonly bridge: Bridge;
  readonly storage: MemoryStorage;
  readonly documents: MemoryDocuments;
}

export async function openBrowser(
  context: TestContext,
  script?: Script,
  models?: readonly ModelInfo[],
): Promise<Browser> {
  const bridge = await startBridge(context, { ...(script && { script }), ...(models && { models }) });
  return { bridge, storage: MemoryStorage.withToken(bridge.token), documents: new MemoryDocuments() };
}

/** One load of the page, connected, without a picture. */
export async function loadPage(
  context: TestContext,
  { bridge, ...kept }: Browser,
  options: { readonly isKept?: boolean } = {},
): Promise<EditorStore> {
  const { connection, jobs } = openPage(context, bridge, kept);
  const editor = new EditorStore({ connection, jobs, ...kept, ...options });
  await connection.start();
  return editor;
}

/** A picture of noise with a hard-edged rectangle selected. */
export function pictureWithSelection(): PictureDocument {
  const document = createDocument('noise.png', noiseRaster({ width: 300, height: 260 }));
  const bounds = { left: 100, top: 90, width: 40, height: 30 };
  return withSelection(document, document.selection.withRectangle(bounds, 'replace'));
}

/** An editor with that picture, on a server that runs the script. */
export async function openEditor(context: TestContext, script?: Script): Promise<EditorStore> {
  const editor = await loadPage(context, await openBrowser(context, script));
  editor.restore(pictureWithSelection());
  return editor;
}
