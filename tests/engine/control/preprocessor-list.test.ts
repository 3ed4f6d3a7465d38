import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controlKinds } from '../../../engine/api.ts';
import { completeSettings, preprocessors } from '../../../engine/control/preprocessor-list.ts';

function refusal(name: string, options: Readonly<Record<string, number>>): string {
  try {
    completeSettings({ name: name as 'canny', options });
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
}

test('settings without numbers get those of the preprocessor, and complete ones stay as they are', () => {
  for (const { name, options } of preprocessors) {
    const complete = completeSettings({ name });
    assert.deepEqual(
      complete.options,
      Object.fromEntries(options.map((option) => [option.name, option.default])),
    );
    assert.deepEqual(completeSettings(complete), complete);
  }
  assert.deepEqual(completeSettings({ name: 'canny', options: { lowThreshold: 7 } }).options, {
    lowThreshold: 7,
    highThreshold: 200,
    l2Gradient: 0,
    grey: 0,
  });
});

test('every number is taken at its limits, and refused one past them or between whole ones', () => {
  for (const { name, options } of preprocessors) {
    for (const { name: option, min, max, isWhole } of options) {
      // The lower threshold goes no higher than the other.
      const others = option === 'lowThreshold' ? { highThreshold: max } : { lowThreshold: 0 };
      const beside = 'lowThreshold' in completeSettings({ name }).options ? others : {};
      for (const value of [min, max]) assert.equal(refusal(name, { ...beside, [option]: value }), 'none');
      for (const value of [min - 1, max + 1, Number.NaN, ...(isWhole ? [min + 0.5] : [])]) {
        const message = refusal(name, { ...beside, [option]: value });
        assert.match(message, new RegExp(`^Expected \`${option}\` to be .* from ${min} to ${max}, received`));
      }
    }
  }
});

test('what is not there is refused by name, with what there is', () => {
  assert.match(refusal('emboss', {}), /^Expected a preprocessor, one of canny.*, received "emboss"\.$/);
  assert.match(
    refusal('canny', { radius: 3 }),
    /only the options lowThreshold, highThreshold, .* for canny, received "radius"/,
  );
  assert.match(refusal('canny', { lowThreshold: 201 }), /`lowThreshold` to be at most `highThreshold`/);
});

test('names and kinds are those of the engine, each preprocessor once', () => {
  const names = preprocessors.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { kind } of preprocessors) assert.ok(controlKinds.includes(kind));
});
