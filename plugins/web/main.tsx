/** The entry of the page: puts the stores together, and renders into the one element of `index.html`. */
import { render } from 'preact';
import { ConnectionStore } from '../shared/store/connection-store.ts';
import { JobStore } from '../shared/store/job-store.ts';
import { claimStoredDocument } from './canvas/document-lock.ts';
import { loadDocument, saveDocument } from './canvas/document-storage.ts';
import { EditorStore } from './editor/editor-store.ts';
import { restoreSession } from './editor/session.ts';
import { App } from './ui/app.tsx';
import { browserStorage } from './ui/browser-storage.ts';
import { restoreTheme } from './ui/theme.ts';

const root = document.getElementById('inlay');
if (root === null) throw new Error('Expected an element "inlay" in index.html, found none.');
restoreTheme();

/** The key that `npm start` printed is for this load alone: neither history nor bookmarks keep it. */
const pairingKey = location.hash.slice(1);
if (pairingKey !== '') history.replaceState(null, '', location.pathname);

/** How the list of paired clients calls this one. */
function clientName(): string {
  const browser =
    /Edg|Firefox|Chrome|Safari/.exec(navigator.userAgent)?.[0].replace('Edg', 'Edge') ?? 'a browser';
  return `Web page in ${browser}`;
}

const connection = new ConnectionStore({
  client: clientName(),
  editor: 'web',
  WebSocket,
  storage: browserStorage,
  host: 'localhost',
  ports: [Number(location.port)],
});
void connection.start(pairingKey === '' ? undefined : pairingKey);
const editor = new EditorStore({
  connection,
  jobs: new JobStore(connection),
  storage: browserStorage,
  documents: { load: loadDocument, save: saveDocument },
  isKept: await claimStoredDocument(),
});

await restoreSession(editor);
render(<App editor={editor} />, root);
