import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contextBounds as engineContextBounds } from '../../../../engine/image/context.ts';
import { contextBounds } from '../../../../plugins/shared/picture/context.ts';
import { boundsOf } from '../../../../plugins/shared/picture/geometry.ts';
import { flattened } from '../../../../plugins/web/document/composite.ts';
import {
  addLayer,
  buffersOf,
  changedAreas,
  createDocument,
  expandCanvas,
  moveLayer,
  type PictureDocument,
  removeLayer,
  replacedBy,
  updateLayer,
  withSelection,
} from '../../../../plugins/web/document/picture-document.ts';
import { Selection } from '../../../../plugins/web/document/selection.ts';
import { layerOf, noiseRaster } from './arbitraries.ts';

const canvas = { width: 40, height: 30 };
const selected = Selection.empty(canvas).withRectangle({ left: 5, top: 6, width: 7, height: 8 }, 'add');
const at = (left: number, top: number) => ({ left, top, width: 10, height: 9 });

function threeLayers(): PictureDocument {
  let document = createDocument('photo.jpg', noiseRaster(canvas, 4));
  document = addLayer(document, layerOf('a', at(0, 0), { canvas, seed: 1, selected }));
  document = addLayer(document, layerOf('b', at(5, 5), { canvas, seed: 20 }));
  document = addLayer(document, layerOf('c', at(25, 18), { canvas, seed: 40 }));
  return withSelection(document, selected);
}
const order = ({ layers }: PictureDocument) => layers.map(({ id }) => id).join('');

test('layers are put on top, changed, moved and removed without touching the others', () => {
  const document = threeLayers();
  assert.equal(order(document), 'abc');
  const changed = updateLayer(document, 'b', { opacity: 0.5, name: 'Door' });
  assert.equal(changed.layers[1]!.name, 'Door');
  assert.equal(changed.layers[0], document.layers[0]);
  assert.equal(document.layers[1]!.opacity, 1);
  assert.equal(order(moveLayer(document, 'a', 2)), 'bca');
  assert.equal(order(moveLayer(document, 'c', 0)), 'cab');
  assert.equal(order(moveLayer(document, 'c', -3)), 'cab');
  assert.equal(order(moveLayer(document, 'a', 99)), 'bca');
  assert.equal(order(removeLayer(document, 'b')), 'ac');
  assert.equal(updateLayer(document, 'none', { opacity: 0 }), document);
});

test('a layer that does not fit itself is refused with what was expected', () => {
  const document = threeLayers();
  const layer = layerOf('d', at(0, 0), { canvas });
  assert.throws(() => addLayer(document, { ...layer, id: 'a' }), /taken/);
  assert.throws(
    () => addLayer(document, { ...layer, bounds: at(0, 0), mask: new Uint8Array(89) }),
    /90 mask values/,
  );
  assert.throws(() => addLayer(document, { ...layer, bounds: { ...at(0, 0), width: 11 } }), /11 x 9 px/);
  assert.throws(() => updateLayer(document, 'a', { shown: 2 }), /one of its 2 variations, not 2/);
  assert.throws(() => updateLayer(document, 'a', { opacity: 1.01 }), /between 0 and 1/);
  assert.throws(() => withSelection(document, Selection.empty({ width: 40, height: 31 })), /40 x 30 px/);
});

test('an expanded canvas moves base, layers and selections along', () => {
  const document = threeLayers();
  const margins = { left: 300, top: 2, right: 5, bottom: 0 };
  const expanded = expandCanvas(document, margins);
  assert.deepEqual(expanded.size, { width: 345, height: 32 });
  assert.deepEqual(expanded.baseOffset, { x: 300, y: 2 });
  assert.deepEqual(expanded.layers[2]!.bounds, { ...at(325, 20) });
  const movedBounds = { left: 305, top: 8, width: 7, height: 8 };
  assert.deepEqual(expanded.selection.bounds(), movedBounds);
  assert.deepEqual(expanded.layers[0]!.selected.bounds(), movedBounds);
  const kept = { ...boundsOf(canvas), left: 300, top: 2 };
  assert.deepEqual(flattened(expanded, kept).data, flattened(document).data);
  assert.throws(() => expandCanvas(document, { ...margins, left: -1 }), /0 or more/);
  assert.throws(() => expandCanvas(document, { ...margins, top: 0.5 }), /whole pixels/);
});

test('a raster that replaces the document keeps only its name', () => {
  const raster = noiseRaster({ width: 80, height: 60 }, 9);
  const replaced = replacedBy(threeLayers(), raster);
  assert.deepEqual(replaced, createDocument('photo.jpg', raster));
});

test('changed areas cover every pixel that differs, and nothing for a change that is not seen', () => {
  let added = 0;
  const changes: readonly ((document: PictureDocument) => PictureDocument)[] = [
    (d) => updateLayer(d, 'a', { opacity: 0.3 }),
    (d) => updateLayer(d, 'b', { isVisible: false }),
    (d) => updateLayer(d, 'b', { shown: 1 }),
    (d) => updateLayer(d, 'c', { bounds: at(12, 3) }),
    (d) => removeLayer(d, 'a'),
    (d) => moveLayer(d, 'a', 1),
    (d) => moveLayer(d, 'c', 0),
    (d) => addLayer(d, layerOf(`n${added++}`, at(20, 2), { canvas, seed: 77 })),
    (d) => expandCanvas(d, { left: 1, top: 0, right: 0, bottom: 0 }),
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...changes), { minLength: 1, maxLength: 4 }), (steps) => {
      const before = threeLayers();
      const after = steps.reduce((document, step) => step(document), before);
      const areas = changedAreas(before, after);
      if (after.size.width !== before.size.width) return assert.deepEqual(areas, [boundsOf(after.size)]);
      const [a, b] = [flattened(before).data, flattened(after).data];
      for (let i = 0; i < a.length; i++) {
        const x = Math.floor(i / 4) % canvas.width;
        const y = Math.floor(i / 4 / canvas.width);
        if (a[i] === b[i]) continue;
        assert.ok(
          areas.some((r) => x >= r.left && y >= r.top && x < r.left + r.width && y < r.top + r.height),
          `${x}, ${y}`,
        );
      }
    }),
  );
  const document = threeLayers();
  assert.deepEqual(changedAreas(document, updateLayer(document, 'a', { name: 'other' })), []);
  assert.deepEqual(changedAreas(document, withSelection(document, Selection.empty(canvas))), []);
  assert.deepEqual(changedAreas(document, updateLayer(document, 'b', { opacity: 0 })), [at(5, 5)]);
});

test('a step of undo holds no buffer twice', () => {
  const document = threeLayers();
  const before = new Set(buffersOf(document));
  const after = [...buffersOf(updateLayer(document, 'a', { opacity: 0.5 }))];
  assert.ok(after.every((buffer) => before.has(buffer)));
  assert.ok(before.has(document.base.data.buffer) && before.has(document.layers[0]!.mask.buffer));
});

test('the context that travels is the one that the engine reads', () => {
  const side = fc.integer({ min: 1, max: 5000 });
  fc.assert(
    fc.property(side, side, fc.nat(), fc.nat(), fc.nat(), fc.nat(), (width, height, a, b, c, d) => {
      const left = a % width;
      const top = b % height;
      const bounds = { left, top, width: 1 + (c % (width - left)), height: 1 + (d % (height - top)) };
      assert.deepEqual(
        contextBounds(bounds, { canvas: { width, height } }),
        engineContextBounds(bounds, { canvas: { width, height } }),
      );
    }),
  );
});
