import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { promptGap, type StyleCapability } from '../../../../bridge/protocol/messages.ts';
import { noSettings } from '../../../../plugins/shared/store/diffusion-settings.ts';
import { withoutStyle, wordsInStyle } from '../../../../plugins/shared/store/styles.ts';

const folder = path.join(import.meta.dirname, '../../../../styles');
/** Those that come with Inlay. */
const styles: readonly StyleCapability[] = readdirSync(folder).map((file) => ({
  ...(JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Omit<StyleCapability, 'name' | 'origin'>),
  name: path.basename(file, '.json'),
  origin: 'built-in',
}));

test('a style that was put around a prompt is taken off again', () => {
  const words = fc.string({ minLength: 1 }).map((text) => text.trim());
  fc.assert(
    fc.property(
      words.filter((text) => text !== ''),
      words,
      fc.constantFrom(...styles),
      (prompt, negativePrompt, style) => {
        const settings = { ...noSettings, prompt, negativePrompt, clipSkip: 2 };
        const styled = { ...settings, ...wordsInStyle(settings, style) };
        assert.ok(styled.prompt.includes(prompt));
        assert.deepEqual(withoutStyle(styled, styles), {
          settings: { ...settings, style: style.name },
          style,
        });
      },
    ),
  );
});

test('plain words are no style, nor is a style without any', () => {
  const settings = { ...noSettings, prompt: 'a kite' };
  assert.deepEqual(withoutStyle(settings, styles), { settings });
  const bare = { ...noSettings, prompt: styles[0]!.prompt!.replace(promptGap, '') };
  assert.deepEqual(withoutStyle(bare, styles), { settings: bare });
  const wordless: StyleCapability = { name: 'quick', title: 'Quick', origin: 'user', numInferenceSteps: 4 };
  assert.deepEqual(wordsInStyle(settings, wordless), { prompt: 'a kite', negativePrompt: '' });
  assert.deepEqual(withoutStyle(settings, [wordless]), { settings });
});
