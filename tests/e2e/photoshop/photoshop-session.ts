/** The built plugin in the in-memory Photoshop, on the real server and engine over real sockets. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { defaultPorts } from '../../../bridge/protocol/ports.ts';
import { buildPhotoshopPlugin } from '../../../plugins/packaging/photoshop-plugin.ts';
import type { PluginFiles } from '../../../plugins/packaging/plugin-files.ts';
import type { Recipe } from '../../../plugins/shared/panel/editor-host.ts';
import { Application } from '../../hosts/photoshop/application.ts';
import { composite } from '../../hosts/photoshop/composite.ts';
import { canvasOf, findLayer, type LayerState } from '../../hosts/photoshop/document-state.ts';
import type { HostDocument } from '../../hosts/photoshop/host-document.ts';
import type { Rectangle } from '../../hosts/photoshop/rectangle.ts';
import { type Samples, toDepth } from '../../hosts/photoshop/samples.ts';
import { User } from '../../hosts/photoshop/user.ts';
import { Network } from '../../hosts/photoshop/uxp/network.ts';
import { PanelUser } from '../../hosts/photoshop/uxp/panel-user.ts';
import { UxpPlugin } from '../../hosts/photoshop/uxp/plugin.ts';
import { LocalStorage, type PluginStorage, SecureStorage } from '../../hosts/photoshop/uxp/storage.ts';
import type { Cleanup } from '../../temporary-folder.ts';
import { eventually } from '../page/editor-page.ts';
import { type RealServer, type RealServerOptions, startRealServer } from '../real-server.ts';

/** The first that the plugin looks for the server at. */
export const [pluginPort] = defaultPorts;

export interface PhotoshopSession {
  readonly application: Application;
  readonly user: User;
  readonly network: Network;
  /** What the plugin keeps on this computer. */
  readonly storage: PluginStorage;
  readonly plugin: UxpPlugin;
  readonly panel: PanelUser;
}

/** What outlives the plugin: Photoshop itself, and the computer around it. */
export type RunningPhotoshop = Pick<PhotoshopSession, 'application' | 'network' | 'storage'>;

export interface PhotoshopLab extends RealServer {
  /**
   * Photoshop with the plugin's panel open: a new one, or one in which the plugin was loaded before. At the end of the
   * test, no image may be left undisposed.
   */
  start(context: TestContext, running?: RunningPhotoshop): Promise<PhotoshopSession>;
}

/** One server for the tests of a file, with which the plugin is paired once, as a person does it. */
export async function startPhotoshopLab(
  cleanup: Cleanup,
  options?: RealServerOptions,
): Promise<PhotoshopLab> {
  return photoshopLabAt(await startRealServer(cleanup, options));
}

/** The same with a server that others use too. */
export async function photoshopLabAt(realServer: RealServer): Promise<PhotoshopLab> {
  const { files } = await buildPhotoshopPlugin('1.2.3');
  let pairedStorage: SecureStorage | undefined;
  const newPhotoshop = (): RunningPhotoshop => {
    const network = new Network();
    network.route(pluginPort, realServer.server.port);
    const secure = pairedStorage?.copy() ?? new SecureStorage();
    return { application: new Application(), network, storage: { local: new LocalStorage(), secure } };
  };
  return {
    ...realServer,
    start: async (context, running = newPhotoshop()) => {
      const session = await openPhotoshop(context, files, running);
      if (pairedStorage === undefined) await pair(session, realServer);
      pairedStorage ??= session.storage.secure.copy();
      return session;
    },
  };
}

async function openPhotoshop(
  context: TestContext,
  files: PluginFiles,
  { application, network, storage }: RunningPhotoshop,
): Promise<PhotoshopSession> {
  const plugin = await UxpPlugin.load({ files, application, network, storage });
  context.after(async () => {
    // What is still being read is not left lying: the plugin gives it back by itself.
    await eventually(
      async () => assert.deepEqual(application.images.origins, [], 'undisposed images'),
      20_000,
    );
    await plugin.close();
    assert.deepEqual(application.images.origins, [], 'undisposed images');
    assert.deepEqual(plugin.problems, []);
  });
  const panel = new PanelUser(plugin.window, await plugin.openPanel());
  return { application, user: new User(application), network, storage, plugin, panel };
}

/** As a person does it the first time. */
export async function pair(
  { panel, storage }: PhotoshopSession,
  { server }: Pick<RealServer, 'server'>,
): Promise<void> {
  await panel.reads(/Pair with Inlay/);
  await panel.type('Code', server.openPairing().code);
  await panel.press('Pair');
  await panel.until('pairing', () => !/Pair with Inlay/.test(panel.text) && storage.secure.length > 0);
}

/** One variation in words, with few steps or as many as are to take a while. */
export async function askFor(
  prompt: string,
  { panel }: Pick<PhotoshopSession, 'panel'>,
  { steps }: { readonly steps: number },
): Promise<void> {
  await panel.until('the words', () => panel.has('Prompt'));
  await panel.type('Prompt', prompt);
  await panel.type('Variations', '1');
  await panel.unfold('More options');
  await panel.type('Steps', String(steps));
}

/** Presses the button, and waits for what comes of it in the document; the new group or layer, which is active then. */
export async function insertBy(
  words: string,
  { panel }: Pick<PhotoshopSession, 'panel'>,
  document: HostDocument,
): Promise<LayerState> {
  const before = document.history.active.id;
  await panel.pressWhenReady(words);
  return insertionAfter(before, { panel }, document);
}

/** What comes after that state of the document's history. */
export async function insertionAfter(
  historyId: number,
  { panel }: Pick<PhotoshopSession, 'panel'>,
  document: HostDocument,
): Promise<LayerState> {
  await panel.until('an insertion', () => {
    assert.ok(!panel.canPress('Try again') && !panel.canPress('Insert again'), panel.text);
    return document.history.active.id !== historyId && !/Putting it in its place/.test(panel.text);
  });
  return activeLayerOf(document);
}

export function activeLayerOf({ state }: HostDocument): LayerState {
  const layer = findLayer(state, state.activeLayerIds[0] ?? -1);
  assert.ok(layer, 'a layer is active');
  return layer;
}

/** What the plugin keeps with a layer. */
export function recipeOf({ properties }: LayerState): Recipe {
  const { json } = properties.inlay as { readonly json: string };
  return JSON.parse(json) as Recipe;
}

/** What the document shows: colours and alpha. */
export function pictureOf(document: HostDocument, bounds: Rectangle = canvasOf(document.state)): Samples {
  return composite(document.state, bounds);
}

/** What is selected, of the whole canvas: 0..255. */
export function maskOf({ state }: HostDocument): Uint8Array<ArrayBuffer> {
  const selected = state.selection?.read(canvasOf(state));
  assert.ok(selected, 'something is selected');
  return toDepth(selected, 8) as Uint8Array<ArrayBuffer>;
}

/** Fails at the first pixel that has changed although the mask is 0 there. */
export function assertKeptOutside(mask: Uint8Array, before: Samples, after: Samples): void {
  assert.equal(after.length, before.length);
  const channels = before.length / mask.length;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] !== 0) continue;
    for (let c = 0; c < channels; c++) {
      const at = i * channels + c;
      if (after[at] !== before[at]) assert.fail(`pixel ${i} was ${before[at]}, is ${after[at]}`);
    }
  }
}

/** Without alpha, where that is the last of the channels. */
export function coloursOf(samples: Samples, channels = 4): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(samples).filter((_, i) => i % channels !== channels - 1);
}
