/** The built main by itself, closed while it works: the user's file must not keep what was only for a moment. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildFigmaPlugin } from '../../../plugins/packaging/figma-plugin.ts';
import { FigmaApp } from '../../hosts/figma/figma-app.ts';
import { addEllipse, addImage } from './design.ts';

describe('closing the plugin in Figma', () => {
  test('while a picture is taken leaves every layer as it was', async () => {
    const app = new FigmaApp(await buildFigmaPlugin('1.2.3'));
    const photoId = await addImage(app, { x: 0, y: 0, width: 400, height: 300 });
    const holeId = addEllipse(app, { x: 90, y: 60, width: 40, height: 30 });
    const frameId = app.draw((figma) => {
      const frame = figma.createFrame();
      frame.resize(400, 300);
      for (const id of [photoId, holeId])
        frame.appendChild(figma.currentPage.findOne((node) => node.id === id)!);
      return frame.id;
    });
    app.select(holeId);
    const before = app.document.snapshot();
    const { session, close } = await app.run();
    session.ui.onMessage({ type: 'request', requestId: 1, name: 'capture', ask: { operation: 'fill' } });
    while (app.document.get(holeId).opacity !== 0) await new Promise((resolve) => setImmediate(resolve));
    await close();
    // As long as an export takes, and longer.
    await app.picture(frameId);
    assert.deepEqual(app.document.snapshot(), before);
  });
});
