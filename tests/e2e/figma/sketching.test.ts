/** A frame with a few shapes and strokes that a picture follows, by the ControlNet that is shipped. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { skipWithoutBrowser } from '../../browser.ts';
import { type Pixels, pixelsOf } from '../../hosts/figma/pictures.ts';
import { lineAgreement, houseSide as side } from '../drawn-lines.ts';
import { assertOneStep, childrenOf, imageIn, record } from './design.ts';
import { FigmaWorkplace } from './figma-workplace.ts';

const door = { x: 56, y: 84, width: 16, height: 26 };
/** The house of drawn-lines.ts, as a pen draws it: open paths, of which nothing is filled. */
const penStrokes = ['M 30 60 L 30 110 L 98 110 L 98 60', 'M 24 60 L 64 22 L 104 60'];
const eaves = { x: 24, y: 60, width: 80 };
const black = [{ type: 'SOLID', color: { r: 0, g: 0, b: 0 } }];

describe('a sketch in Figma', { skip: skipWithoutBrowser }, () => {
  let workplace: FigmaWorkplace;
  before(async () => {
    workplace = await FigmaWorkplace.start();
  });
  after(() => workplace?.close());

  test('a frame of shapes and strokes becomes a picture over it that follows them; what was sent is the frame, to the bit', async (context) => {
    const app = workplace.newFile();
    const frameId = app.draw((figma) => {
      const frame = figma.createFrame();
      frame.resize(side, side);
      Object.assign(frame, { name: 'House', x: 40, y: 20 });
      const strokes = figma.createVector();
      frame.appendChild(strokes);
      strokes.vectorPaths = penStrokes.map((data) => ({ windingRule: 'NONE', data }));
      Object.assign(strokes, { x: 0, y: 0, fills: [], strokes: black, strokeWeight: 2 });
      const line = figma.createLine();
      frame.appendChild(line);
      line.resize(eaves.width, 0);
      Object.assign(line, { x: eaves.x, y: eaves.y, strokeWeight: 2 });
      const shape = figma.createRectangle();
      frame.appendChild(shape);
      shape.resize(door.width, door.height);
      Object.assign(shape, {
        x: door.x,
        y: door.y,
        fills: [{ type: 'SOLID', color: { r: 0.9, g: 0.9, b: 0.9 } }],
      });
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
    for (const [x, y] of [
      [30, 85],
      [44, 41],
      [60, 60],
    ] as const) {
      assert.ok(frame.data[(y * side + x) * 4]! < 64, `a stroke at ${x}, ${y}`);
    }
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
    const agreement = (pixels: Pixels) => lineAgreement(pixels, 4);
    const [followed, before] = [agreement(shown), agreement(await pixelsOf(unguided!.bytes))];
    context.diagnostic(`edge agreement: ${followed.toFixed(2)} with the frame, ${before.toFixed(2)} without`);
    assert.ok(followed > 1.3 * before, `${followed} with the frame, ${before} without`);
    panel.assertSound();
  });
});
