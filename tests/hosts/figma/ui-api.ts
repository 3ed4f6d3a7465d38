/** `figma.showUI` and `figma.ui`. */
import type {
  MessageEventHandler,
  PluginAPI,
  ShowUIOptions,
  UIAPI,
} from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { copyMessage } from './message-copy.ts';
import type { PluginSession } from './plugin-session.ts';

type ModelledUi = 'show' | 'hide' | 'close' | 'resize' | 'postMessage' | 'onmessage' | 'on' | 'once' | 'off';

export function uiApi(session: PluginSession) {
  const { ui, messages } = session;
  let handler: MessageEventHandler | undefined;
  const opened = (member: string) => {
    if (!session.isUiOpen) throw new Error(`in ${member}: No UI to ${member}. Call figma.showUI first`);
    return ui;
  };
  const panel = {
    show: () => opened('show').show(true),
    hide: () => opened('hide').show(false),
    close: () => {
      opened('close').close();
      session.isUiOpen = false;
    },
    resize: (width, height) => opened('resize').resize(width, height),
    postMessage: (message) => opened('postMessage').post(copyMessage(message)),
    get onmessage() {
      return handler;
    },
    set onmessage(next) {
      if (handler !== undefined) messages.off('message', handler);
      handler = next;
      if (next !== undefined) messages.on('message', next);
    },
    on: (event, listener) => messages.on(event, listener),
    once: (event, listener) => messages.once(event, listener),
    off: (event, listener) => messages.off(event, listener),
  } satisfies Pick<UIAPI, ModelledUi>;
  return {
    ui: panel as UIAPI,
    showUI: (html: string, options: ShowUIOptions = {}) => {
      const { visible = true, width = 300, height = 200, themeColors = false } = options;
      if (session.isUiOpen) ui.close();
      session.isUiOpen = true;
      ui.open(html, { visible, width, height, themeColors });
    },
  } satisfies Pick<PluginAPI, 'showUI' | 'ui'>;
}
