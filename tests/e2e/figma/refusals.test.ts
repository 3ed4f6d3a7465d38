/** What cannot be done is said in a sentence, with what to do, before anything is sent; and the file stays as it is. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { skipWithoutBrowser } from '../../browser.ts';
import type { FigmaApp } from '../../hosts/figma/figma-app.ts';
import { addEllipse, addImage } from './design.ts';
import { type FigmaPanel, FigmaWorkplace } from './figma-workplace.ts';

type Api = Parameters<Parameters<FigmaApp['draw']>[0]>[0];

interface Case {
  readonly title: string;
  readonly operation: string;
  readonly sentence: RegExp;
  /** Ids of what is selected then. */
  readonly select: (
    app: FigmaApp,
    ids: { readonly photoId: string; readonly holeId: string },
  ) => readonly string[];
}

const made = (app: FigmaApp, make: (figma: Api) => { readonly id: string }) => [app.draw(make).id];

const cases: readonly Case[] = [
  {
    title: 'nothing selected',
    operation: 'Fill',
    sentence: /^Nothing is selected\. Draw a shape over .+\.$/,
    select: () => [],
  },
  {
    title: 'a locked picture',
    operation: 'Upscale',
    sentence: /^“Photo” is locked\. Unlock it and try again\.$/,
    select: (app, { photoId }) => {
      app.document.patch(photoId, { locked: true });
      return [photoId];
    },
  },
  {
    title: 'a shape in a locked frame',
    operation: 'Fill',
    sentence: /^“Frame” is locked\. Unlock it and try again\.$/,
    select: (app, { holeId }) => {
      app.draw((figma) => {
        const frame = figma.createFrame();
        frame.resize(300, 300);
        frame.appendChild(figma.currentPage.findOne(({ id }) => id === holeId)!);
        frame.locked = true;
      });
      return [holeId];
    },
  },
  {
    title: 'an instance',
    operation: 'Expand',
    sentence: /“.+” is an instance\. Detach it, or use its main component\.$/,
    select: (app) => made(app, (figma) => figma.createComponent().createInstance()),
  },
  {
    title: 'a shape inside an instance',
    operation: 'Fill',
    sentence: /instance/,
    select: (app) =>
      made(app, (figma) => {
        const component = figma.createComponent();
        component.appendChild(figma.createEllipse());
        return component.createInstance().children[0]!;
      }),
  },
  {
    title: 'a section',
    operation: 'Expand',
    sentence: /^“Section” is a section\. Select a frame or an image inside it\.$/,
    select: (app) => made(app, (figma) => figma.createSection()),
  },
  {
    title: 'a set of components',
    operation: 'Mockup',
    sentence: /^“Component set” is a set of components\. Select one of its variants\.$/,
    select: (app) =>
      made(app, (figma) => figma.combineAsVariants([figma.createComponent()], figma.currentPage, 0)),
  },
  {
    title: 'a text of several fills',
    operation: 'Vary',
    sentence: /^The parts of “Text” have different fills\. Give all of it the same fill\.$/,
    select: (app) => {
      const ids = made(app, (figma) => figma.createText());
      app.document.patch(ids[0]!, { fills: 'mixed', characters: 'Inlay' });
      return ids;
    },
  },
  {
    title: 'a rotated frame to be expanded',
    operation: 'Expand',
    sentence: /^“Frame” is rotated\. Rotate it back to 0° to expand it\.$/,
    select: (app) => made(app, (figma) => Object.assign(figma.createFrame(), { rotation: 20 })),
  },
  {
    title: 'a shape that does not lie over the picture',
    operation: 'Remove',
    sentence: /^“Hole” does not lie over “Photo”\. Move the shape over what is to be replaced\.$/,
    select: (app, { holeId, photoId }) => {
      app.document.patch(holeId, {
        transform: [
          [1, 0, 900],
          [0, 1, 900],
        ],
      });
      return [holeId, photoId];
    },
  },
  {
    title: 'a frame without placeholders',
    operation: 'Mockup',
    sentence: /^“Frame” has no placeholders\. Placeholders are .+\.$/,
    select: (app) => made(app, (figma) => figma.createFrame()),
  },
];

describe('what Figma cannot do', { skip: skipWithoutBrowser }, () => {
  let workplace: FigmaWorkplace;
  let panel: FigmaPanel;
  let photoId: string;
  let holeId: string;
  let untouched: ReturnType<FigmaApp['document']['snapshot']>;
  before(async () => {
    workplace = await FigmaWorkplace.start();
    const app = workplace.newFile();
    photoId = await addImage(app, { x: 40, y: 30, width: 80, height: 60 });
    holeId = addEllipse(app, { x: 60, y: 40, width: 20, height: 20 });
    untouched = app.document.snapshot();
    panel = await workplace.open({ after: () => {} }, app);
    await panel.prompt.fill('a boat');
  });
  after(async () => {
    await panel?.close();
    await workplace?.close();
  });

  for (const { title, operation, sentence, select } of cases) {
    test(`${title} is refused`, async () => {
      const { app } = panel;
      app.document.restore(untouched);
      app.select(...select(app, { photoId, holeId }));
      app.document.commitUndo();
      const before = app.document.snapshot();
      await panel.choose(operation);
      await panel.untilRefused(sentence);
      assert.deepEqual(app.document.snapshot(), before);
      panel.assertSound();
    });
  }

  test('after all that, what can be done is offered again', async () => {
    const { app } = panel;
    app.document.restore(untouched);
    app.select(holeId, photoId);
    await panel.choose('Fill');
    await panel.says(/^“Hole” over “Photo”, 20 × 20 px/);
    assert.ok(await panel.runButton.isEnabled());
  });
});
