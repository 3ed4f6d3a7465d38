import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { boundsOf } from '../../../../plugins/shared/picture/geometry.ts';
import { type BrushPoint, type BrushSettings, BrushStroke } from '../../../../plugins/web/document/brush.ts';
import { Selection } from '../../../../plugins/web/document/selection.ts';
import { anySelection } from './arbitraries.ts';

const size = { width: 300, height: 280 };
const bytesOf = (selection: Selection) => selection.crop(boundsOf(selection.size));
const stroke = (settings: BrushSettings, points: readonly BrushPoint[], on = Selection.empty(size)) =>
  new BrushStroke(settings).extend(on, points);
const dot = (x: number, y: number, pressure = 1): BrushPoint => ({ x, y, pressure });

const anySettings = fc.record({
  diameter: fc.double({ min: 0.1, max: 90, noNaN: true }),
  hardness: fc.double({ min: 0, max: 1, noNaN: true }),
  mode: fc.constantFrom('add' as const, 'subtract' as const),
});
const anyPoints = fc.array(
  fc.record({
    x: fc.double({ min: -50, max: 350, noNaN: true }),
    y: fc.double({ min: -50, max: 330, noNaN: true }),
    pressure: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { minLength: 1, maxLength: 12 },
);

test('the same points give the same selection in whatever batches they come', () => {
  fc.assert(
    fc.property(anySettings, anyPoints, fc.nat(11), anySelection, (settings, points, cut, on) => {
      const inTwo = new BrushStroke(settings);
      const half = inTwo.extend(on, points.slice(0, cut));
      assert.deepEqual(
        bytesOf(inTwo.extend(half, points.slice(cut))),
        bytesOf(new BrushStroke(settings).extend(on, points)),
      );
    }),
    { numRuns: 60 },
  );
});

test('one stroke never builds up: going over it again changes nothing', () => {
  fc.assert(
    fc.property(anySettings, anyPoints, anySelection, (settings, points, on) => {
      const once = new BrushStroke(settings).extend(on, points);
      assert.deepEqual(bytesOf(new BrushStroke(settings).extend(once, points)), bytesOf(once));
    }),
    { numRuns: 40 },
  );
});

test('painting only raises values, erasing only lowers them, and each is the other on the inverse', () => {
  fc.assert(
    fc.property(anySettings, anyPoints, anySelection, (settings, points, on) => {
      const painted = bytesOf(new BrushStroke({ ...settings, mode: 'add' }).extend(on, points));
      const before = bytesOf(on);
      assert.ok(painted.every((value, i) => value >= before[i]!));
      const erased = new BrushStroke({ ...settings, mode: 'subtract' }).extend(on.inverted(), points);
      assert.deepEqual(bytesOf(erased.inverted()), painted);
    }),
    { numRuns: 40 },
  );
});

test('a 1-pixel brush in the middle of a pixel selects that pixel and no other', () => {
  for (const hardness of [0, 0.5, 1]) {
    const selection = stroke({ diameter: 1, hardness, mode: 'add' }, [dot(256.5, 255.5)]);
    assert.deepEqual(selection.bounds(), { left: 256, top: 255, width: 1, height: 1 });
    assert.equal(selection.value(256, 255), 255);
  }
});

test('a hard dot is full inside its radius, zero outside, and round', () => {
  const selection = stroke({ diameter: 100, hardness: 1, mode: 'add' }, [dot(150, 140)]);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const distance = Math.hypot(x + 0.5 - 150, y + 0.5 - 140);
      if (distance <= 49.5) assert.equal(selection.value(x, y), 255);
      if (distance >= 50.5) assert.equal(selection.value(x, y), 0);
    }
  }
  const area = bytesOf(selection).reduce((sum, value) => sum + value / 255, 0);
  assert.ok(Math.abs(area - Math.PI * 2500) < 25, `area ${area}`);
});

test('softness moves the fall-off inwards: full to hardness * radius, falling all the way to the rim', () => {
  const selection = stroke({ diameter: 100, hardness: 0.5, mode: 'add' }, [dot(150.5, 140.5)]);
  assert.equal(selection.value(150 + 25, 140), 255);
  const rim = Array.from({ length: 27 }, (_, i) => selection.value(150 + 25 + i, 140));
  assert.ok(rim.every((value, i) => i === 0 || value < rim[i - 1]! || value === 0));
  assert.equal(rim.at(-1), 0);
});

test('pressure scales the diameter, and a stroke goes evenly from one to the other', () => {
  const settings = { diameter: 80, hardness: 1, mode: 'add' } as const;
  const light = stroke(settings, [dot(150, 140, 0.5)]).bounds()!;
  assert.equal(light.width, 40);
  const wedge = stroke(settings, [dot(60, 140, 0.25), dot(240, 140, 1)]);
  const heightAt = (x: number) =>
    Array.from({ length: size.height }, (_, y) => wedge.value(x, y)).reduce(
      (sum, value) => sum + value / 255,
      0,
    );
  assert.ok(Math.abs(heightAt(60) - 20) < 1.5);
  assert.ok(Math.abs(heightAt(150) - 50) < 1.5);
  assert.ok(Math.abs(heightAt(240) - 80) < 1.5);
});

test('a fast stroke is as smooth as a slow one: its rim is the straight line between the dots', () => {
  const fast = stroke({ diameter: 40, hardness: 1, mode: 'add' }, [dot(40, 140), dot(260, 140)]);
  for (let x = 40; x < 260; x++) {
    assert.equal(fast.value(x, 120), 255);
    assert.equal(fast.value(x, 119), 0);
  }
});

test('a stroke outside the canvas selects nothing, and across its edge only what is inside', () => {
  const settings = { diameter: 30, hardness: 1, mode: 'add' } as const;
  const outside = stroke(settings, [dot(-400, -400), dot(900, -400)]);
  assert.ok(outside.isEmpty);
  const across = stroke(settings, [dot(-10, 140), dot(10, 140)]);
  assert.deepEqual(across.bounds(), { left: 0, top: 125, width: 25, height: 30 });
});

test('a stamp of 400 pixels copies only the tiles it touches', () => {
  const large = Selection.empty({ width: 6000, height: 4000 }).inverted();
  const after = stroke({ diameter: 400, hardness: 0.5, mode: 'subtract' }, [dot(3000, 2000)], large);
  const shared = new Set([...large.tiles()].map(({ bytes }) => bytes));
  assert.ok([...after.tiles()].filter(({ bytes }) => !shared.has(bytes)).length <= 9 + 24);
});
