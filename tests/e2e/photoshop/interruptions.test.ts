/** Whatever happens between the button and the result: the document is never left half changed. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { HostDocument } from '../../hosts/photoshop/host-document.ts';
import { patchwork } from '../../hosts/photoshop/host-fixture.ts';
import { rectangleOf } from '../../hosts/photoshop/rectangle.ts';
import {
  askFor,
  assertKeptOutside,
  insertBy,
  insertionAfter,
  maskOf,
  type PhotoshopSession,
  pair,
  pictureOf,
  pluginPort,
  startPhotoshopLab,
} from './photoshop-session.ts';

const lab = await startPhotoshopLab({ after });

const small = { width: 120, height: 90, background: patchwork } as const;
const hole = rectangleOf(40, 30, 30, 24);

interface Drawing {
  readonly document: HostDocument;
  /** Until then nothing more is heard of it. */
  readonly goOn: () => void;
}

/** A fill in words of so many steps, which is in the middle of being drawn when this resolves, and stays there. */
async function startDrawing(session: PhotoshopSession, steps = 2): Promise<Drawing> {
  const { user, panel } = session;
  const goOn = lab.holdNextJob();
  const document = user.open(small);
  user.selectRectangle(document, hole);
  await askFor('a green field', session, { steps });
  await panel.pressWhenReady('Fill');
  await panel.reads(/Drawing/);
  return { document, goOn };
}

test('a job that is cancelled midway leaves nothing behind, and the next one is done', async (context) => {
  const session = await lab.start(context);
  const { panel } = session;
  const { document } = await startDrawing(session, 150);
  const { state } = document;
  await panel.press('Cancel');
  await panel.until('the end', () => !/Drawing/.test(panel.text));
  assert.equal(document.state, state);
  await panel.type('Prompt', '');
  await insertBy('Fill', session, document);
});

test('an engine that is killed midway is replaced, and the result comes all the same', async (context) => {
  const session = await lab.start(context);
  const { document, goOn } = await startDrawing(session, 40);
  const [before, mask, step] = [pictureOf(document), maskOf(document), document.history.active.id];
  const { pid } = lab.engine;
  process.kill(pid!, 'SIGKILL');
  goOn();
  const group = await insertionAfter(step, session, document);
  assert.notEqual(lab.engine.pid, pid);
  assert.equal(group.name, 'a green field');
  assertKeptOutside(mask, before, pictureOf(document));
});

test('a connection that breaks midway is made again, and the result comes once', async (context) => {
  const session = await lab.start(context);
  const { panel, network } = session;
  const { document, goOn } = await startDrawing(session);
  const steps = document.history.entries.length;
  const step = document.history.active.id;
  network.unroute(pluginPort);
  network.cut();
  await panel.reads(/Inlay is not running on this computer/);
  network.route(pluginPort, lab.server.port);
  goOn();
  await insertionAfter(step, session, document);
  assert.equal(document.history.entries.length, steps + 1);
  assert.ok(network.connections >= 2);
});

test('a plugin that is loaded again midway goes on where it was', async (context) => {
  const first = await lab.start(context);
  const { document, goOn } = await startDrawing(first);
  const [mask, before, step] = [maskOf(document), pictureOf(document), document.history.active.id];
  await first.plugin.close();
  const second = await lab.start(context, first);
  goOn();
  await insertionAfter(step, second, document);
  assertKeptOutside(mask, before, pictureOf(document));
});

test('a document that was closed before its result is told of, and the result can be thrown away', async (context) => {
  const session = await lab.start(context);
  const { panel, user } = session;
  const { document, goOn } = await startDrawing(session);
  user.close(document);
  goOn();
  await panel.reads(/The document that this belongs to is not open/);
  await panel.press('Discard');
  await panel.until('the end', () => !/not open/.test(panel.text));
});

test('a canvas that was cropped before its result is told of, and after an undo the result is inserted', async (context) => {
  const session = await lab.start(context);
  const { panel, user } = session;
  const { document, goOn } = await startDrawing(session);
  const { state } = document;
  document.change('Crop', { ...state, width: 100 });
  goOn();
  await panel.reads(/The canvas has been cropped/);
  assert.ok(user.undo(document));
  const step = document.history.active.id;
  await panel.press('Insert again');
  await insertionAfter(step, session, document);
  assert.equal(document.state.layers.length, 2);
});

test('a selection that has changed before the result is the user’s: the result lies where it was asked for', async (context) => {
  const session = await lab.start(context);
  const { document, goOn } = await startDrawing(session);
  const [before, mask] = [pictureOf(document), maskOf(document)];
  session.user.selectRectangle(document, rectangleOf(0, 0, 10, 10));
  const now = maskOf(document);
  const step = document.history.active.id;
  goOn();
  const group = await insertionAfter(step, session, document);
  assert.deepEqual(group.children![0]!.raster!.contentBounds(), hole);
  assertKeptOutside(mask, before, pictureOf(document));
  assert.deepEqual(maskOf(document), now);
});

test('with another document in front, the result goes into its own, and the front stays the front', async (context) => {
  const session = await lab.start(context);
  const { user, application } = session;
  const { document, goOn } = await startDrawing(session);
  const step = document.history.active.id;
  const front = user.open({ ...small, name: 'Another' });
  const { state } = front;
  goOn();
  const group = await insertionAfter(step, session, document);
  assert.equal(group.name, 'a green field');
  assert.equal(document.state.layers.length, 2);
  assert.equal(front.state, state);
  assert.equal(application.activeDocument, front);
});

test('while another plugin has Photoshop to itself it is tried again, to read and to insert', async (context) => {
  const session = await lab.start(context);
  const { user, panel, application } = session;
  const { modal } = application;
  const document = user.open(small);
  user.selectRectangle(document, hole);
  const step = document.history.active.id;
  await panel.until('the button', () => panel.canPress('Fill'));
  modal.isTakenByAnother = true;
  await panel.press('Fill');
  await panel.until('two refusals', () => modal.refusals >= 2);
  modal.isTakenByAnother = false;
  await panel.until('the pixels to be taken', () => modal.entered.length === 1 && !modal.isModal);
  modal.isTakenByAnother = true;
  await panel.until('another refusal', () => modal.refusals >= 3);
  assert.equal(document.history.active.id, step);
  modal.isTakenByAnother = false;
  await insertionAfter(step, session, document);
});

test('an insertion that the user cancels leaves nothing, and can be made later', async (context) => {
  const session = await lab.start(context);
  const { user, panel, application } = session;
  const { modal } = application;
  const document = user.open(small);
  user.selectRectangle(document, hole);
  const { state } = document;
  await panel.pressWhenReady('Fill');
  while (!(modal.entered.length === 2 && modal.isModal && document.history.isSuspended)) {
    await new Promise(setImmediate);
  }
  modal.cancel();
  await panel.reads(/Insert again/);
  assert.equal(document.state, state);
  const step = document.history.active.id;
  await panel.press('Insert again');
  await insertionAfter(step, session, document);
  assert.equal(document.state.layers.length, 2);
});

test('what Photoshop does not tell of is seen all the same', async (context) => {
  const { user, panel, application } = await lab.start(context);
  application.notifications.areLost = true;
  const document = user.open(small);
  await panel.pick('Fill');
  await panel.reads(/Nothing is selected/);
  user.selectRectangle(document, hole);
  await panel.reads(/Selection, 30 × 24 px/);
  user.undo(document);
  await panel.reads(/Nothing is selected/);
});

test('where the system has lost the token, the plugin asks for a code again', async (context) => {
  const first = await lab.start(context);
  await first.panel.until('the words, which come with the connection', () => first.panel.has('Prompt'));
  await first.plugin.close();
  await first.storage.secure.clear();
  const session = await lab.start(context, first);
  await pair(session, lab);
  const document = session.user.open(small);
  session.user.selectRectangle(document, hole);
  await insertBy('Fill', session, document);
});
