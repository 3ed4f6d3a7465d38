import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxTextCharacters, readModelSpec, resolutionRange } from '../../../engine/models/model-spec.ts';
import { checkpointOf } from './headers.ts';

const spec = (metadata: Readonly<Record<string, string>>) => readModelSpec(checkpointOf({}, metadata));

test('the ModelSpec keys are read', () => {
  assert.deepEqual(
    spec({
      'modelspec.title': 'Some model',
      'modelspec.license': 'CC0-1.0',
      'modelspec.resolution': '768x512',
      'modelspec.prediction_type': 'v',
      ss_zero_terminal_snr: 'True',
    }),
    {
      title: 'Some model',
      licence: 'CC0-1.0',
      resolution: { width: 768, height: 512 },
      predictionType: 'v_prediction',
      hasZeroTerminalSnr: true,
    },
  );
  assert.deepEqual(spec({ 'modelspec.prediction_type': 'epsilon', 'modelspec.resolution': '512' }), {
    predictionType: 'epsilon',
    resolution: { width: 512, height: 512 },
  });
});

test('the guidance that suits a model is read, within what a request may say', () => {
  assert.deepEqual(spec({ 'inlay.guidance_scale': '3' }), { guidanceScale: 3 });
  assert.deepEqual(spec({ 'inlay.guidance_scale': '30' }), { guidanceScale: 30 });
  for (const scale of ['30.001', '-1', '1e1', 'NaN', '', '3;'])
    assert.deepEqual(spec({ 'inlay.guidance_scale': scale }), {}, scale);
});

test('marker tensors say what metadata does not', () => {
  assert.deepEqual(readModelSpec(checkpointOf({ v_pred: [0], ztsnr: [0] })), {
    predictionType: 'v_prediction',
    hasZeroTerminalSnr: true,
  });
});

test('a file that says nothing, or nonsense, is taken to say nothing', () => {
  assert.deepEqual(spec({}), {});
  const nonsense = ['', 'large', '-1x5', '1e3x1e3', '512x', '512x512x512', '999999x512', 'NaN'];
  for (const resolution of nonsense)
    assert.deepEqual(spec({ 'modelspec.resolution': resolution }), {}, resolution);
  for (const predictionType of ['', 'flow', '__proto__', 'constructor', 'toString']) {
    assert.deepEqual(spec({ 'modelspec.prediction_type': predictionType }), {}, predictionType);
  }
  assert.deepEqual(spec({ 'modelspec.title': ' \u0000\n ' }), {});
});

test('a resolution counts within its range only', () => {
  const { min, max } = resolutionRange;
  assert.deepEqual(spec({ 'modelspec.resolution': `${min}x${max}` }).resolution, { width: min, height: max });
  assert.equal(spec({ 'modelspec.resolution': `${min - 1}x${max}` }).resolution, undefined);
  assert.equal(spec({ 'modelspec.resolution': `${min}x${max + 1}` }).resolution, undefined);
});

test('a title comes on one line, without control characters, cut to its limit', () => {
  assert.equal(spec({ 'modelspec.title': ' a\u001b[31m\r\n b\u202e ' }).title, 'a [31m b');
  assert.equal(
    spec({ 'modelspec.title': 'x'.repeat(maxTextCharacters) }).title,
    'x'.repeat(maxTextCharacters),
  );
  assert.equal(
    spec({ 'modelspec.title': '\u{1f3e0}'.repeat(maxTextCharacters + 1) }).title,
    `${'\u{1f3e0}'.repeat(maxTextCharacters - 1)}…`,
  );
});
