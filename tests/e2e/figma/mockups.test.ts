/** Mockups, and results that are run again: pictures from words, by the checkpoint that is shipped. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { skipWithoutBrowser } from '../../browser.ts';
import { eventually } from '../page/editor-page.ts';
import { addEllipse, addImage, assertOneStep, childrenOf, imageIn, record, resultGroup } from './design.ts';
import { FigmaWorkplace } from './figma-workplace.ts';

describe('pictures from words in Figma', { skip: skipWithoutBrowser }, () => {
  let workplace: FigmaWorkplace;
  before(async () => {
    workplace = await FigmaWorkplace.start();
  });
  after(() => workplace?.close());

  test('a frame with placeholders becomes as many copies as were asked for, each filled, in one step', async (context) => {
    const app = workplace.newFile();
    const frameId = app.draw((figma) => {
      const frame = figma.createFrame();
      frame.resize(160, 100);
      Object.assign(frame, { name: 'Card', x: 10, y: 20 });
      const hero = figma.createRectangle();
      hero.resize(64, 64);
      const avatar = figma.createEllipse();
      avatar.resize(32, 32);
      for (const [node, name, x] of [
        [hero, 'hero: a lighthouse', 8],
        [avatar, 'Avatar', 100],
      ] as const) {
        frame.appendChild(node);
        Object.assign(node, { name, x, y: 8 });
      }
      const bar = figma.createRectangle();
      frame.appendChild(bar);
      bar.resize(100, 8);
      Object.assign(bar, { name: 'Bar', x: 8, y: 84 });
      return frame.id;
    });
    app.select(frameId);
    const before = record(app, frameId);
    const panel = await workplace.open(context, app);
    await panel.choose('Mockup');
    await panel.prompt.fill('the sea at dusk');
    await panel.set({ Variations: 2 });
    await panel.setUp({ Steps: 2, Seed: 7 });
    await assertOneStep(app, () => panel.run());

    const copies = childrenOf(app, app.document.currentPageId).filter(({ id }) => id !== frameId);
    assert.deepEqual(
      copies.map(({ name }) => name),
      ['Card v1', 'Card v2'],
    );
    assert.deepEqual(
      copies.map(({ id }) => app.document.absoluteBox(id)),
      [
        { x: 210, y: 20, width: 160, height: 100 },
        { x: 410, y: 20, width: 160, height: 100 },
      ],
    );
    const pictures = await Promise.all(
      copies.flatMap(({ id }) =>
        childrenOf(app, id)
          .slice(0, 2)
          .map((node) => imageIn(app, node)),
      ),
    );
    assert.equal(
      new Set(pictures.map(({ data }) => data.toString('latin1'))).size,
      4,
      'each is another picture',
    );
    for (const { id } of copies)
      assert.deepEqual(childrenOf(app, id)[2]!.fills, childrenOf(app, frameId)[2]!.fills);
    assert.deepEqual(record(app, frameId), before);
    assert.deepEqual(
      app.document.selectionOf(app.document.currentPageId).length > 0 &&
        panel.running.session.shownNodeIds.length > 0,
      true,
      'they are selected and shown',
    );
    panel.assertSound();
  });

  test('a result shows how it was made when it is selected, and its button makes it again in its place', async (context) => {
    const app = workplace.newFile();
    const photoId = await addImage(app, { x: 40, y: 30, width: 96, height: 96 });
    const holeId = addEllipse(app, { x: 70, y: 60, width: 32, height: 32 });
    app.select(holeId, photoId);
    const first = await workplace.open(context, app);
    await first.choose('Fill');
    await first.prompt.fill('a boat');
    await first.set({ Variations: 1 });
    await first.setUp({ Steps: 2, Seed: 11 });
    await first.run();
    const group = resultGroup(app);
    assert.match(group.name, /a boat/);
    await first.close();

    const [button] = app.relaunchButtons(group.id);
    assert.deepEqual([button?.command, button?.name], ['regenerate', 'Generate again']);
    app.select(group.id);
    const again = await workplace.open(context, app, { command: button!.command });
    const card = again.frame.getByRole('group', { name: 'The result that is edited' });
    await card.getByText('a boat').waitFor();
    assert.match(await card.innerText(), /seed 11/);
    assert.equal(await again.prompt.inputValue(), 'a boat');
    const picture = record(app, group.childIds.at(-1)!);
    const count = group.childIds.length;
    await assertOneStep(app, () => again.run());
    const [same] = [resultGroup(app)];
    assert.equal(same.id, group.id, 'in the same group');
    assert.equal(same.childIds.length, count + 1);
    const newest = childrenOf(app, same.id).filter(({ isMask, visible }) => !isMask && visible);
    assert.equal(newest.length, 1, 'one is seen');
    assert.deepEqual(
      (await imageIn(app, newest[0]!)).data.equals((await imageIn(app, picture)).data),
      true,
      'the same seed at the same place gives the same picture',
    );
    again.assertSound();
  });

  test('more of the selected result comes with other seeds', async (context) => {
    const app = workplace.newFile();
    const id = app.draw((figma) => {
      const rectangle = figma.createRectangle();
      rectangle.resize(64, 64);
      return rectangle.id;
    });
    app.select(id);
    const panel = await workplace.open(context, app);
    await panel.choose('Generate');
    await panel.prompt.fill('a house');
    await panel.set({ Variations: 1 });
    await panel.setUp({ Steps: 2, Seed: 3 });
    await assertOneStep(app, () => panel.run());
    const first = await imageIn(app, record(app, id));
    app.select(id);
    await panel.button('More like this').click();
    const images = await eventually(async () => {
      const { fills } = record(app, id);
      assert.ok(fills !== 'mixed');
      const found = fills.filter((paint) => paint.type === 'IMAGE');
      assert.equal(found.length, 2, 'the first one is kept');
      return found;
    });
    await panel.untilDone();
    const shown = images.filter(({ visible = true }) => visible);
    assert.equal(shown.length, 1);
    assert.notDeepEqual((await imageIn(app, { ...record(app, id), fills: shown })).data, first.data);
    panel.assertSound();
  });
});
