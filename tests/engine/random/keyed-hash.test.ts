import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundedHash, deriveKey, keyedHash } from '../../../engine/random/keyed-hash.ts';

test('gives the numbers it always gave', () => {
  assert.equal(deriveKey(1, 2, 3), 2_426_930_541);
  assert.equal(keyedHash(1, 2), 1_136_996_714);
});

test('takes key and value modulo 2^32', () => {
  assert.equal(keyedHash(0xffffffff, 7), keyedHash(-1, 7));
  assert.equal(keyedHash(5, 0x80000000), keyedHash(5, -0x80000000));
});

test('derives other keys from other parts, orders and counts of parts', () => {
  const keys = [
    deriveKey(1),
    deriveKey(1, 0),
    deriveKey(1, 0, 0),
    deriveKey(1, 1, 2),
    deriveKey(1, 2, 1),
    deriveKey(2, 1, 2),
  ];
  assert.equal(new Set(keys).size, keys.length);
});

test('spreads bounded numbers evenly over their range', () => {
  const counts = new Array(7).fill(0);
  for (let i = 0; i < 70_000; i++) counts[boundedHash(keyedHash(9, i), 7)]++;
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 500, `${counts}`);
});

test('bounds the smallest and the largest hash', () => {
  assert.equal(boundedHash(0, 5), 0);
  assert.equal(boundedHash(0xffffffff, 5), 4);
  assert.equal(boundedHash(0xffffffff, 1), 0);
});
