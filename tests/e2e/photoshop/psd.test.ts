/** What a fill leaves in a document, saved as a file that Photoshop reads, and read by a program that is none of ours. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { writePsd } from '../../../plugins/shared/psd/write-psd.ts';
import { patchwork } from '../../hosts/photoshop/host-fixture.ts';
import { layeredPicture } from '../../hosts/photoshop/layered-picture.ts';
import { heightOf, rectangleOf, widthOf } from '../../hosts/photoshop/rectangle.ts';
import { readPsd } from '../../plugins/shared/psd/read-psd.ts';
import { insertBy, pictureOf, startPhotoshopLab } from './photoshop-session.ts';

const lab = await startPhotoshopLab({ after });

test('after a fill the saved document has the group, its layers, their places, masks and pixels', async (context) => {
  const session = await lab.start(context);
  const { user } = session;
  const document = user.open({ width: 120, height: 90, resolution: 300, background: patchwork });
  user.addLayer(document, 'Läyer of mine', {
    bounds: rectangleOf(-5, 70, 30, 30),
    paint: (x, y, out, index) => out.set([x & 255, y & 255, 90, 200], index),
  });
  // A soft spot that reaches over the edge of the canvas.
  user.selectSoftly(document, rectangleOf(80, 30, 40, 30), (x, y) =>
    Math.min(1, Math.max(0, (16 - Math.hypot(x - 108, y - 45)) / 8)),
  );
  const group = await insertBy('Fill', session, document);

  const psd = await readPsd(writePsd(layeredPicture(document.state)));
  assert.deepEqual([psd.width, psd.height, psd.pixelsPerInch], [120, 90, 300]);
  assert.deepEqual(
    psd.children.map(({ name, type }) => [name, type]),
    [
      ['Background', 'layer'],
      ['Läyer of mine', 'layer'],
      ['Fill', 'group'],
    ],
  );
  assert.deepEqual(psd.composite, Uint8Array.from(pictureOf(document)), 'all layers together');

  const saved = psd.children[2];
  assert.ok(saved?.type === 'group');
  assert.equal(saved.children.length, group.children!.length);
  for (const [index, layer] of group.children!.entries()) {
    const read = saved.children.at(-1 - index);
    assert.ok(read?.type === 'layer' && read.mask && layer.raster && layer.mask);
    const bounds = layer.raster.contentBounds()!;
    const { left, top } = bounds;
    assert.deepEqual(read.bounds, { left, top, width: widthOf(bounds), height: heightOf(bounds) });
    assert.deepEqual([read.name, read.isVisible, read.opacity], [layer.name, layer.isVisible, 255]);
    assert.deepEqual(read.rgba, Uint8Array.from(layer.raster.read(bounds)));
    const painted = layer.mask.raster.contentBounds()!;
    assert.deepEqual(read.mask.bounds, {
      left: painted.left,
      top: painted.top,
      width: widthOf(painted),
      height: heightOf(painted),
    });
    assert.equal(read.mask.outside, 0);
    assert.deepEqual(read.mask.values, Uint8Array.from(layer.mask.raster.read(painted)));
  }
});

test('a document of 16 bits is not saved as one of 8', () => {
  assert.throws(
    () =>
      layeredPicture({
        width: 1,
        height: 1,
        resolution: 72,
        mode: 'RGB',
        depth: 16,
        profile: 'sRGB IEC61966-2.1',
        layers: [],
        activeLayerIds: [],
        channels: new Map(),
      }),
    /RGB document with 8 bits a channel, received RGB with 16/,
  );
});
