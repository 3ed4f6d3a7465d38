import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { styles, withoutStyle, withStyle } from '../../../../plugins/shared/panel/styles.ts';
import { noSettings } from '../../../../plugins/shared/store/diffusion-settings.ts';

test('each style has a name of its own, one place for the prompt, and no words of another’s', () => {
  assert.ok(styles.length >= 8);
  assert.equal(new Set(styles.map(({ id }) => id)).size, styles.length);
  assert.equal(new Set(styles.map(({ name }) => name)).size, styles.length);
  assert.equal(new Set(styles.map(({ prompt }) => prompt)).size, styles.length);
  for (const style of styles) assert.equal(style.prompt.split('{prompt}').length, 2, style.name);
});

test('a style is put around the prompt and taken off again', () => {
  const words = fc.string({ minLength: 1 }).map((text) => text.trim());
  fc.assert(
    fc.property(
      words.filter((text) => text !== ''),
      words,
      fc.constantFrom(...styles),
      (prompt, negativePrompt, style) => {
        const settings = { ...noSettings, prompt, negativePrompt, seed: 7 };
        const styled = withStyle(settings, style);
        assert.ok(styled.prompt.includes(prompt));
        assert.deepEqual(withoutStyle(styled), { settings, style });
      },
    ),
  );
});

test('without words or without a style nothing is added, and plain words are no style', () => {
  const settings = { ...noSettings, prompt: 'a kite' };
  assert.equal(withStyle(settings, undefined), settings);
  assert.equal(withStyle(noSettings, styles[0]), noSettings);
  assert.deepEqual(withoutStyle(settings), { settings });
  const bare = { ...noSettings, prompt: styles[0]!.prompt.replace('{prompt}', '') };
  assert.deepEqual(withoutStyle(bare), { settings: bare });
});
