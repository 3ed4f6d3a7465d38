import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  fromHost16Table,
  fromLinear,
  grayFromFloat,
  grayFromHost16Table,
  hostTables,
  hostWhite16,
  toLinear,
} from '../../../../plugins/photoshop/pixels/depth.ts';

test('each of Photoshop’s 16-bit values comes back as it was', () => {
  const { colour, alpha } = hostTables(16, 16);
  assert.equal(colour, alpha);
  for (let value = 0; value <= hostWhite16; value++) assert.equal(colour[fromHost16Table[value]!], value);
  assert.equal(fromHost16Table[0], 0);
  assert.equal(fromHost16Table[hostWhite16], 65_535);
});

test('8 bits that went to a deep document and back are as they were', () => {
  const { colour } = hostTables(8, 16);
  for (let value = 0; value <= 255; value++) assert.equal(grayFromHost16Table[colour[value]!], value);
  assert.equal(colour[255], hostWhite16);
});

test('16 bits in an 8-bit document are the nearest 8', () => {
  const { colour } = hostTables(16, 8);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 65_535 }), (value) => {
      assert.ok(Math.abs(colour[value]! * 257 - value) <= 129);
    }),
  );
});

test('linear light goes to sRGB and back within a step of 16 bits', () => {
  const { colour, alpha } = hostTables(16, 32);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 65_535 }), (value) => {
      assert.equal(fromLinear(colour[value]!), value);
      assert.ok(Math.abs(alpha[value]! * 65_535 - value) < 0.01);
    }),
  );
  assert.ok(Math.abs(toLinear(0.5) - 0.21404) < 1e-5);
});

test('what 32 bits hold beyond black and white is black and white', () => {
  assert.equal(fromLinear(-0.5), 0);
  assert.equal(fromLinear(Number.NaN), 0);
  assert.equal(fromLinear(7.5), 65_535);
  assert.equal(grayFromFloat(-1), 0);
  assert.equal(grayFromFloat(1.5), 255);
  assert.equal(grayFromFloat(0.5), 128);
});
