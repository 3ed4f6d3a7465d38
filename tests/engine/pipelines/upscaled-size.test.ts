import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError, type EngineErrorCode } from '../../../engine/errors.ts';
import { maxResultPixels, maxResultSide, upscaledSize } from '../../../engine/pipelines/upscaled-size.ts';

const fails = (code: EngineErrorCode) => (error: unknown) =>
  error instanceof EngineError && error.code === code;

test('a factor is applied to both sides and rounded to the nearest pixel', () => {
  assert.deepEqual(upscaledSize({ width: 23, height: 17 }, { scale: 3.3 }), { width: 76, height: 56 });
  assert.deepEqual(upscaledSize({ width: 1, height: 3 }, { scale: 0.5 }), { width: 1, height: 2 });
});

test('exact pixels are taken as they are', () => {
  const target = { width: 5, height: 900 };
  assert.deepEqual(upscaledSize({ width: 23, height: 17 }, target), target);
});

test('a side at the limit is taken, one past it refused', () => {
  const source = { width: 1, height: 1 };
  assert.equal(upscaledSize(source, { width: maxResultSide, height: 1 }).width, maxResultSide);
  for (const target of [
    { width: maxResultSide + 1, height: 1 },
    { width: 1, height: maxResultSide + 1 },
  ]) {
    assert.throws(() => upscaledSize(source, target), fails('image-too-large'));
  }
});

test('an area at the limit is taken, one row past it refused, by pixels and by factor', () => {
  const side = Math.sqrt(maxResultPixels);
  const source = { width: side / 4, height: side / 4 };
  assert.deepEqual(upscaledSize(source, { scale: 4 }), { width: side, height: side });
  assert.deepEqual(upscaledSize(source, { width: side, height: side }), { width: side, height: side });
  assert.throws(() => upscaledSize(source, { width: side, height: side + 1 }), fails('image-too-large'));
  assert.throws(
    () => upscaledSize({ width: side / 4, height: side / 4 + 1 }, { scale: 4 }),
    fails('image-too-large'),
  );
});

test('a result without pixels is refused', () => {
  const source = { width: 4, height: 100 };
  for (const scale of [0, 0.1, -1, Number.NaN]) {
    assert.throws(() => upscaledSize(source, { scale }), fails('invalid-option'));
  }
});
