/** What happens between the start of a job in Figma and its end: nothing is lost, nothing is done half, nothing goes astray. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { skipWithoutBrowser } from '../../browser.ts';
import type { FigmaApp } from '../../hosts/figma/figma-app.ts';
import { FigmaDocument } from '../../hosts/figma/figma-document.ts';
import type { Cleanup } from '../../temporary-folder.ts';
import { eventually } from '../page/editor-page.ts';
import { addEllipse, addImage, childrenOf, resultGroup } from './design.ts';
import { type FigmaPanel, FigmaWorkplace } from './figma-workplace.ts';

interface Started {
  readonly app: FigmaApp;
  readonly panel: FigmaPanel;
  readonly photoId: string;
  readonly holeId: string;
  /** Until then nothing more is heard of it. */
  readonly goOn: () => void;
}

describe('a job in Figma', { skip: skipWithoutBrowser }, () => {
  let workplace: FigmaWorkplace;
  before(async () => {
    workplace = await FigmaWorkplace.start();
  });
  after(() => workplace?.close());

  /** A fill from words that is in the middle of being drawn, and stays there. */
  async function begin(context: Cleanup, steps = 4): Promise<Started> {
    const app = workplace.newFile(new FigmaDocument(['One', 'Two']));
    const photoId = await addImage(app, { x: 40, y: 30, width: 96, height: 96 });
    const holeId = addEllipse(app, { x: 70, y: 60, width: 32, height: 32 });
    app.select(holeId, photoId);
    const panel = await workplace.open(context, app);
    await panel.choose('Fill');
    await panel.prompt.fill('a boat');
    await panel.set({ Variations: 1 });
    await panel.setUp({ Steps: steps });
    const goOn = workplace.server.holdNextJob();
    await panel.start();
    await panel.untilDrawing();
    return { app, panel, photoId, holeId, goOn };
  }

  test('whose layers were deleted keeps its pictures, says so, and inserts them after an undo', async (context) => {
    const { app, panel, photoId, holeId, goOn } = await begin(context);
    app.draw((figma) => {
      for (const id of [photoId, holeId]) figma.currentPage.findOne((node) => node.id === id)!.remove();
    });
    const deleted = app.document.snapshot();
    goOn();
    await panel.alert.getByText(/deleted/).waitFor();
    assert.deepEqual(app.document.snapshot(), deleted);
    app.undo();
    await panel.button('Insert again').click();
    await panel.untilDone();
    assert.equal(resultGroup(app).childIds.length, 2);
    panel.assertSound();
  });

  test('goes to its own page and layers, whatever page and layers the user has turned to', async (context) => {
    const { app, panel, goOn } = await begin(context);
    const [one, two] = app.document.get(app.document.rootId).childIds;
    app.document.currentPageId = two!;
    const depth = app.document.undoDepth;
    goOn();
    await panel.untilDone();
    assert.equal(resultGroup(app, one).childIds.length, 2);
    assert.deepEqual(childrenOf(app, two!), []);
    assert.equal(app.document.undoDepth, depth + 1);
    panel.assertSound();
  });

  test('that is cancelled leaves the file as it was, and the next one runs', async (context) => {
    const { app, panel, photoId, holeId } = await begin(context, 150);
    const before = app.document.snapshot();
    const depth = app.document.undoDepth;
    await panel.button('Cancel').click();
    await panel.frame.getByRole('progressbar').waitFor({ state: 'detached' });
    assert.deepEqual(app.document.snapshot(), before);
    assert.equal(app.document.undoDepth, depth);
    app.select(holeId, photoId);
    await panel.choose('Remove');
    await panel.run();
    assert.equal(app.document.undoDepth, depth + 1);
    panel.assertSound();
  });

  test('survives an engine that is killed in the middle of it', {
    skip: process.platform === 'win32',
  }, async (context) => {
    const { app, panel, goOn } = await begin(context, 40);
    const { engine } = workplace.server;
    const killed = engine.pid!;
    process.kill(killed, 'SIGKILL');
    goOn();
    await panel.untilDone();
    assert.notEqual(engine.pid, killed);
    assert.equal(resultGroup(app).childIds.length, 2);
    panel.assertSound();
  });

  test('goes on when the connection was lost, and is sent once', async (context) => {
    const { app, panel, goOn } = await begin(context);
    const sent = panel.proxy.sentBytes;
    panel.proxy.cut();
    goOn();
    await panel.untilDone();
    assert.equal(resultGroup(app).childIds.length, 2);
    assert.ok(panel.proxy.sentBytes - sent < 4_096, `${panel.proxy.sentBytes - sent} bytes were sent again`);
    panel.assertSound();
  });

  test('is there when the plugin was closed meanwhile and is run again', async (context) => {
    const { app, panel, goOn } = await begin(context);
    await panel.close();
    goOn();
    const again = await workplace.open(context, app);
    await eventually(async () => assert.equal(resultGroup(app).childIds.length, 2));
    await again.untilDone();
    again.assertSound();
  });
});
