import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { composite } from './composite.ts';
import { canvasOf } from './document-state.ts';
import { patchwork, startHost } from './host-fixture.ts';
import type { ModalContext } from './modal.ts';
import { Raster } from './raster.ts';
import { rectangleOf } from './rectangle.ts';

test('what is done between suspend and resume is one step, and undo gives back the very bits', async () => {
  const host = startHost();
  const document = host.user.open({ width: 64, height: 48, background: patchwork });
  const before = composite(document.state, canvasOf(document.state));
  const steps = document.history.entries.length;
  await host.core.executeAsModal(
    async ({ hostControl }: ModalContext) => {
      const id = await hostControl.suspendHistory({ documentID: document.id, name: 'Fill' });
      const layer = await host.active().createPixelLayer({ name: 'New' });
      await host.active().createLayerGroup({ name: 'Group', fromLayers: [layer] });
      await host.active().resizeCanvas(80, 60, 'bottom-right');
      await hostControl.resumeHistory(id);
    },
    { commandName: 'Fill' },
  );
  assert.equal(document.history.entries.length, steps + 1);
  assert.equal(host.active().activeHistoryState.name, 'Fill');
  assert.deepEqual([document.state.width, document.state.layers[0]?.name], [80, 'Group']);
  assert.ok(host.user.undo(document));
  assert.deepEqual([document.state.width, document.state.layers.length], [64, 1]);
  assert.deepEqual(composite(document.state, canvasOf(document.state)), before);
});

test('without it, every change is a step of its own', async () => {
  const host = startHost();
  const document = host.user.open({ width: 8, height: 8, background: patchwork });
  const steps = document.history.entries.length;
  await host.modal(async () => {
    const layer = await host.active().createPixelLayer();
    layer.name = 'Mine';
    layer.opacity = 50;
  });
  assert.equal(document.history.entries.length, steps + 3);
});

test('an exception takes back what was done while history was suspended', async () => {
  const host = startHost();
  const document = host.user.open({ width: 8, height: 8, background: patchwork });
  const { state } = document;
  await assert.rejects(
    host.core.executeAsModal(
      async ({ hostControl }: ModalContext) => {
        await hostControl.suspendHistory({ documentID: document.id, name: 'Fill' });
        await host.active().createPixelLayer();
        throw new Error('no');
      },
      { commandName: 'Fill' },
    ),
    /no/,
  );
  assert.equal(document.state, state);
  assert.equal(document.history.isSuspended, false);
});

test('nothing can be changed outside a modal scope', async () => {
  const host = startHost();
  host.user.open({ width: 8, height: 8, background: patchwork });
  const document = host.active();
  const [layer] = document.layers;
  await assert.rejects(document.createPixelLayer(), /modal scope/);
  await assert.rejects(document.selection.selectAll(), /modal scope/);
  await assert.rejects(layer!.delete(), /modal scope/);
  assert.throws(() => {
    layer!.name = 'x';
  }, /modal scope/);
  await assert.rejects(
    host.action.batchPlay([{ _obj: 'delete', _target: [{ _ref: 'layer', _id: layer!.id }] }]),
    /modal scope/,
  );
});

test('while another plugin is modal, ours is turned away with number 9', async () => {
  const host = startHost();
  host.application.modal.isTakenByAnother = true;
  await assert.rejects(
    host.modal(async () => {}),
    (error: { number?: number }) => error.number === 9,
  );
  host.application.modal.isTakenByAnother = false;
  assert.equal(await host.modal(async () => 3), 3);
});

test('after the user has cancelled, nothing works any more in that scope', async () => {
  const host = startHost();
  host.user.open({ width: 8, height: 8, background: patchwork });
  const told: boolean[] = [];
  await assert.rejects(
    host.core.executeAsModal(
      async (context: ModalContext) => {
        context.onCancel = () => told.push(context.isCancelled);
        host.application.modal.cancel();
        await host.active().createPixelLayer();
      },
      { commandName: 'Fill' },
    ),
    /cancelled/,
  );
  assert.deepEqual(told, [true]);
});

test('a closed document answers nothing', async () => {
  const host = startHost();
  const document = host.user.open({ width: 8, height: 8, background: patchwork });
  const seen = host.active();
  const [layer] = seen.layers;
  host.user.close(document);
  assert.equal(host.app.activeDocument, null);
  assert.throws(() => seen.width, /does not exist/);
  assert.throws(() => layer!.bounds, /does not exist/);
  await assert.rejects(
    host.modal(() => host.imaging.getPixels({ documentID: seen.id })),
    /does not exist/,
  );
});

test('a new layer goes above the active one, into a group when that is active, and on top without one', async () => {
  const host = startHost();
  const document = host.user.open({ width: 8, height: 8, background: patchwork });
  const lower = host.user.addLayer(document, 'lower');
  host.user.addLayer(document, 'upper');
  host.user.selectLayers(document, [lower.id]);
  const names = () => host.active().layers.map(({ name }) => name);
  await host.modal(async () => {
    await host.active().createPixelLayer({ name: 'between' });
    assert.deepEqual(names(), ['upper', 'between', 'lower', 'Background']);
    const group = await host.active().createLayerGroup({ name: 'group' });
    await host.active().createPixelLayer({ name: 'inside' });
    assert.deepEqual(
      group.layers!.map(({ name }) => name),
      ['inside'],
    );
    await host.action.batchPlay([
      { _obj: 'selectNoLayers', _target: [{ _ref: 'layer', _enum: 'ordinal', _value: 'targetEnum' }] },
    ]);
    await host.active().createPixelLayer({ name: 'top' });
    assert.equal(names()[0], 'top');
  });
});

test('layers move inside, above and below, but not below the Background or into a layer', async () => {
  const { constants, ...host } = startHost();
  const document = host.user.open({ width: 8, height: 8, background: patchwork });
  host.user.addLayer(document, 'a');
  host.user.addLayer(document, 'b');
  const { PLACEBEFORE, PLACEINSIDE, PLACEAFTER } = constants.ElementPlacement;
  await host.modal(async () => {
    const named = (name: string) => host.active().layers.getByName(name)!;
    await named('a').move(named('b'), PLACEBEFORE);
    assert.deepEqual(
      host.active().layers.map(({ name }) => name),
      ['a', 'b', 'Background'],
    );
    await assert.rejects(named('a').move(named('b'), PLACEINSIDE), /group/);
    await assert.rejects(named('a').move(named('Background'), PLACEAFTER), /below/);
    await assert.rejects(named('Background').move(named('a'), PLACEBEFORE), /Background/);
    const group = await host.active().createLayerGroup({ name: 'g', fromLayers: [named('a'), named('b')] });
    assert.deepEqual(
      group.layers!.map(({ name }) => name),
      ['a', 'b'],
    );
    assert.equal(group.layers![0]!.parent!.name, 'g');
  });
});

test('a mask of grey values mixes to the nearest value, and a hidden layer does nothing', () => {
  const host = startHost();
  const document = host.user.open({ width: 4, height: 1, background: () => [0] });
  const layer = host.user.addLayer(document, 'white', {
    bounds: rectangleOf(0, 0, 4, 1),
    paint: (_x, _y, out, index) => out.fill(255, index, index + 4),
  });
  const raster = Raster.empty({ channels: 1, depth: 8 }).written(
    rectangleOf(0, 0, 4, 1),
    Uint8Array.of(0, 1, 128, 255),
  );
  host.user.changeLayer(document, layer.id, { mask: { raster, isEnabled: true } });
  const reds = () => [...composite(document.state, canvasOf(document.state))].filter((_, i) => i % 4 === 0);
  assert.deepEqual(reds(), [0, 1, 128, 255]);
  host.user.changeLayer(document, layer.id, { isVisible: false });
  assert.deepEqual(reds(), [0, 0, 0, 0]);
});

test('a canvas that grows keeps its layers where the anchor holds them; a Background is filled up with white', async () => {
  const host = startHost();
  const document = host.user.open({ width: 4, height: 4, background: () => [0] });
  host.user.selectRectangle(document, rectangleOf(1, 1, 2, 2));
  await host.modal(() => host.active().resizeCanvas(6, 5, 'bottom-right'));
  const red = (x: number, y: number) => composite(document.state, rectangleOf(x, y, 1, 1))[0];
  assert.deepEqual([red(1, 0), red(2, 0), red(2, 1), red(5, 4)], [255, 255, 0, 0]);
  assert.deepEqual(host.active().selection.bounds?.left, 3);
});

test('an image twice as large is the same picture', async () => {
  const host = startHost();
  const document = host.user.open({ width: 5, height: 3, background: patchwork });
  const before = composite(document.state, rectangleOf(2, 1, 1, 1));
  await host.modal(() => host.active().resizeImage(10, 6));
  assert.deepEqual(composite(document.state, rectangleOf(5, 3, 1, 1)), before);
  assert.deepEqual([host.active().width, host.active().layers[0]!.bounds.right], [10, 10]);
});

test('what a plugin keeps with a layer goes with it, and with undo', async () => {
  const host = startHost();
  const document = host.user.open({ width: 4, height: 4, background: () => [0] });
  const { id } = host.user.addLayer(document, 'a');
  const target = [{ _property: 'generatorSettings' }, { _ref: 'layer', _id: id }];
  const get = async () =>
    (await host.action.batchPlay([{ _obj: 'get', _target: target, property: 'inlay' }]))[0];
  assert.deepEqual(await get(), {});
  await host.modal(() =>
    host.action.batchPlay([
      {
        _obj: 'set',
        _target: [
          { _ref: 'property', _property: 'generatorSettings' },
          { _ref: 'layer', _id: id },
        ],
        to: { _obj: 'null', json: '{}' },
        property: 'inlay',
      },
    ]),
  );
  assert.deepEqual(await get(), { generatorSettings: { _obj: 'null', json: '{}' } });
  host.user.undo(document);
  assert.deepEqual(await get(), {});
});

test('a wrong descriptor is an item of the answer, and the rest is not played', async () => {
  const host = startHost();
  host.user.open({ width: 4, height: 4, background: () => [0] });
  const rename = (_id: number) => ({
    _obj: 'set',
    _target: [{ _ref: 'layer', _id }],
    to: { _obj: 'layer', name: 'x' },
  });
  const id = host.active().layers[0]!.id;
  const answers = await host.modal(() => host.action.batchPlay([rename(999), rename(id)]));
  assert.deepEqual(
    answers.map(({ _obj }) => _obj),
    ['error'],
  );
  await assert.rejects(
    host.modal(() => host.action.batchPlay([{ _obj: 'fly' }])),
    /not modelled/,
  );
});

test('a plugin hears of what the user does, late or not at all where a test wants it', async () => {
  const host = startHost();
  const heard: string[] = [];
  const document = host.user.open({ width: 4, height: 4, background: () => [0] });
  await host.action.addNotificationListener(['set', 'historyStateChanged'], (name) => heard.push(name));
  await assert.rejects(
    host.action.addNotificationListener(['all'], () => {}),
    /developer/,
  );
  host.user.selectRectangle(document, rectangleOf(0, 0, 2, 2));
  assert.deepEqual(heard, [], 'never at once');
  await delay(10);
  assert.deepEqual(heard.sort(), ['historyStateChanged', 'set']);
  host.application.notifications.areLost = true;
  host.user.deselect(document);
  await delay(10);
  assert.equal(heard.length, 2);
});
