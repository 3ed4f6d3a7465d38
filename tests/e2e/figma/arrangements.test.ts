/** However the shape and the picture are arranged, the result is seen where the shape was, and nowhere else. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { SceneNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { skipWithoutBrowser } from '../../browser.ts';
import type { FigmaApp } from '../../hosts/figma/figma-app.ts';
import { pixelsOf } from '../../hosts/figma/pictures.ts';
import { addEllipse, addImage, assertOneStep, type Box, differences } from './design.ts';
import { type FigmaPanel, FigmaWorkplace } from './figma-workplace.ts';

type Figma = Parameters<Parameters<FigmaApp['draw']>[0]>[0];

interface Arrangement {
  readonly title: string;
  readonly photo?: Partial<Box>;
  readonly hole?: Partial<Box>;
  /** What is done with both then. */
  readonly arrange?: (figma: Figma, nodes: { readonly photo: SceneNode; readonly hole: SceneNode }) => void;
}

const arrangements: readonly Arrangement[] = [
  { title: 'a shape over the edge of the picture', hole: { x: 130, y: 20, width: 40, height: 40 } },
  { title: 'places between pixels', photo: { x: 40.5, y: 30.25 }, hole: { x: 70.3, y: 50.7 } },
  { title: 'a shape of one pixel', hole: { width: 1, height: 1 } },
  {
    title: 'a shape below the picture',
    arrange: (figma, { hole }) => figma.currentPage.insertChild(0, hole),
  },
  {
    title: 'both in a group',
    arrange: (figma, { photo, hole }) => {
      figma.group([photo, hole], figma.currentPage, 0);
    },
  },
  {
    title: 'both in a section',
    arrange: (figma, { photo, hole }) => {
      const section = figma.createSection();
      for (const node of [photo, hole]) section.appendChild(node);
    },
  },
  {
    title: 'both in a rotated frame',
    arrange: (figma, { photo, hole }) => {
      const frame = figma.createFrame();
      frame.resize(180, 140);
      Object.assign(frame, { x: 100, y: 200, rotation: 25 });
      for (const node of [photo, hole]) frame.appendChild(node);
    },
  },
  {
    title: 'both in a frame with auto layout',
    arrange: (figma, { photo, hole }) => {
      const frame = figma.createFrame();
      frame.resize(180, 140);
      frame.layoutMode = 'HORIZONTAL';
      for (const node of [photo, hole]) frame.appendChild(node);
    },
  },
  {
    title: "both behind a mask of the user's",
    arrange: (figma, { photo, hole }) => {
      const mask = figma.createRectangle();
      Object.assign(mask, { x: 45, y: 35, isMask: true });
      figma.group([mask, photo, hole], figma.currentPage, 0);
    },
  },
  {
    title: 'a picture and a shape that can be seen through',
    arrange: (_, { photo, hole }) => {
      Object.assign(photo, { opacity: 0.5 });
      Object.assign(hole, { opacity: 0.3 });
    },
  },
];

describe('wherever it lies in Figma', { skip: skipWithoutBrowser }, () => {
  let workplace: FigmaWorkplace;
  let panel: FigmaPanel;
  let empty: ReturnType<FigmaApp['document']['snapshot']>;
  before(async () => {
    workplace = await FigmaWorkplace.start();
    const app = workplace.newFile();
    empty = app.document.snapshot();
    panel = await workplace.open({ after: () => {} }, app);
    await panel.choose('Fill');
    await panel.set({ Variations: 1 });
  });
  after(async () => {
    await panel?.close();
    await workplace?.close();
  });

  for (const { title, photo = {}, hole = {}, arrange } of arrangements) {
    test(`${title}: filled there, unchanged elsewhere, one step`, async () => {
      const { app } = panel;
      app.document.restore(empty);
      const photoId = await addImage(app, { x: 40, y: 30, width: 120, height: 80, ...photo });
      const holeId = addEllipse(app, { x: 70, y: 50, width: 30, height: 20, ...hole });
      app.draw((figma) => {
        const found = (id: string) => figma.currentPage.findOne((node) => node.id === id)!;
        arrange?.(figma, { photo: found(photoId), hole: found(holeId) });
      });
      const seen = async () => pixelsOf(await app.picture(photoId, { contentsOnly: false }));
      app.document.patch(holeId, { visible: false });
      const source = await seen();
      app.document.patch(holeId, { visible: true });
      app.select(holeId, photoId);
      await panel.says(/^“Hole” over “Photo”/);
      await assertOneStep(app, () => panel.run());
      const result = await seen();
      const corner = app.document.absoluteBox(photoId);
      const box = app.document.absoluteBox(holeId);
      const isFar = (column: number, row: number) => {
        const [x, y] = [column + Math.floor(corner.x), row + Math.floor(corner.y)];
        const isBeside = x < Math.floor(box.x) - 1 || x > box.x + box.width + 1;
        return isBeside || y < Math.floor(box.y) - 1 || y > box.y + box.height + 1;
      };
      assert.equal(differences(result, source, isFar), 0);
      assert.ok(differences(result, source) > 0);
      panel.assertSound();
    });
  }
});
