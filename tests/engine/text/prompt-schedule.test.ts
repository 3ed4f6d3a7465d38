import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { maxNesting, promptAtSteps } from '../../../engine/text/prompt-schedule.ts';
import { anyPrompt } from './arbitraries.ts';

const steps = 10;

function schedule(prompt: string): (readonly [number, string])[] {
  return promptAtSteps(prompt, steps).map((entry) => [entry.untilStep, entry.prompt]);
}

describe('promptAtSteps', () => {
  test('replaces, adds and takes away after a share of the steps or a step', () => {
    assert.deepEqual(schedule('plain'), [[10, 'plain']]);
    assert.deepEqual(schedule('a [b:c:0.4] d'), [
      [4, 'a b d'],
      [10, 'a c d'],
    ]);
    assert.deepEqual(schedule('a [b:c:3]'), [
      [3, 'a b'],
      [10, 'a c'],
    ]);
    assert.deepEqual(schedule('a [b:3]'), [
      [3, 'a '],
      [10, 'a b'],
    ]);
    assert.deepEqual(schedule('[:b: 3 ]'), [
      [3, ''],
      [10, 'b'],
    ]);
    assert.deepEqual(schedule('[a::.5]'), [
      [5, 'a'],
      [10, ''],
    ]);
  });

  test('a point of time before the first step or after the last leaves one prompt', () => {
    assert.deepEqual(schedule('[a:b:0]'), [[10, 'b']]);
    assert.deepEqual(schedule('[a:b:-2]'), [[10, 'b']]);
    assert.deepEqual(schedule('[a:b:1.0]'), [[10, 'a']]);
    assert.deepEqual(schedule('[a:b:99]'), [[10, 'a']]);
  });

  test('takes turns from step to step, choices may be empty', () => {
    assert.deepEqual(promptAtSteps('[fe|]male', 3), [
      { untilStep: 1, prompt: 'female' },
      { untilStep: 2, prompt: 'male' },
      { untilStep: 3, prompt: 'female' },
    ]);
    assert.deepEqual(
      promptAtSteps('[a|b||]', 5).map(({ prompt }) => prompt),
      ['a', 'b', '', 'a'],
    );
  });

  test('nests, and leaves weights and escapes for later', () => {
    assert.deepEqual(schedule('a[b:[c:d:2]:1]e'), [
      [1, 'abe'],
      [2, 'ace'],
      [10, 'ade'],
    ]);
    assert.deepEqual(schedule('a [[[b]]:2]'), [
      [2, 'a '],
      [10, 'a [[b]]'],
    ]);
    assert.deepEqual(schedule('[(a:2):3]'), [
      [3, ''],
      [10, '(a:2)'],
    ]);
    assert.deepEqual(schedule('([a:b:2]:1.3)'), [
      [2, '(a:1.3)'],
      [10, '(b:1.3)'],
    ]);
    assert.deepEqual(schedule(String.raw`[a\:b:c\]:2]`), [
      [2, String.raw`a\:b`],
      [10, String.raw`c\]`],
    ]);
  });

  test('what is not quite an edit stays text', () => {
    for (const prompt of [
      'a [b] c',
      '[a:b]',
      '[a:b:c:0.5]',
      '[a|b:0.5]',
      '[a (b:0.5]',
      'a [b:0.5',
      'a:b|c',
      '\\',
      '[]',
    ]) {
      assert.deepEqual(schedule(prompt), [[10, prompt]]);
    }
    assert.deepEqual(schedule('((a][:b:c [d:3]'), [
      [3, '((a][:b:c '],
      [10, '((a][:b:c d'],
    ]);
  });

  test('edits nest 64 deep; a bracket deeper is text', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}a${':5]'.repeat(depth)}`;
    assert.deepEqual(schedule(nested(maxNesting)), [
      [5, ''],
      [10, 'a'],
    ]);
    assert.deepEqual(schedule(nested(maxNesting + 1)), [
      [5, ''],
      [10, '[a:5]'],
    ]);
  });

  test('takes any string; entries ascend to the last step, and no two in a row are equal', () => {
    fc.assert(
      fc.property(anyPrompt, fc.integer({ min: 1, max: 60 }), (prompt, count) => {
        const entries = promptAtSteps(prompt, count);
        assert.equal(entries.at(-1)!.untilStep, count);
        entries.forEach((entry, index) => {
          assert.ok(entry.untilStep > (entries[index - 1]?.untilStep ?? 0));
          assert.notEqual(entry.prompt, entries[index - 1]?.prompt);
        });
        if (!prompt.includes('[')) assert.deepEqual(entries, [{ untilStep: count, prompt }]);
      }),
      { numRuns: 500 },
    );
  });

  test('a hundred thousand brackets do not take quadratic time', () => {
    const start = performance.now();
    for (const piece of ['[', '(', '[(', ')', '[]', '[a:b:', ':0.5]', '|', '[a:b:5]']) {
      promptAtSteps(piece.repeat(100_000 / piece.length), 20);
    }
    assert.ok(performance.now() - start < 10_000);
  });
});
