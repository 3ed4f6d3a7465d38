import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { fixText } from '../../../engine/text/fix-text.ts';
import { anyPrompt } from './arbitraries.ts';

describe('fixText', () => {
  test('leaves text alone that nothing is wrong with', () => {
    for (const text of [
      '',
      'a cat, 4k',
      'café — naïve',
      '猫の写真',
      'Привет',
      '😀',
      'AT&T &amp',
      'a\tb\nc',
      'λόγος',
    ]) {
      assert.equal(fixText(text), text);
    }
  });

  test('repairs each kind of damage', () => {
    const repairs: Readonly<Record<string, string>> = {
      'R&amp;D &#x27;x&#39; &eacute;&EACUTE;': "R&D 'x' éÉ",
      '&amp;amp;lt;': '<',
      '\x93smart\x94 \x85': '"smart" …',
      'ﬁne ﬂuﬀy ﬅ': 'fine fluffy ſt',
      'ＡＢＣ　１２ ｶﾞ': 'ABC 12 ガ',
      '“it’s”': '"it\'s"',
      'a\r\nb\rc\u2028d': 'a\nb\nc\nd',
      'a\ud83db': 'a\ufffdb',
      '\x1b[1;31mred\x1b[0m': 'red',
      'a\x00\x07\ufeffb': 'ab',
      'e\u0301': 'é',
    };
    for (const [damaged, repaired] of Object.entries(repairs)) assert.equal(fixText(damaged), repaired);
  });

  test('takes what comes after a `<` for HTML, whose references are meant', () => {
    assert.equal(fixText('&lt;b&gt;\na <b> &amp;\n&amp;'), '<b>\na <b> &amp;\n&amp;');
  });

  test('gives well-formed text, and nothing more to repair, for any string', () => {
    fc.assert(
      fc.property(anyPrompt, (text) => {
        const fixed = fixText(text);
        assert.doesNotMatch(fixed, /\p{Cs}/u);
        // A repair may bring a `<` to light, after which references would be left alone.
        if (!fixed.includes('&')) assert.equal(fixText(fixed), fixed);
      }),
      { numRuns: 300 },
    );
  });

  test('text that is escaped over and over does not take quadratic time', () => {
    const start = performance.now();
    fixText(`&${'amp;'.repeat(50_000)}lt;`);
    assert.ok(performance.now() - start < 10_000);
  });
});
