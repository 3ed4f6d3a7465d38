/** Photoshop, Figma and another client at once on one engine. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { JobImage } from '../../../plugins/shared/client/client-job.ts';
import { skipWithoutBrowser } from '../../browser.ts';
import { patchwork } from '../../hosts/photoshop/host-fixture.ts';
import { rectangleOf } from '../../hosts/photoshop/rectangle.ts';
import { addEllipse, addImage, childrenOf, resultGroup } from '../figma/design.ts';
import { FigmaWorkplace } from '../figma/figma-workplace.ts';
import { insertBy, type PhotoshopLab, photoshopLabAt } from './photoshop-session.ts';

const size = { width: 64, height: 48 } as const;
const source: JobImage = {
  role: 'source',
  format: 'rgb8',
  ...size,
  bytes: Uint8Array.from({ length: 64 * 48 * 3 }, (_, i) => (i * 7) % 256),
};
const mask: JobImage = {
  role: 'mask',
  format: 'gray8',
  ...size,
  bytes: Uint8Array.from({ length: 64 * 48 }, (_, i) => (i % 64 > 20 && i % 64 < 40 ? 255 : 0)),
};

describe('three editors at once', { skip: skipWithoutBrowser }, () => {
  let workplace: FigmaWorkplace;
  let lab: PhotoshopLab;
  before(async () => {
    workplace = await FigmaWorkplace.start();
    lab = await photoshopLabAt(workplace.server);
  });
  after(() => workplace?.close());

  test('each gets what it has asked for, and hears of no other’s job', async (context) => {
    const photoshop = await lab.start(context);
    const document = photoshop.user.open({ width: 90, height: 70, background: patchwork });
    photoshop.user.selectRectangle(document, rectangleOf(30, 20, 20, 15));
    await photoshop.panel.type('Variations', '2');

    const app = workplace.newFile();
    const photoId = await addImage(app, { x: 0, y: 0, width: 80, height: 60 });
    const holeId = addEllipse(app, { x: 30, y: 20, width: 20, height: 16 });
    app.select(holeId, photoId);
    const figma = await workplace.open(context, app);
    await figma.choose('Fill');
    await figma.set({ Variations: 1 });

    const web = await lab.pairedClient(context, { client: 'page', editor: 'web' });
    const jobId = 'job-of-the-page';
    const [group, , pictures] = await Promise.all([
      insertBy('Fill', photoshop, document),
      figma.run(),
      web.run({ operation: 'fill', count: 3 }, [source, mask], { jobId }),
    ]);

    assert.equal(group.children!.length, 2);
    assert.equal(document.state.layers.length, 2);
    assert.deepEqual(
      [childrenOf(app, resultGroup(app).id).length, childrenOf(app, app.document.currentPageId).length],
      [2, 3],
      'a group of a mask and a picture, beside the picture and the shape',
    );
    assert.equal(pictures.length, 3);

    const heard = photoshop.network.receivedTexts.map((text) => JSON.parse(text) as { jobId?: string });
    const jobs = new Set(heard.flatMap((message) => message.jobId ?? []));
    assert.equal(jobs.size, 1, [...jobs].join(', '));
    assert.ok(!jobs.has(jobId));
    figma.assertSound();
  });
});
