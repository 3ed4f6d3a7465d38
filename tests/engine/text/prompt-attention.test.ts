import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { maxWeight, parseAttention } from '../../../engine/text/prompt-attention.ts';
import { anyPrompt } from './arbitraries.ts';

/** As `text*weight`, to three digits, a break as `|`; empty texts left out. */
function parse(prompt: string): string[] {
  return parseAttention(prompt)
    .filter((part) => part === 'break' || part.text !== '')
    .map((part) => (part === 'break' ? '|' : `${part.text}*${Number(part.weight.toFixed(3))}`));
}

describe('parseAttention', () => {
  test('round brackets strengthen, square ones weaken, a number is the weight itself', () => {
    assert.deepEqual(parse('plain'), ['plain*1']);
    assert.deepEqual(parse('an (important) word'), ['an *1', 'important*1.1', ' word*1']);
    assert.deepEqual(parse('a [minor] word'), ['a *1', 'minor*0.909', ' word*1']);
    assert.deepEqual(parse('(a:1.3)(b: .5 )(c:-2)(d:+0)(e:1.)'), ['a*1.3', 'b*0.5', 'c*-2', 'd*0', 'e*1']);
  });

  test('nested weights are multiplied', () => {
    assert.deepEqual(parse('((a))'), ['a*1.21']);
    assert.deepEqual(parse('(a (b:2) c)'), ['a *1.1', 'b*2.2', ' c*1.1']);
    assert.deepEqual(parse('[(a)] ([b])'), ['a b*1']);
    assert.deepEqual(parse('a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).'), [
      ...[
        'a *1',
        'house*1.573',
        ' *1.1',
        'on*1',
        ' a *1.1',
        'hill*0.55',
        ', sun, *1.1',
        'sky*1.464',
        '.*1.1',
      ],
    ]);
  });

  test('a backslash makes a bracket a character, and itself', () => {
    assert.deepEqual(parse(String.raw`\(a\) \[b\] \\ c:\d`), [String.raw`(a) [b] \ c:d*1`]);
    assert.deepEqual(parse(String.raw`(a\):1.5)`), ['a)*1.5']);
  });

  test('BREAK breaks as a word by itself, in brackets too', () => {
    assert.deepEqual(parse('a BREAK b'), ['a *1', '|', ' b*1']);
    assert.deepEqual(parse('(a BREAK b:2)BREAK'), ['a *2', '|', ' b*2', '|']);
    assert.deepEqual(parse('BREAKFAST éBREAK BREAK_ break'), ['BREAKFAST éBREAK BREAK_ break*1']);
  });

  test('brackets without their counterparts, and numbers that are none, do no harm', () => {
    assert.deepEqual(parse('(unclosed [twice'), ['unclosed *1.1', 'twice*1']);
    assert.deepEqual(parse('a) b] :1.2) c'), ['a) b] :1.2) c*1']);
    assert.deepEqual(parse('(a:1.2.3) (b:) (c:x) (:1.5)'), [
      'a:1.2.3*1.1',
      ' *1',
      'b:*1.1',
      ' *1',
      'c:x*1.1',
      ' *1',
    ]);
    assert.deepEqual(parse('()[]'), []);
  });

  test('equal weights side by side are one text', () => {
    assert.deepEqual(parse('(un)(real)'), ['unreal*1.1']);
  });

  test('weights stay finite, however they are driven', () => {
    assert.deepEqual(parse(`(a:${'9'.repeat(400)})`), [`a*${maxWeight}`]);
    assert.deepEqual(parse(`${'('.repeat(10_000)}a`), [`a*${maxWeight}`]);
    assert.deepEqual(parse(`${'['.repeat(10_000)}a`), ['a*0']);
    assert.deepEqual(parse(`${'('.repeat(10_000)}(a:0)`), ['a*0']);
  });

  test('takes any string, gives finite weights, and loses nothing but its grammar', () => {
    const withoutGrammar = (text: string) => text.replace(/[()[\]\\:.\d\s+-]|BREAK/g, '');
    fc.assert(
      fc.property(anyPrompt, (prompt) => {
        const parts = parseAttention(prompt);
        assert.ok(parts.every((part) => part === 'break' || Number.isFinite(part.weight)));
        const texts = parts.map((part) => (part === 'break' ? '' : part.text));
        assert.equal(withoutGrammar(texts.join('')), withoutGrammar(prompt));
      }),
      { numRuns: 500 },
    );
  });

  test('a hundred thousand brackets, colons or digits do not take quadratic time', () => {
    const start = performance.now();
    for (const piece of ['(', '[', '()', '(a', ')', ':1', '1', ': ', 'BREAK ', '\\', '(a:1.1)']) {
      parseAttention(piece.repeat(100_000 / piece.length));
    }
    assert.ok(performance.now() - start < 10_000);
  });
});
