/** The `figma` of one run of a plugin: what of the official API is modelled, and no more than that. */
import type { BaseNode, PageNode, PluginAPI } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { creationApi } from './creation-api.ts';
import { nowhere, whileOpen } from './nowhere.ts';
import type { PluginSession } from './plugin-session.ts';
import { loadFont } from './text-node.ts';
import { uiApi } from './ui-api.ts';

type Modelled =
  | 'apiVersion'
  | 'command'
  | 'editorType'
  | 'mode'
  | 'pluginId'
  | 'fileKey'
  | 'currentUser'
  | 'mixed'
  | 'root'
  | 'currentPage'
  | 'skipInvisibleInstanceChildren'
  | 'getNodeById'
  | 'getNodeByIdAsync'
  | 'setCurrentPageAsync'
  | 'loadAllPagesAsync'
  | 'loadFontAsync'
  | 'createImage'
  | 'getImageByHash'
  | 'commitUndo'
  | 'triggerUndo'
  | 'notify'
  | 'openExternal'
  | 'closePlugin'
  | 'clientStorage'
  | 'viewport'
  | 'on'
  | 'once'
  | 'off'
  | 'base64Encode'
  | 'base64Decode';

type ModelledApi = Pick<PluginAPI, Modelled> & ReturnType<typeof creationApi> & ReturnType<typeof uiApi>;

const knownEvents = ['run', 'selectionchange', 'currentpagechange', 'close'];

function dynamicPage(member: string, instead: string): never {
  throw new Error(`in ${member}: Cannot call with documentAccess: dynamic-page. Use ${instead} instead.`);
}

/** Typed as what is modelled; whatever else a plugin asks for throws. */
export function createPluginApi(session: PluginSession): ModelledApi {
  const { document, events } = session;
  const heard = (event: string): string => {
    if (event === 'documentchange') dynamicPage('on', 'page.on("nodechange") or figma.loadAllPagesAsync');
    if (!knownEvents.includes(event)) throw new Error(`not modelled: the event ${event}`);
    return event;
  };
  const general = {
    apiVersion: '1.0.0',
    command: session.command,
    editorType: 'figma',
    mode: 'default',
    pluginId: session.pluginId,
    fileKey: undefined,
    currentUser: null,
    mixed: session.mixed as PluginAPI['mixed'],
    skipInvisibleInstanceChildren: false,
    clientStorage: session.storage,
    viewport: viewportApi(session) as PluginAPI['viewport'],
    get root() {
      return session.node<PluginAPI['root']>(document.rootId);
    },
    get currentPage(): PageNode {
      return session.node<PageNode>(document.currentPageId);
    },
    set currentPage(_) {
      dynamicPage('set_currentPage', 'figma.setCurrentPageAsync');
    },
    getNodeById: () => dynamicPage('getNodeById', 'figma.getNodeByIdAsync'),
    getNodeByIdAsync: async (id) => {
      if (!document.has(id)) return null;
      const pageId = document.pageOf(id);
      if (pageId !== undefined && document.get(id).type !== 'PAGE') document.loadedPages.add(pageId);
      return session.node<BaseNode>(id);
    },
    setCurrentPageAsync: async ({ id }) => {
      document.currentPageId = id;
    },
    loadAllPagesAsync: async () => {
      for (const id of document.get(document.rootId).childIds) document.loadedPages.add(id);
    },
    loadFontAsync: async ({ family, style = 'Regular' }) => loadFont(document, { family, style }),
    createImage: (bytes) => document.images.create(bytes),
    getImageByHash: (hash) => document.images.image(hash),
    commitUndo: () => document.commitUndo(),
    triggerUndo: () => {
      document.undo();
    },
    notify: (message, options) => {
      session.notify(message, options);
      return { cancel: () => {} };
    },
    openExternal: (url) => {
      session.openedAddresses.push(url);
    },
    closePlugin: (message) => {
      if (message !== undefined) session.notify(message);
      session.close();
    },
    on: (event: string, listener: (...values: never[]) => unknown) => events.on(heard(event), listener),
    once: (event: string, listener: (...values: never[]) => unknown) => events.once(heard(event), listener),
    off: (event: string, listener: (...values: never[]) => unknown) => events.off(heard(event), listener),
    base64Encode: (bytes) => Buffer.from(bytes).toString('base64'),
    base64Decode: (text) => Uint8Array.from(Buffer.from(text, 'base64')),
  } satisfies Pick<PluginAPI, Modelled>;
  const api = Object.defineProperties(
    {},
    {
      ...Object.getOwnPropertyDescriptors(general),
      ...Object.getOwnPropertyDescriptors(creationApi(session)),
      ...Object.getOwnPropertyDescriptors(uiApi(session)),
    },
  ) as ModelledApi;
  return new Proxy(api, {
    get(target, member) {
      if (typeof member === 'string' && !(member in target)) throw new Error(`not modelled: figma.${member}`);
      if (session.isClosed) return nowhere;
      const value = Reflect.get(target, member, target) as unknown;
      if (typeof value !== 'function') return value;
      return (...values: readonly unknown[]) => whileOpen(session, Reflect.apply(value, target, values));
    },
  });
}

function viewportApi(session: PluginSession) {
  let center = { x: 0, y: 0 };
  return {
    zoom: 1,
    get center() {
      return { ...center };
    },
    set center(point) {
      center = { ...point };
    },
    get bounds() {
      return { x: center.x - 640, y: center.y - 400, width: 1280, height: 800 };
    },
    scrollAndZoomIntoView: (nodes: readonly BaseNode[]) => {
      const boxes = nodes.map(({ id }) => session.document.absoluteBox(id));
      const [first] = boxes;
      if (first !== undefined) center = { x: first.x + first.width / 2, y: first.y + first.height / 2 };
      session.shownNodeIds.push(nodes.map(({ id }) => id));
    },
  } satisfies Pick<PluginAPI['viewport'], 'zoom' | 'center' | 'bounds' | 'scrollAndZoomIntoView'>;
}
