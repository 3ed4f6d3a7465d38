import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClientError } from '../../../../plugins/shared/client/client-error.ts';
import type { JobImage } from '../../../../plugins/shared/client/client-job.ts';
import type { Capture } from '../../../../plugins/shared/panel/editor-host.ts';
import { rectangleOf } from '../../../hosts/photoshop/rectangle.ts';
import { until } from '../../../patience.ts';
import { HostFixture, imageOf, order } from './host-fixture.ts';

/** A fill that follows a layer. */
function followed(layerId: number, control: Record<string, unknown> = { preprocessor: 'canny' }) {
  const controls = [{ imageId: `layer-${layerId}`, kind: 'canny', ...control }];
  return order('fill', { prompt: 'a boat', count: 1, controls });
}

function pixelOf({ bytes, width, left, top }: Required<JobImage>, x: number, y: number): readonly number[] {
  const at = ((y - top) * width + x - left) * 3;
  return [...bytes.subarray(at, at + 3)];
}

function controlOf(capture: Capture): Required<JobImage> {
  return imageOf(capture, 'control');
}

/** A layer of 20 × 10 pixels at (60, 40), dark red, half see-through, over a selection in a larger document. */
function sketched(fixture: HostFixture, options: Parameters<HostFixture['open']>[0] = {}) {
  const document = fixture.open({ width: 900, height: 700, ...options });
  const layer = fixture.user.addLayer(document, 'Sketch', {
    bounds: rectangleOf(60, 40, 20, 10),
    paint: (_x, _y, out, index) => {
      const samples = out instanceof Uint16Array ? [12_850, 0, 0, 6_554] : [100, 0, 0, 51];
      out.set(samples, index);
    },
  });
  fixture.user.selectRectangle(document, rectangleOf(50, 30, 60, 40));
  return { document, layer };
}

test('a layer travels for the very area that is sent, on white where it has nothing, and leaves no trace', async () => {
  await using fixture = new HostFixture();
  const { document, layer } = sketched(fixture);
  const [entries, state] = [document.history.entries.length, document.state];
  const capture = await fixture.host.capture(followed(layer.id));
  const [source, control] = [imageOf(capture, 'source'), controlOf(capture)];
  const { bytes, ...outline } = control;
  const { left, top, width, height } = source;
  const imageId = `layer-${layer.id}`;
  assert.deepEqual(outline, { role: 'control', imageId, format: 'rgb8', left, top, width, height });
  const red = [Math.round((100 * 51 + 255 * 204) / 255), 204, 204];
  for (let y = top; y < top + height; y++) {
    for (let x = left; x < left + width; x++) {
      const isInside = x >= 60 && x < 80 && y >= 40 && y < 50;
      assert.deepEqual(pixelOf(control, x, y), isInside ? red : [255, 255, 255], `${x}, ${y}`);
    }
  }
  assert.equal(bytes.length, width * height * 3);
  assert.equal(document.history.entries.length, entries);
  assert.equal(document.state, state, 'nothing of the document has changed');
  assert.equal(fixture.application.images.undisposed, 0);
});

test('a map is black where the layer has nothing', async () => {
  await using fixture = new HostFixture();
  const { layer } = sketched(fixture);
  const control = controlOf(await fixture.host.capture(followed(layer.id, {})));
  assert.deepEqual(pixelOf(control, 55, 35), [0, 0, 0]);
  assert.deepEqual(pixelOf(control, 60, 40), [20, 0, 0]);
});

test('a hidden layer is followed, and one of 16 bits comes as 8', async () => {
  for (const depth of [8, 16] as const) {
    await using fixture = new HostFixture();
    const { document, layer } = sketched(fixture, { depth });
    fixture.user.changeLayer(document, layer.id, { isVisible: false });
    const control = controlOf(await fixture.host.capture(followed(layer.id)));
    const [red, green] = pixelOf(control, 65, 45);
    assert.ok(Math.abs(red! - 224) <= 1 && Math.abs(green! - 204) <= 1, `${depth} bits: ${red}, ${green}`);
    assert.equal(fixture.application.images.undisposed, 0);
  }
});

test('a layer that has gone is told, and nothing is sent', async () => {
  await using fixture = new HostFixture();
  sketched(fixture);
  await assert.rejects(
    fixture.host.capture(followed(99_999)),
    (error) => error instanceof ClientError && error.code === 'layer-gone',
  );
  assert.equal(fixture.application.images.undisposed, 0);
});

test('a question without pixels tells of the control too', async () => {
  await using fixture = new HostFixture();
  const { layer } = sketched(fixture);
  const { target } = fixture.host;
  await until(() => target.value.offers.fill?.controlSources?.[0]?.label === 'Sketch');
  const outlined = fixture.host.outline(followed(layer.id))![0]!.images;
  const captured = (await fixture.host.capture(followed(layer.id))).tasks[0]!.images;
  assert.deepEqual(
    outlined.find(({ role }) => role === 'control'),
    (({ bytes: _, ...image }) => image)(captured.find(({ role }) => role === 'control')!),
  );
});

test('a map becomes a layer on top, where its picture is, in one step of history', async () => {
  await using fixture = new HostFixture();
  const { document, layer } = sketched(fixture);
  const { place } = await fixture.host.capture(followed(layer.id));
  const entries = document.history.entries.length;
  const bytes = Uint8Array.from({ length: 4 * 3 * 3 }, (_, i) => i * 7);
  const picture = {
    index: 0,
    role: 'picture',
    format: 'rgb8',
    left: 70,
    top: 60,
    width: 4,
    height: 3,
    request: { operation: 'control-map', preprocessor: 'canny' },
    bytes,
  } as const;
  await fixture.host.insertMap({ place, picture, name: 'Map: edges' });
  assert.equal(document.history.entries.length, entries + 1);
  const [top] = document.state.layers;
  assert.equal(top!.name, 'Map: edges');
  const bounds = rectangleOf(70, 60, 4, 3);
  assert.deepEqual(top!.raster!.contentBounds(), bounds);
  const colours = Uint8Array.from(top!.raster!.read(bounds)).filter((_, i) => i % 4 !== 3);
  assert.deepEqual(colours, bytes);
  assert.ok(fixture.user.undo(document));
  assert.equal(document.state.layers.length, 2);
  assert.equal(fixture.application.images.undisposed, 0);
});

test('of many layers the active one is offered first, however deep it lies: it is there once it is clicked', async () => {
  await using fixture = new HostFixture();
  const { document, layer } = sketched(fixture);
  for (let i = 0; i < 30; i++) fixture.user.addLayer(document, `Above ${i}`);
  const sources = () => fixture.host.target.value.offers.fill?.controlSources ?? [];
  await until(() => sources()[0]?.label === 'Above 29');
  assert.equal(sources().length, 24);
  assert.ok(sources().every(({ label }) => label !== 'Sketch'));
  fixture.user.selectLayers(document, [layer.id]);
  await until(() => sources()[0]?.label === 'Sketch');
  assert.equal(sources().length, 25);
  fixture.user.selectLayers(document, [document.state.layers.at(-1)!.id]);
  await until(() => sources()[0]?.label !== 'Sketch');
  assert.equal(sources().at(-1)?.label, 'Sketch', 'it stays on offer');
});
