import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobPicture } from '../../../../plugins/shared/client/client-job.ts';
import type { Recipe } from '../../../../plugins/shared/panel/editor-host.ts';
import { composite } from '../../../hosts/photoshop/composite.ts';
import type { DomLayer } from '../../../hosts/photoshop/dom-layer.ts';
import { rectangleOf } from '../../../hosts/photoshop/rectangle.ts';
import { until } from '../../../patience.ts';
import { filled, HostFixture, imageOf, insertion, order, plain } from './host-fixture.ts';

const canvas = rectangleOf(0, 0, 160, 120);
const selected = rectangleOf(90, 70, 60, 40);
const softly = (x: number, y: number) => ((x - 89) * (y - 69)) / 2400;

function seedOf(recipe: Recipe | undefined): number | undefined {
  return recipe !== undefined && 'seed' in recipe.request ? recipe.request.seed : undefined;
}

function outline(layers: readonly DomLayer[] | null): unknown[] {
  return [...(layers ?? [])].map((layer) => {
    const inside = layer.layers === null ? [] : [outline(layer.layers as DomLayer[])];
    return [layer.name, layer.visible, ...inside];
  });
}

test('three variations become a group with soft masks, the first one shown, as one step', async () => {
  await using fixture = new HostFixture();
  const { host, user, application } = fixture;
  const document = fixture.open();
  user.selectSoftly(document, selected, softly);
  const before = document.history.active.id;
  const fill = order('fill', { prompt: 'a red boat', count: 3 });
  const capture = await host.capture(fill);
  const pictures = filled(capture, { count: 3, paint: (value, index) => (value + 10 * index) % 256 });
  assert.deepEqual(await host.insert(insertion(fill, capture, pictures)), {});

  assert.deepEqual(outline(fixture.front.layers as DomLayer[]), [
    [
      'a red boat',
      true,
      [
        ['Variation 1', true],
        ['Variation 2', false],
        ['Variation 3', false],
      ],
    ],
    ['Background', true],
  ]);
  assert.equal(application.images.undisposed, 0);
  assert.deepEqual({ ...fixture.front.selection.bounds }, { ...selected, width: 60, height: 40 });
  assert.deepEqual(
    fixture.front.activeLayers.map(({ name }: { name: string }) => name),
    ['a red boat'],
  );
  assert.ok(user.undo(document));
  assert.equal(document.history.active.id, before);
  assert.deepEqual(outline(fixture.front.layers as DomLayer[]), [['Background', true]]);
});

for (const [depth, mode] of [
  [8, 'RGB'],
  [16, 'RGB'],
] as const) {
  test(`a fill with the source's own pixels changes no bit of a ${depth}-bit document`, async () => {
    await using fixture = new HostFixture();
    const document = fixture.open({ depth, mode, resolution: 300 });
    fixture.user.selectSoftly(document, selected, softly);
    const before = composite(document.state, canvas);
    const fill = order('fill', { count: 1 });
    const capture = await fixture.host.capture(fill);
    assert.equal(imageOf(capture, 'source').format, depth === 8 ? 'rgb8' : 'rgb16');
    await fixture.host.insert(insertion(fill, capture, filled(capture)));
    assert.deepEqual(composite(document.state, canvas), before);
  });
}

test('where Photoshop spoils a mask that is put directly, it is made from a selection, and that is as it was', async () => {
  await using fixture = new HostFixture();
  const { host, user, application } = fixture;
  application.quirks.blackMaskTilesTurnWhite = true;
  const document = fixture.open();
  // Its tiles far from the corner are black.
  user.selectSoftly(document, rectangleOf(4, 4, 150, 110), (x, y) =>
    x < 9 && y < 9 ? 0.5 : x > 145 ? 1 : 0,
  );
  const selection = document.state.selection!.read(canvas);
  const fill = order('fill', { count: 2 });
  const capture = await host.capture(fill);
  await host.insert(insertion(fill, capture, filled(capture, { count: 2 })));
  const [group] = document.state.layers;
  for (const layer of group!.children!) assert.deepEqual(layer.mask!.raster.read(canvas), selection);
  assert.deepEqual(document.state.selection!.read(canvas), selection);
  assert.equal(application.images.undisposed, 0);
});

test('the pictures of a job that was stopped are inserted as far as they are whole', async () => {
  await using fixture = new HostFixture();
  const document = fixture.open();
  fixture.user.selectSoftly(document, selected, softly);
  const fill = order('fill', { count: 2 });
  const capture = await fixture.host.capture(fill);
  await fixture.host.insert(insertion(fill, capture, filled(capture, { count: 2 }).slice(0, 3)));
  const [group] = fixture.front.layers as DomLayer[];
  assert.deepEqual(outline(group!.layers as DomLayer[]), [['Variation 1', true]]);
});

test('more of a result join its group, made of what lies below it', async () => {
  await using fixture = new HostFixture();
  const { host, user } = fixture;
  const document = fixture.open();
  user.selectSoftly(document, selected, softly);
  const fill = order('fill', { prompt: 'a red boat', count: 2 });
  const first = await host.capture(fill);
  await host.insert(insertion(fill, first, filled(first, { count: 2, paint: () => 7 })));
  await until(() => host.target.value.recipe !== undefined);
  const { recipe } = host.target.value;
  assert.equal(seedOf(recipe), 42);
  user.deselect(document);
  const again = order('fill', { prompt: 'a blue boat', count: 1 }, { place: recipe!.place });
  const second = await host.capture(again);
  assert.deepEqual(imageOf(second, 'source').bytes, imageOf(first, 'source').bytes);
  assert.deepEqual(imageOf(second, 'mask').bytes, imageOf(first, 'mask').bytes);
  const before = document.history.active.id;
  await host.insert(insertion(again, second, filled(second)));
  assert.deepEqual(outline(fixture.front.layers as DomLayer[]), [
    [
      'a red boat',
      true,
      [
        ['Variation 3', true],
        ['Variation 1', false],
        ['Variation 2', false],
      ],
    ],
    ['Background', true],
  ]);
  user.undo(document);
  assert.equal(document.history.active.id, before);
});

test('the panel’s history knows a place from before its group was there', async () => {
  await using fixture = new HostFixture();
  const { host, user } = fixture;
  const document = fixture.open();
  user.selectSoftly(document, selected, softly);
  const fill = order('fill', { count: 1 });
  const first = await host.capture(fill);
  await host.insert(insertion(fill, first, filled(first, { paint: () => 9 })));
  user.deselect(document);
  const second = await host.capture({ ...fill, place: first.place });
  assert.deepEqual(imageOf(second, 'mask').bytes, imageOf(first, 'mask').bytes);
  user.selectLayers(document, []);
  await host.reveal(first.place);
  assert.deepEqual(
    fixture.front.activeLayers.map(({ name }: { name: string }) => name),
    ['Fill'],
  );
  // The deselecting, and the insertion.
  user.undo(document);
  user.undo(document);
  await assert.rejects(host.capture({ ...fill, place: first.place }), { code: 'result-gone' });
  await assert.rejects(host.reveal(first.place), { code: 'result-gone' });
});

test('a recipe is read by a plugin that was loaded later, from the group and from each layer', async () => {
  await using fixture = new HostFixture();
  const { host, user } = fixture;
  const document = fixture.open();
  user.selectSoftly(document, selected, softly);
  const fill = order('fill', { prompt: 'a red boat', count: 2 });
  const capture = await host.capture(fill);
  await host.insert(insertion(fill, capture, filled(capture, { count: 2 })));
  assert.deepEqual([...fixture.stored], []);
  const later = fixture.newHost();
  await until(() => later.target.value.recipe?.count === 2);
  const [group] = fixture.front.layers as DomLayer[];
  user.selectLayers(document, [(group!.layers as DomLayer[])[1]!.id]);
  await until(() => seedOf(later.target.value.recipe) === 43);
  assert.equal(later.target.value.recipe?.place.groupId, group!.id);
  user.selectLayers(document, [(fixture.front.layers as DomLayer[])[1]!.id]);
  await until(() => later.target.value.recipe === undefined);
  later.close();
});

test('an expansion grows the canvas and shows the new picture in the margins alone, as one step', async () => {
  await using fixture = new HostFixture();
  const { host, user } = fixture;
  const document = fixture.open();
  const old = composite(document.state, canvas);
  const margins = { left: 30, top: 0, right: 0, bottom: 20 };
  const expand = order('expand', { count: 2 }, { margins });
  const capture = await host.capture(expand);
  assert.deepEqual(capture.tasks[0]!.request, { operation: 'expand', count: 2, ...margins });
  const picture = plain(capture, { left: -30, top: 0, width: 190, height: 140 });
  await host.insert(insertion(expand, capture, [picture, { ...picture, index: 1 }]));
  assert.deepEqual([fixture.front.width, fixture.front.height], [190, 140]);
  assert.deepEqual(composite(document.state, rectangleOf(30, 0, 160, 120)), old);
  const added = composite(document.state, rectangleOf(0, 0, 30, 140));
  assert.ok(added.every((value, index) => value === (index % 4 === 3 ? 255 : 128)));
  // Once more at the same place: the canvas stays.
  await until(() => host.target.value.recipe !== undefined);
  const again = order('expand', { count: 1 }, { place: host.target.value.recipe!.place });
  const second = await host.capture(again);
  assert.deepEqual(imageOf(second, 'source').bytes, imageOf(capture, 'source').bytes);
  await host.insert(insertion(again, second, [plain(second, { width: 190, height: 140 }, 7)]));
  assert.deepEqual([fixture.front.width, fixture.front.height], [190, 140]);
  user.undo(document);
  user.undo(document);
  assert.deepEqual([fixture.front.width, fixture.front.height], [160, 120]);
  assert.deepEqual(composite(document.state, canvas), old);
});

test('an enlarged document gets the picture on top and the size of it', async () => {
  await using fixture = new HostFixture();
  const document = fixture.open();
  const upscale = order('upscale', { scale: 2 }, { scopeId: 'document' });
  const capture = await fixture.host.capture(upscale);
  await fixture.host.insert(insertion(upscale, capture, [plain(capture, { width: 320, height: 240 })]));
  assert.deepEqual([fixture.front.width, fixture.front.height], [320, 240]);
  assert.deepEqual(outline(fixture.front.layers as DomLayer[])[0], ['Untitled-1 2×', true]);
  const pixels = composite(document.state, rectangleOf(0, 0, 320, 240));
  assert.ok(pixels.every((value, index) => value === (index % 4 === 3 ? 255 : 128)));
  fixture.user.undo(document);
  assert.deepEqual([fixture.front.width, fixture.front.height], [160, 120]);
});

test('a layer is varied and enlarged where it is, and is hidden then', async () => {
  await using fixture = new HostFixture();
  const { host, user } = fixture;
  const document = fixture.open();
  const paint = (_x: number, _y: number, out: { [index: number]: number }, index: number) => {
    for (let i = 0; i < 4; i++) out[index + i] = [10, 20, 30, 255][i]!;
  };
  const layer = user.addLayer(document, 'Cat', { bounds: rectangleOf(120, 10, 101, 80), paint });
  user.addLayer(document, 'Above');
  user.selectLayers(document, [layer.id]);
  const scopeId = `layer-${layer.id}`;
  const vary = order('vary', { prompt: 'a dog', count: 1 }, { scopeId });
  const capture = await host.capture(vary);
  const { left, top, width, height, format } = imageOf(capture, 'source');
  assert.deepEqual([left, top, width, height, format], [120, 10, 101, 80, 'rgba8']);
  await host.insert(insertion(vary, capture, [plain(capture, { left, top, width, height }, 255)]));
  assert.deepEqual(outline(fixture.front.layers as DomLayer[]), [
    ['Above', true],
    ['a dog', true, [['Variation 1', true]]],
    ['Cat', false],
    ['Background', true],
  ]);
  user.undo(document);
  user.selectLayers(document, [layer.id]);
  const upscale = order('upscale', { scale: 2 }, { scopeId });
  const large = await host.capture(upscale);
  await host.insert(insertion(upscale, large, [plain(large, { left, top, width: 202, height: 160 }, 255)]));
  assert.deepEqual(outline(fixture.front.layers as DomLayer[]), [
    ['Above', true],
    ['Cat 2×', true],
    ['Cat', false],
    ['Background', true],
  ]);
  const enlarged = (fixture.front.layers as DomLayer[])[1]!.boundsNoEffects;
  assert.deepEqual({ ...enlarged }, { left: 70, top: -30, right: 272, bottom: 130, width: 202, height: 160 });
});

test('in a document with artboards the result goes into the one that it lies in', async () => {
  await using fixture = new HostFixture();
  const { host, user } = fixture;
  const document = fixture.open();
  user.addGroup(document, 'Board 1', { kind: 'artboard', artboard: rectangleOf(60, 0, 100, 120) });
  user.selectLayers(document, []);
  user.addGroup(document, 'Board 2', { kind: 'artboard', artboard: rectangleOf(0, 0, 60, 120) });
  user.selectSoftly(document, selected, softly);
  const fill = order('fill', { count: 1 });
  const capture = await host.capture(fill);
  await host.insert(insertion(fill, capture, filled(capture)));
  assert.deepEqual(outline(fixture.front.layers as DomLayer[]).slice(0, 2), [
    ['Board 2', true, []],
    ['Board 1', true, [['Fill', true, [['Variation 1', true]]]]],
  ]);
});

test('nothing is inserted into a document that is closed or has another canvas', async () => {
  await using fixture = new HostFixture();
  const { host, user } = fixture;
  const document = fixture.open();
  user.selectSoftly(document, selected, softly);
  const fill = order('fill', { count: 1 });
  const capture = await host.capture(fill);
  const pictures: JobPicture[] = filled(capture);
  await fixture.resizeCanvas(170, 120);
  await assert.rejects(host.insert(insertion(fill, capture, pictures)), { code: 'document-changed' });
  user.undo(document);
  user.close(document);
  await assert.rejects(host.insert(insertion(fill, capture, pictures)), { code: 'document-closed' });
});

test('a result goes into its own document while another one is in front, and that stays in front', async () => {
  await using fixture = new HostFixture();
  const { host, user } = fixture;
  const document = fixture.open({ name: 'one.psd' });
  user.selectSoftly(document, selected, softly);
  const fill = order('fill', { count: 1 });
  const capture = await host.capture(fill);
  const other = fixture.open({ name: 'two.psd' });
  await host.insert(insertion(fill, capture, filled(capture)));
  assert.equal(fixture.front.id, other.id);
  assert.equal(other.state.layers.length, 1);
  assert.deepEqual(
    document.state.layers.map(({ name }) => name),
    ['Fill', 'Background'],
  );
});

test('a failure half way leaves the document as it was', async () => {
  await using fixture = new HostFixture();
  const { host, user, application } = fixture;
  const document = fixture.open();
  user.selectSoftly(document, selected, softly);
  const fill = order('fill', { count: 2 });
  const capture = await host.capture(fill);
  const [picture, mask, ...rest] = filled(capture, { count: 2 });
  const broken = { ...picture!, bytes: picture!.bytes.subarray(1) };
  const before = document.state;
  await assert.rejects(host.insert(insertion(fill, capture, [broken, mask!, ...rest])), {
    code: 'editor-failed',
  });
  assert.deepEqual(document.state.layers, before.layers);
  assert.equal(application.images.undisposed, 0);
});
