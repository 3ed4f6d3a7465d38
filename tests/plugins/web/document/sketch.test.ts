import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  emptySketch,
  maxSketchLines,
  parseSketch,
  sketchFor,
  withLine,
  withoutLastLine,
} from '../../../../plugins/web/document/sketch.ts';

const line = { points: [{ x: 10, y: 20 }], width: 4, isEraser: false };
const sketch = withLine(emptySketch({ width: 100, height: 50 }), line);

test('a sketch is the same at another size of its proportions, and begins anew for others', () => {
  const larger = sketchFor(sketch, { width: 200, height: 100 });
  assert.deepEqual(larger.lines, [{ points: [{ x: 20, y: 40 }], width: 8, isEraser: false }]);
  assert.deepEqual(sketchFor(sketch, { width: 100, height: 100 }).lines, []);
  assert.deepEqual(sketchFor(undefined, { width: 8, height: 9 }), { width: 8, height: 9, lines: [] });
});

test('lines are added up to the limit, and taken back', () => {
  let full = sketch;
  for (let i = 0; i < maxSketchLines; i++) full = withLine(full, { ...line, width: 5 });
  assert.equal(full.lines.length, maxSketchLines);
  assert.equal(full.lines[0]!.width, 5, 'the oldest has gone');
  assert.deepEqual(withoutLastLine(sketch).lines, []);
});

test('what was kept is there again, and what is no sketch is left', () => {
  assert.deepEqual(parseSketch(JSON.stringify(sketch)), sketch);
  for (const text of [undefined, 'no JSON', 'null', '{"width":0,"height":1,"lines":[]}', '[]'])
    assert.equal(parseSketch(text), undefined, text);
  for (const bad of [{ ...line, points: [] }, { ...line, width: -1 }, { ...line, points: [null] }, 7])
    assert.equal(parseSketch(JSON.stringify({ ...sketch, lines: [bad] })), undefined);
});
