import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { broadcastShapes, dimensionFactor, scaleDimension } from '../../../engine/onnx/shape.ts';

test('symbols are scaled and reduced', () => {
  assert.equal(scaleDimension('height', 4), 'height*4');
  assert.equal(scaleDimension('height*4', 1, 4), 'height');
  assert.equal(scaleDimension('height/2', 3), 'height*3/2');
  assert.equal(scaleDimension(12, 3, 4), 9);
  assert.throws(() => scaleDimension(7, 1, 2), /7 times 1 does not divide by 2/);
  assert.throws(() => scaleDimension('2 apples', 2), /received `2 apples`/);
});

test('any chain of scalings gives the product of its factors, and there and back is where it began', () => {
  const factor = fc.record({
    numerator: fc.integer({ min: 1, max: 9 }),
    denominator: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(factor, { maxLength: 5 }), (factors) => {
      let dimension = scaleDimension('width', 1);
      let product = 1;
      for (const { numerator, denominator } of factors) {
        dimension = scaleDimension(dimension, numerator, denominator);
        product *= numerator / denominator;
      }
      assert.ok(Math.abs(dimensionFactor(dimension) / product - 1) < 1e-12);
      for (const { numerator, denominator } of factors)
        dimension = scaleDimension(dimension, denominator, numerator);
      assert.equal(dimension, 'width');
    }),
  );
});

test("broadcasting is numpy's", () => {
  assert.deepEqual(broadcastShapes(['n', 3, 'h', 'w'], [3, 1, 1]), ['n', 3, 'h', 'w']);
  assert.deepEqual(broadcastShapes([], [2, 'h']), [2, 'h']);
  assert.deepEqual(broadcastShapes([2, 1], [1, 5]), [2, 5]);
  assert.equal(broadcastShapes(['h'], ['w']), undefined);
  assert.equal(broadcastShapes([2], [3]), undefined);
});
