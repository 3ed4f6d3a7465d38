import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { boundsOf, type Point } from '../../../../plugins/shared/picture/geometry.ts';
import {
  Selection,
  type SelectionMode,
  selectionChanges,
} from '../../../../plugins/web/document/selection.ts';
import { anySelection, anySize, boundsNear, noise, valuesOf } from './arbitraries.ts';

const runs = { numRuns: 60 };
const bytesOf = (selection: Selection) => selection.crop(boundsOf(selection.size));

test('a mask laid on a canvas is read back by value and by crop, also over the edge', () => {
  fc.assert(
    fc.property(
      anySize.chain((size) => fc.tuple(fc.constant(size), boundsNear(size), boundsNear(size), fc.nat(99))),
      ([size, bounds, window, seed]) => {
        const mask = noise(bounds.width * bounds.height, seed);
        const selection = Selection.fromMask(mask, bounds, size);
        const expectedAt = (x: number, y: number) => {
          const onCanvas = x >= 0 && y >= 0 && x < size.width && y < size.height;
          const [column, row] = [x - bounds.left, y - bounds.top];
          const inMask = column >= 0 && row >= 0 && column < bounds.width && row < bounds.height;
          return onCanvas && inMask ? mask[row * bounds.width + column]! : 0;
        };
        const cropped = selection.crop(window);
        assert.equal(cropped.length, window.width * window.height);
        for (let i = 0; i < cropped.length; i += 1) {
          const x = window.left + (i % window.width);
          const y = window.top + Math.floor(i / window.width);
          if (cropped[i] !== expectedAt(x, y))
            assert.equal(cropped[i], expectedAt(x, y), `crop at ${x}, ${y}`);
          if (selection.value(x, y) !== expectedAt(x, y)) assert.fail(`value at ${x}, ${y}`);
        }
      },
    ),
    runs,
  );
});

test('a reduced crop has the means of squares, also over the edge', () => {
  fc.assert(
    fc.property(
      anySelection.chain((selection) => fc.tuple(fc.constant(selection), boundsNear(selection.size))),
      fc.integer({ min: 0, max: 5 }),
      ([selection, area], level) => {
        const step = 2 ** level;
        const [columns, rows] = [Math.ceil(area.width / step), Math.ceil(area.height / step)];
        const [left, top] = [Math.floor(area.left / step), Math.floor(area.top / step)];
        const means = selection.cropReduced({ left, top, width: columns, height: rows }, level);
        assert.equal(means.length, columns * rows);
        for (let i = 0; i < means.length; i++) {
          const [x, y] = [(left + (i % columns)) * step, (top + Math.floor(i / columns)) * step];
          const square = selection.crop({ left: x, top: y, width: step, height: step });
          assert.equal(means[i], Math.round(square.reduce((a, b) => a + b, 0) / square.length), `${x}, ${y}`);
        }
      },
    ),
    runs,
  );
});

test('changes hold every pixel that differs, and little else', () => {
  fc.assert(
    fc.property(
      anySelection.chain((selection) => fc.tuple(fc.constant(selection), boundsNear(selection.size))),
      fc.constantFrom<SelectionMode>('add', 'subtract', 'replace'),
      ([before, bounds], mode) => {
        const after = before.withRectangle(bounds, mode);
        const changes = selectionChanges(before, after);
        const [a, b] = [valuesOf(before), valuesOf(after)];
        const { width } = before.size;
        a.forEach((value, i) => {
          const [x, y] = [i % width, Math.floor(i / width)];
          const isInside = changes.some(
            (area) =>
              x >= area.left && y >= area.top && x < area.left + area.width && y < area.top + area.height,
          );
          if (value !== b[i]) assert.ok(isInside, `${x}, ${y}`);
        });
        if (mode === 'replace') return;
        for (const area of changes) {
          assert.ok(area.left >= bounds.left - 3 && area.top >= bounds.top);
          assert.ok(area.left + area.width <= bounds.left + bounds.width + 3);
          assert.ok(area.top + area.height <= bounds.top + bounds.height);
        }
      },
    ),
    runs,
  );
});

test('tiles that are selected whole are one and the same, however they came to be', () => {
  const size = { width: 1024, height: 768 };
  const corners = [
    { x: -9, y: -9 },
    { x: 1100, y: -9 },
    { x: 1100, y: 900 },
    { x: -9, y: 900 },
  ];
  const empty = Selection.empty(size);
  const all = empty.withRectangle(boundsOf(size), 'replace');
  const mask = new Uint8Array(size.width * size.height).fill(255);
  for (const selection of [
    all,
    empty.inverted(),
    empty.withPolygon(corners, 'add'),
    Selection.fromMask(mask, boundsOf(size), size),
  ]) {
    const tiles = [...selection.tiles()];
    assert.equal(tiles.length, 12);
    assert.ok(tiles.every(({ bytes }) => bytes === [...all.tiles()][0]?.bytes));
    assert.ok(selection.isFullIn(boundsOf(size)));
    assert.ok(selection.withPolygon(corners, 'subtract').isEmpty);
    assert.equal(selection.withRectangle(boundsOf(size), 'add'), selection);
  }
  const spot = { left: 300, top: 300, width: 1, height: 1 };
  const pierced = all.withRectangle(spot, 'subtract');
  assert.equal(pierced.value(300, 300), 0);
  assert.equal(all.value(300, 300), 255, 'the shared tile is never written in');
  assert.ok(!pierced.isFullIn(spot));
});

test('bounds are the tightest around what is selected, and null for nothing', () => {
  fc.assert(
    fc.property(anySelection, (selection) => {
      const bounds = selection.bounds();
      const { width } = selection.size;
      const selected = valuesOf(selection).flatMap((value, i) => (value > 0 ? [i] : []));
      assert.equal(selection.isEmpty, selected.length === 0);
      if (selected.length === 0) return assert.equal(bounds, null);
      const xs = selected.map((i) => i % width);
      const ys = selected.map((i) => Math.floor(i / width));
      const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b));
      const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b));
      assert.deepEqual(bounds, {
        left: least(xs),
        top: least(ys),
        width: most(xs) - least(xs) + 1,
        height: most(ys) - least(ys) + 1,
      });
    }),
    runs,
  );
});

test('inverting turns every value around, and twice gives the selection again', () => {
  fc.assert(
    fc.property(anySelection, (selection) => {
      const inverted = selection.inverted();
      assert.deepEqual(
        valuesOf(inverted),
        valuesOf(selection).map((value) => 255 - value),
      );
      assert.deepEqual(bytesOf(inverted.inverted()), bytesOf(selection));
    }),
    runs,
  );
});

test('all of a canvas, inverted, is nothing: no tile is left', () => {
  const all = Selection.empty({ width: 300, height: 700 }).inverted();
  assert.deepEqual(all.bounds(), { left: 0, top: 0, width: 300, height: 700 });
  assert.ok(all.inverted().isEmpty);
  assert.equal([...all.inverted().tiles()].length, 0);
});

test('a rectangle selects exactly its pixels; subtracted it leaves none of them', () => {
  fc.assert(
    fc.property(
      anySelection.chain((selection) => fc.tuple(fc.constant(selection), boundsNear(selection.size))),
      ([selection, bounds]) => {
        const inside = (i: number) => {
          const x = (i % selection.size.width) - bounds.left;
          const y = Math.floor(i / selection.size.width) - bounds.top;
          return x >= 0 && y >= 0 && x < bounds.width && y < bounds.height;
        };
        const before = valuesOf(selection);
        const after = (mode: SelectionMode) => valuesOf(selection.withRectangle(bounds, mode));
        assert.deepEqual(
          after('add'),
          before.map((value, i) => (inside(i) ? 255 : value)),
        );
        assert.deepEqual(
          after('subtract'),
          before.map((value, i) => (inside(i) ? 0 : value)),
        );
        assert.deepEqual(
          after('replace'),
          before.map((_, i) => (inside(i) ? 255 : 0)),
        );
      },
    ),
    runs,
  );
});

const anyPolygon = fc.array(
  fc.record({
    x: fc.double({ min: -60, max: 330, noNaN: true }),
    y: fc.double({ min: -60, max: 330, noNaN: true }),
  }),
  { minLength: 0, maxLength: 9 },
);

test('a polygon with corners on whole pixels is the rectangle', () => {
  fc.assert(
    fc.property(
      anySize.chain((size) => fc.tuple(fc.constant(size), boundsNear(size))),
      ([size, { left, top, width, height }]) => {
        const corners = [
          { x: left, y: top },
          { x: left + width, y: top },
          { x: left + width, y: top + height },
          { x: left, y: top + height },
        ];
        const empty = Selection.empty(size);
        assert.deepEqual(
          bytesOf(empty.withPolygon(corners, 'add')),
          bytesOf(empty.withRectangle({ left, top, width, height }, 'add')),
        );
      },
    ),
    runs,
  );
});

/** Even-odd by the crossings of a ray to the right. */
function isInside(points: readonly Point[], x: number, y: number): boolean {
  let inside = false;
  points.forEach((a, i) => {
    const b = points[(i + 1) % points.length]!;
    if (a.y > y !== b.y > y && x < a.x + ((y - a.y) * (b.x - a.x)) / (b.y - a.y)) inside = !inside;
  });
  return inside;
}

test('a polygon covers each pixel by its even-odd area in it', () => {
  const size = { width: 270, height: 40 };
  fc.assert(
    fc.property(anyPolygon, (points) => {
      const selection = Selection.empty(size).withPolygon(points, 'replace');
      for (let i = 0; i < 300; i++) {
        const x = (i * 97) % size.width;
        const y = (i * 31) % size.height;
        let hits = 0;
        for (let s = 0; s < 400; s++) {
          if (isInside(points, x + ((s % 20) + 0.5) / 20, y + (Math.floor(s / 20) + 0.5) / 20)) hits++;
        }
        const difference = Math.abs(selection.value(x, y) - (hits / 400) * 255);
        // Spans are cut by whole lines at near-level edges, and the expectation has steps of its own.
        assert.ok(difference <= 32, `${difference} at ${x}, ${y}`);
      }
    }),
    { numRuns: 25 },
  );
});

test('where a polygon crosses itself the inside is outside again', () => {
  const bowTie = [
    { x: 0, y: 0 },
    { x: 100, y: 0 },
    { x: 100, y: 100 },
    { x: 0, y: 100 },
    { x: 0, y: 0 },
    { x: 75, y: 25 },
    { x: 75, y: 75 },
    { x: 25, y: 75 },
    { x: 25, y: 25 },
    { x: 75, y: 25 },
  ];
  const selection = Selection.empty({ width: 100, height: 100 }).withPolygon(bowTie, 'replace');
  assert.equal(selection.value(50, 60), 0);
  assert.equal(selection.value(10, 60), 255);
});

test('subtracting a polygon is adding it to the inverse', () => {
  fc.assert(
    fc.property(anySelection, anyPolygon, (selection, points) => {
      assert.deepEqual(
        bytesOf(selection.withPolygon(points, 'subtract')),
        bytesOf(selection.inverted().withPolygon(points, 'add').inverted()),
      );
    }),
    { numRuns: 40 },
  );
});

/** The definition, on one line: three running means, edges continued. */
function blurredLine(line: readonly number[], radius: number): number[] {
  let values = Array.from(
    { length: line.length + 2 * radius },
    (_, i) => line[Math.min(Math.max(i - radius, 0), line.length - 1)]!,
  );
  let weight = 1;
  for (const r of [0, 1, 2].map((i) => Math.floor((radius + i) / 3))) {
    const window = 2 * r + 1;
    weight *= window;
    const wide = values;
    values = Array.from({ length: wide.length - window + 1 }, (_, i) =>
      wide.slice(i, i + window).reduce((a, b) => a + b),
    );
  }
  return values.map((value) => Math.round(value / weight));
}

test('feathering is the triple box blur of rows, then columns, up to the very edge', () => {
  fc.assert(
    fc.property(
      fc.record({ width: fc.integer({ min: 1, max: 30 }), height: fc.integer({ min: 1, max: 30 }) }),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(99),
      ({ width, height }, radius, seed) => {
        const mask = noise(width * height, seed);
        const bounds = { left: 0, top: 0, width, height };
        const rows = Array.from({ length: height }, (_, y) =>
          blurredLine([...mask.subarray(y * width, (y + 1) * width)], radius),
        );
        const columns = Array.from({ length: width }, (_, x) =>
          blurredLine(
            rows.map((row) => row[x]!),
            radius,
          ),
        );
        const expected = Array.from(
          { length: width * height },
          (_, i) => columns[i % width]![Math.floor(i / width)]!,
        );
        const feathered = Selection.fromMask(mask, bounds, { width, height }).feathered(radius);
        assert.deepEqual([...feathered.crop(bounds)], expected);
      },
    ),
    runs,
  );
});

test('feathering reaches its radius and no pixel further', () => {
  const size = { width: 600, height: 40 };
  const bounds = { left: 250, top: 0, width: 20, height: 40 };
  for (const radius of [1, 2, 3, 50]) {
    const feathered = Selection.empty(size).withRectangle(bounds, 'add').feathered(radius);
    const reached = feathered.bounds()!;
    assert.ok(reached.left >= 250 - radius && reached.left + reached.width <= 270 + radius);
    assert.equal(feathered.value(250 - radius - 1, 20), 0);
  }
  assert.deepEqual(
    bytesOf(Selection.empty(size).inverted().feathered(25)),
    bytesOf(Selection.empty(size).inverted()),
    'the canvas edges are continued',
  );
});

test('placed in another canvas the values move along, and what hangs over is cut', () => {
  fc.assert(
    fc.property(anySelection, anySize, fc.integer(), fc.integer(), (selection, size, a, b) => {
      const at = { left: a % 300, top: b % 300 };
      const placed = selection.placedIn(size, at);
      assert.deepEqual(placed.size, { ...size });
      assert.deepEqual(
        valuesOf(placed),
        Array.from({ length: size.width * size.height }, (_, i) =>
          selection.value((i % size.width) - at.left, Math.floor(i / size.width) - at.top),
        ),
      );
    }),
    runs,
  );
});

test('a change shares all tiles it does not touch, and leaves the old selection as it was', () => {
  const before = Selection.empty({ width: 1000, height: 1000 }).withRectangle(
    { left: 0, top: 0, width: 1000, height: 1000 },
    'add',
  );
  const after = before.withRectangle({ left: 10, top: 10, width: 5, height: 5 }, 'subtract');
  const [, ...restBefore] = [...before.tiles()];
  const [first, ...restAfter] = [...after.tiles()];
  assert.equal(before.value(12, 12), 255);
  assert.equal(after.value(12, 12), 0);
  assert.deepEqual([first!.left, first!.top], [0, 0]);
  assert.ok(restAfter.every((tile, i) => tile.bytes === restBefore[i]!.bytes));
});
