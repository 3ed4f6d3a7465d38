import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextBounds } from '../../../../plugins/shared/picture/context.ts';
import { rectangleOf } from '../../../hosts/photoshop/rectangle.ts';
import { until } from '../../../patience.ts';
import { HostFixture, imageOf, order } from './host-fixture.ts';

const fill = order('fill', { count: 1 });

test('only the surroundings of a selection travel, and the mask with them', async () => {
  await using fixture = new HostFixture();
  const { host, user, application } = fixture;
  const document = fixture.open({ width: 3000, height: 2000 });
  user.selectSoftly(document, rectangleOf(1500, 1000, 50, 40), (x) => (x - 1499) / 50);
  const capture = await host.capture(fill);
  const canvas = { width: 3000, height: 2000 };
  const expected = contextBounds({ left: 1500, top: 1000, width: 50, height: 40 }, { canvas });
  const { bytes, ...source } = imageOf(capture, 'source');
  assert.deepEqual(source, { role: 'source', format: 'rgb8', ...expected });
  assert.equal(bytes.length, expected.width * expected.height * 3);
  const at = 3 * ((1000 - expected.top) * expected.width + 1500 - expected.left);
  assert.deepEqual([...bytes.subarray(at, at + 3)], [1500 % 256, 1000 % 256, 2500 % 256]);
  const mask = imageOf(capture, 'mask');
  const first = (1000 - expected.top) * expected.width + 1500 - expected.left;
  assert.deepEqual([...mask.bytes.subarray(first - 1, first + 2)], [0, 5, 10]);
  assert.equal(mask.bytes[first - expected.width], 0);
  assert.deepEqual(capture.tasks[0]!.request, { operation: 'fill', count: 1, resultArea: 'mask' });
  assert.equal(application.images.undisposed, 0);
  assert.ok(application.images.created > 0);
  // Nothing but reading: the history is as it was.
  assert.equal(document.history.active.name, 'Rectangular Marquee');
});

test('a question without pixels is about what would travel', async () => {
  await using fixture = new HostFixture();
  const document = fixture.open({ depth: 16 });
  fixture.user.selectRectangle(document, rectangleOf(10, 20, 30, 40));
  await until(() => fixture.host.target.value.offers.fill?.subject !== undefined);
  const [outlined] = fixture.host.outline(fill)!;
  const capture = await fixture.host.capture(fill);
  const images = capture.tasks[0]!.images.map(({ bytes: _, ...image }) => image);
  const [source, { maskBounds, ...mask }] = outlined!.images as [object, { maskBounds: object }];
  assert.deepEqual([source, mask], images);
  assert.deepEqual(maskBounds, { left: 10, top: 20, width: 30, height: 40 });
  assert.deepEqual(outlined!.request, capture.tasks[0]!.request);
});

test('of a selection over the edge of the canvas the part on it is taken', async () => {
  await using fixture = new HostFixture();
  const document = fixture.open();
  fixture.user.selectRectangle(document, rectangleOf(-50, 100, 100, 100));
  const { target } = fixture.host;
  await until(() => target.value.offers.fill?.subject === 'Selection, 50 × 20 px');
  const capture = await fixture.host.capture(fill);
  const mask = imageOf(capture, 'mask');
  assert.equal(mask.bytes.filter((value) => value === 255).length, 50 * 20);
  assert.deepEqual(capture.place.area, { left: 0, top: 100, width: 50, height: 20 });
});

test('a selection of one pixel has its surroundings', async () => {
  await using fixture = new HostFixture();
  const document = fixture.open();
  fixture.user.selectRectangle(document, rectangleOf(159, 119, 1, 1));
  const mask = imageOf(await fixture.host.capture(fill), 'mask');
  assert.equal(mask.bytes.filter((value) => value > 0).length, 1);
  assert.equal(mask.bytes.at(-1), 255);
});

test('an empty document is sent as transparent', async () => {
  await using fixture = new HostFixture();
  const document = fixture.user.open({ width: 300, height: 200 });
  fixture.user.selectRectangle(document, rectangleOf(10, 10, 20, 20));
  const source = imageOf(await fixture.host.capture(fill), 'source');
  assert.equal(source.format, 'rgba8');
  assert.ok(source.bytes.every((value) => value === 0));
});

test('hidden layers are not seen, and locked ones are no matter', async () => {
  await using fixture = new HostFixture();
  const { user } = fixture;
  const document = fixture.open();
  const paint = (_x: number, _y: number, out: { [index: number]: number }, index: number) => {
    for (let i = 0; i < 4; i++) out[index + i] = [200, 0, 0, 255][i]!;
  };
  const layer = user.addLayer(document, 'Red', { bounds: rectangleOf(0, 0, 160, 120), paint });
  user.changeLayer(document, layer.id, { isLocked: true });
  user.selectRectangle(document, rectangleOf(10, 10, 20, 20));
  const seen = imageOf(await fixture.host.capture(fill), 'source');
  assert.deepEqual([...seen.bytes.subarray(0, 3)], [200, 0, 0]);
  user.changeLayer(document, layer.id, { isVisible: false });
  const hidden = imageOf(await fixture.host.capture(fill), 'source');
  assert.deepEqual([...hidden.bytes.subarray(3, 6)], [1, 0, 1]);
});

test('each thing that is in the way is told with what to do', async () => {
  await using fixture = new HostFixture();
  const { host, user } = fixture;
  await assert.rejects(host.capture(fill), { code: 'no-document' });
  const document = fixture.open();
  await assert.rejects(host.capture(fill), {
    code: 'nothing-selected',
    message: 'Nothing is selected.',
    hint: 'Select what is to be changed, with any of Photoshop’s selection tools.',
  });
  user.selectRectangle(document, rectangleOf(800, 10, 20, 20));
  await assert.rejects(host.capture(fill), { code: 'selection-outside' });
  await assert.rejects(host.capture(order('expand')), { code: 'no-margins' });
  await assert.rejects(host.capture(order('vary', { prompt: 'x' }, { scopeId: 'layer-999' })), {
    code: 'layer-gone',
  });
  await assert.rejects(host.capture({ ...fill, place: { kind: 'node', id: '1:2' } }), {
    code: 'foreign-place',
  });
});

test('what is selected is told as it changes', async () => {
  await using fixture = new HostFixture();
  const { host, user } = fixture;
  assert.match(host.target.value.offers.fill!.reason!, /No document is open/);
  const document = fixture.open({ name: 'one.psd' });
  await until(() => host.target.value.documentName === 'one.psd');
  assert.match(host.target.value.offers.fill!.reason!, /Nothing is selected/);
  user.selectRectangle(document, rectangleOf(0, 0, 7, 5));
  await until(() => host.target.value.offers.fill?.subject === 'Selection, 7 × 5 px');
  user.close(document);
  await until(() => host.target.value.documentName === undefined);
});

test('a change that Photoshop tells nobody about is seen soon all the same', async () => {
  await using fixture = new HostFixture();
  const document = fixture.open();
  const { target } = fixture.host;
  await until(() => target.value.documentName !== undefined);
  document.change('Silent', { ...document.state, width: 333 });
  await until(() => target.value.offers.expand?.subject === 'Document, 333 × 120 px');
});
