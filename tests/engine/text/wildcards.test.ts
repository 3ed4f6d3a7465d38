import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { promptAtSteps } from '../../../engine/text/prompt-schedule.ts';
import {
  hasChoices,
  listNames,
  maxChoiceDepth,
  maxChoices,
  resolveWildcards,
} from '../../../engine/text/wildcards.ts';

/** Always the part at that share of the weights. */
const at = (share: number) => ({ random: () => share });
/** One number after the other. */
const inTurn = (...shares: readonly number[]) => ({ random: (choice: number) => shares[choice]! });
const first = (prompt: string) => resolveWildcards(prompt, at(0));
const last = (prompt: string) => resolveWildcards(prompt, at(1 - 2 ** -32));

test('one of the parts is taken, each as likely as the others', () => {
  const third = (share: number) => resolveWildcards('a {red|green|blue} house', at(share));
  assert.deepEqual(
    [0, 0.33, 0.34, 0.66, 0.67, 0.99].map(third),
    ['red', 'red', 'green', 'green', 'blue', 'blue'].map((colour) => `a ${colour} house`),
  );
  assert.equal(resolveWildcards('{a|b} {c|d}', inTurn(0, 0.9)), 'a d');
});

test('a part may be empty, and hold choices of its own', () => {
  assert.deepEqual([first('a{ big|}'), last('a{ big|}')], ['a big', 'a']);
  assert.deepEqual([first('{a{1|2}|b}'), last('{a{1|2}|b}'), last('{b|a{1|2}}')], ['a1', 'b', 'a2']);
});

test('weights make a part more likely, as much as they say', () => {
  const weighted = (share: number) => resolveWildcards('{3::a|b}', at(share));
  assert.deepEqual([0, 0.74, 0.76].map(weighted), ['a', 'a', 'b']);
  assert.equal(resolveWildcards('{0::a|b|0.5::c}', at(0)), 'b');
  assert.deepEqual([first('{0::a|0::b}'), last('{0::a|0::b}')], ['a', 'b']);
  assert.equal(first('{1:30::a|b}'), '1:30::a');
  assert.equal(first('{2::{x|y}|b}'), 'x');
});

test('what is no choice stays as it is written', () => {
  const untouched = [
    '',
    'plain',
    'a {red} house',
    'a {red house',
    'red|green}',
    '(a:1.2) [b:c:0.4] [d|e] <lora:x_y__z:0.8> BREAK',
    String.raw`\{a\|b\}`,
    String.raw`{a\|b}`,
    '__nowhere__',
    'a__b',
    '__-__',
    'end\\',
  ];
  for (const prompt of untouched) {
    assert.equal(first(prompt), prompt);
    assert.equal(hasChoices(prompt), prompt === '__nowhere__', prompt);
  }
});

test('weights, editing and networks within a part are left for their own readers', () => {
  assert.equal(first('{(a:1.3)|b}'), '(a:1.3)');
  assert.equal(last('{b|[c:d:0.5]}'), '[c:d:0.5]');
  assert.deepEqual([first('{[a|b]|c}'), last('{[a|b]|c}')], ['[a|b]', 'c']);
  assert.equal(last('{a|<lora:film:0.8> b}'), '<lora:film:0.8> b');
  assert.equal(first(String.raw`{\(a\)|b}`), String.raw`\(a\)`);
  assert.deepEqual([first('{a [b|c}'), last('{a [b|c}')], ['a [b', 'c']);
  assert.deepEqual(
    promptAtSteps(last('[{cat|dog}:{bird|fish}:0.5]'), 2).map(({ prompt }) => prompt),
    ['dog', 'fish'],
  );
});

test('a list gives one of its lines, whose own choices are made too', () => {
  const lists = new Map([
    ['colour', ['red', '{light|dark} blue']],
    ['things/big', ['house']],
    ['empty', []],
  ]);
  const resolve = (prompt: string, share: number) =>
    resolveWildcards(prompt, { ...at(share), linesOf: (name) => lists.get(name) });
  assert.equal(resolve('a __colour__ __things/big__', 0), 'a red house');
  assert.equal(resolve('a __colour__', 0.9), 'a dark blue');
  assert.equal(resolve('{__colour__|x}', 0), 'red');
  assert.equal(resolve('__empty__ __none__', 0), '__empty__ __none__');
  assert.deepEqual(listNames('__a__ {__b__|{__c/d__|__a__}} \\__e__'), ['a', 'b', 'c/d']);
});

test('a list that asks for itself ends, and too many choices are refused at the first one past the limit', () => {
  const once = { ...at(0), linesOf: () => ['x __again__'] };
  assert.equal(resolveWildcards('__again__', once), `${'x '.repeat(maxChoiceDepth)}__again__`);
  const twice = { ...at(0), linesOf: () => ['__again__ __again__'] };
  assert.throws(() => resolveWildcards('__again__', twice), /Expected 1024 choices in a prompt at most/);
  assert.equal(first('{a|b}'.repeat(maxChoices)), 'a'.repeat(maxChoices));
  assert.throws(() => first('{a|b}'.repeat(maxChoices + 1)), /Expected 1024 choices/);
});

test('choices nested as deep as they may be are made, those below stay text', () => {
  const nested = (depth: number) => `${'{'.repeat(depth)}a${'|b}'.repeat(depth)}`;
  assert.equal(first(nested(maxChoiceDepth)), 'a');
  assert.equal(first(nested(maxChoiceDepth + 1)), '{a|b}');
});

const piece = fc.constantFrom(
  '{',
  '}',
  '|',
  '[',
  ']',
  '(',
  ')',
  ':',
  '\\',
  '__',
  '_',
  '__x__',
  '2::',
  'a',
  'ü',
  ' ',
);
const anyPrompt = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('any text is taken, the same way each time, and what has no choices is left as it is', () => {
  fc.assert(
    fc.property(anyPrompt, share, (prompt, number) => {
      const resolved = resolveWildcards(prompt, at(number));
      assert.equal(resolveWildcards(prompt, at(number)), resolved);
      assert.ok(resolved.length <= prompt.length);
      if (!hasChoices(prompt)) assert.equal(resolved, prompt);
    }),
    { numRuns: 500 },
  );
});

test('every part of flat choices comes, and nothing else', () => {
  const word = fc.stringMatching(/^[a-z ]{0,6}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 2, maxLength: 8 }), (words) => {
      const prompt = `<${'{'}${words.join('|')}}>`;
      const seen = words.map((_, index) => resolveWildcards(prompt, at((index + 0.5) / words.length)));
      assert.deepEqual(
        seen,
        words.map((own) => `<${own}>`),
      );
    }),
  );
});

test('a prompt of a hundred thousand brackets is read in the time of its length', () => {
  const start = performance.now();
  for (const prompt of [
    '{'.repeat(100_000),
    '{a|'.repeat(30_000),
    `${'{'.repeat(50_000)}${'}'.repeat(50_000)}`,
  ]) {
    assert.equal(first(prompt), prompt);
  }
  assert.ok(performance.now() - start < 10_000);
});
