/** A frame with a few shapes that a picture follows, by the ControlNet that is shipped. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { skipWithoutBrowser } from '../../browser.ts';
import { type Pixels, pixelsOf } from '../../hosts/figma/pictures.ts';
import { lineAgreement, type Segment, houseSide as side } from '../drawn-lines.ts';
import { assertOneStep, childrenOf, imageIn, record } from './design.ts';
import { FigmaWorkplace } from './figma-workplace.ts';

const wall = { x: 30, y: 56, width: 68, height: 54 };
const door = { x: 56, y: 80, width: 16, height: 30 };
const outline = [wall, door].flatMap(({ x, y, width, height }): Segment[] => [
  [x, y, x + width, y],
  [x, y, x, y + height],
  [x + width, y, x + width, y + height],
]);

describe('a sketch in Figma', { skip: skipWithoutBrowser }, () => {
  let workplace: FigmaWorkplace;
  before(async () => {
    workplace = await FigmaWorkplace.start();
  });
  after(() => workplace?.close());

  test('a frame of shapes becomes a picture over it that follows them; what was sent is the frame, to the bit', async (context) => {
    const app = workplace.newFile();
    const frameId = app.draw((figma) => {
      const frame = figma.createFrame();
      frame.resize(side, side);
      Object.assign(frame, { name: 'House', x: 40, y: 20 });
      for (const [{ x, y, width, height }, grey] of [
        [wall, 0.2],
        [door, 0.9],
      ] as const) {
        const shape = figma.createRectangle();
        frame.appendChild(shape);
        shape.resize(width, height);
        Object.assign(shape, { x, y, fills: [{ type: 'SOLID', color: { r: grey, g: grey, b: grey } }] });
      }
      return frame.id;
    });
    app.select(frameId);
    const kept = record(app, frameId);
    const panel = await workplace.open(context, app);
    await panel.choose('Sketch');
    await panel.prompt.fill('a red house in the snow');
    await panel.set({ Variations: 1 });
    await panel.setUp({ Steps: 12, Seed: 3 });
    assert.equal(await panel.runButton.innerText(), 'Generate from this frame');
    await assertOneStep(app, () => panel.run());

    const page = childrenOf(app, app.document.currentPageId);
    const made = page.find(({ id }) => id !== frameId)!;
    assert.deepEqual(app.document.absoluteBox(made.id), app.document.absoluteBox(frameId));
    assert.deepEqual(record(app, frameId), kept);
    const { request } = JSON.parse(made.pluginData['inlay-recipe']!);
    const client = await workplace.server.pairedClient(context);
    const frame = await pixelsOf(await app.picture(frameId, { contentsOnly: true }));
    const bytes = Uint8Array.from(frame.data);
    const control = {
      role: 'control',
      imageId: 'frame',
      format: 'rgba8',
      width: side,
      height: side,
    } as const;
    const [picture] = await client.run(request, [{ ...control, bytes }]);
    const shown = await imageIn(app, made);
    assert.ok(shown.data.equals((await pixelsOf(picture!.bytes)).data), 'the very picture');

    const { controls: _, ...plain } = request;
    const [unguided] = await client.run(plain, []);
    const agreement = (pixels: Pixels) => lineAgreement(pixels, 4, outline);
    const [followed, before] = [agreement(shown), agreement(await pixelsOf(unguided!.bytes))];
    context.diagnostic(`edge agreement: ${followed.toFixed(2)} with the frame, ${before.toFixed(2)} without`);
    assert.ok(followed > 1.3 * before, `${followed} with the frame, ${before} without`);
    panel.assertSound();
  });
});
