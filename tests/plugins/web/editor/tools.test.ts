import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Selection } from '../../../../plugins/web/document/selection.ts';
import { BrushTool } from '../../../../plugins/web/editor/tools/brush-tool.ts';
import {
  draggedMargins,
  expandedFrame,
  noMargins,
} from '../../../../plugins/web/editor/tools/expand-tool.ts';
import { LassoTool } from '../../../../plugins/web/editor/tools/lasso-tool.ts';
import { RectangleTool } from '../../../../plugins/web/editor/tools/rectangle-tool.ts';

const size = { width: 100, height: 80 };
const empty = Selection.empty(size);

function points(...pairs: readonly (readonly [number, number])[]) {
  return pairs.map(([x, y]) => ({ x, y, pressure: 1 }));
}

test('the brush selects along its path at once, the eraser takes away', () => {
  const brush = new BrushTool(empty, { diameter: 10, softness: 0, mode: 'add' });
  brush.extend(points([20, 40], [60, 40]));
  assert.equal(brush.selection.value(40, 40), 255);
  assert.equal(brush.selection.value(40, 60), 0);
  const eraser = new BrushTool(brush.finish(), { diameter: 10, softness: 0, mode: 'subtract' });
  eraser.extend(points([40, 40]));
  assert.equal(eraser.finish().value(40, 40), 0);
  assert.equal(eraser.finish().value(25, 40), 255);
});

test('the lasso selects what it encloses when it ends, and draws its line until then', () => {
  const lasso = new LassoTool(empty, 'replace');
  lasso.extend(points([10, 10], [50, 10], [50, 50]));
  lasso.extend(points([50.1, 50.1], [10, 50]));
  assert.equal(lasso.selection.isEmpty, true);
  assert.equal(lasso.outline.length, 4, 'a point too near says nothing new');
  const selection = lasso.finish();
  assert.equal(selection.value(30, 30), 255);
  assert.equal(selection.value(60, 30), 0);
});

test('a click with lasso or rectangle clears the selection, unless it adds', () => {
  const before = empty.withRectangle({ left: 0, top: 0, width: 9, height: 9 }, 'replace');
  for (const Tool of [LassoTool, RectangleTool]) {
    const replacing = new Tool(before, 'replace');
    replacing.extend(points([30, 30]));
    assert.equal(replacing.finish().isEmpty, true);
    const adding = new Tool(before, 'add');
    adding.extend(points([30, 30]));
    assert.deepEqual(adding.finish().bounds(), before.bounds());
  }
});

test('the rectangle covers whole pixels between its corners, whichever way it is drawn', () => {
  const rectangle = new RectangleTool(empty, 'replace');
  rectangle.extend(points([50.2, 40.4]));
  rectangle.extend(points([30, 60], [20.4, 10.6]));
  assert.deepEqual(rectangle.finish().bounds(), { left: 20, top: 11, width: 30, height: 29 });
  assert.deepEqual(rectangle.outline[0], { x: 20, y: 11 });
});

test('a border is dragged outwards, never inwards, and no further than the server takes', () => {
  const drag = (handle: 'left' | 'bottom-right', x: number, y: number) =>
    draggedMargins(noMargins, { handle, by: { x, y }, maxMargin: 500 });
  assert.deepEqual(drag('left', -30.4, 99), { ...noMargins, left: 30 });
  assert.deepEqual(drag('left', 30, 0), noMargins);
  assert.deepEqual(drag('bottom-right', 20, 700), { ...noMargins, right: 20, bottom: 500 });
  assert.deepEqual(expandedFrame(size, { left: 1, top: 2, right: 3, bottom: 4 }), {
    left: -1,
    top: -2,
    width: 104,
    height: 86,
  });
});
