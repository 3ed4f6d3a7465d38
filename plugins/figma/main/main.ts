/** The half of the plugin that has the document: answers the UI, and tells it what is selected. */
import { ClientError } from '../../shared/client/client-error.ts';
import type { AnswerOf, AskOf, MainMessage, RequestName, UiMessage } from '../protocol/messages.ts';
import { capture } from './capture.ts';
import { takeImage } from './captured-images.ts';
import { insert, reveal } from './insert.ts';
import { insertMap } from './insert-map.ts';
import { readSelection } from './report.ts';
import { recipeOfSelected, regenerateCommand } from './result-data.ts';
import { restoreAll } from './taken-as.ts';

/** The panel's own size; Figma remembers none. */
const panelSize = { width: 320, height: 600 };

type Handlers = { readonly [Name in RequestName]: (ask: AskOf<Name>) => Promise<AnswerOf<Name>> };

const handlers: Handlers = {
  open: async () => {
    const recipe =
      figma.command === regenerateCommand ? recipeOfSelected(figma.currentPage.selection) : undefined;
    return { fileName: figma.root.name, ...(recipe !== undefined && { recipe }) };
  },
  'storage-get': async ({ key }) => (await figma.clientStorage.getAsync(key)) as string | undefined,
  'storage-set': async ({ key, value }) => {
    await figma.clientStorage.setAsync(key, value);
    return undefined;
  },
  'storage-remove': async ({ key }) => {
    await figma.clientStorage.deleteAsync(key);
    return undefined;
  },
  capture,
  'take-image': async ({ imageId }) => takeImage(imageId),
  'add-image': async ({ bytes }) => figma.createImage(bytes).hash,
  insert,
  'insert-map': async (request) => {
    await insertMap(request);
    return undefined;
  },
  reveal: async ({ place }) => {
    await reveal(place);
    return undefined;
  },
  'open-in-browser': async ({ url }) => {
    figma.openExternal(url);
    return undefined;
  },
  refresh: async () => {
    await tellSelection();
    return undefined;
  },
};

/** Grows with every reading, so that one which took longer than the next is not told. */
let reading = 0;

async function tellSelection(): Promise<void> {
  const own = ++reading;
  const report = await readSelection();
  if (own === reading) post({ type: 'selection', report });
}

async function answer({ requestId, name, ask }: UiMessage): Promise<void> {
  try {
    const handle = handlers[name] as (ask: unknown) => Promise<unknown>;
    post({ type: 'reply', requestId, answer: await handle(ask) });
  } catch (error) {
    post({ type: 'refused', requestId, failure: failureOf(error) });
  }
}

/** What Figma throws is told in its words. */
function failureOf(error: unknown): {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
} {
  if (error instanceof ClientError) {
    const { code, message, hint } = error;
    return { code, message, hint };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'figma-failed', message: `Figma said: ${message}`, hint: 'Try again.' };
}

function post(message: MainMessage): void {
  figma.ui.postMessage(message);
}

figma.showUI(__html__, { themeColors: true, title: 'Inlay', ...panelSize });
figma.ui.on('message', (message: UiMessage) => {
  if (message?.type === 'request') void answer(message);
});
figma.on('selectionchange', () => void tellSelection());
figma.on('currentpagechange', () => void tellSelection());
figma.on('close', restoreAll);
