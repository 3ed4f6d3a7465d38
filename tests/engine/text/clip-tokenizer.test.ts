import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ClipTokenizer } from '../../../engine/text/clip-tokenizer.ts';
import { anyPrompt } from './arbitraries.ts';

interface GoldenCase {
  readonly prompt: string;
  readonly ids: readonly number[];
}

const goldenFile = new URL('../../golden/text/clip-tokenizer.json', import.meta.url);
const golden: Record<string, readonly GoldenCase[]> = JSON.parse(readFileSync(goldenFile, 'utf8'));
const tokenizer = new ClipTokenizer();

describe('ClipTokenizer', () => {
  for (const [group, cases] of Object.entries(golden)) {
    test(`gives the ids of transformers' CLIPTokenizer for ${cases.length} prompts: ${group}`, () => {
      assert.ok(cases.length > 0);
      for (const { prompt, ids } of cases)
        assert.deepEqual(tokenizer.encode(prompt), ids, JSON.stringify(prompt));
    });
  }

  test('its vocabulary is the published one, byte for byte', () => {
    const file = readFileSync('engine/text/bpe_simple_vocab_16e6.txt.gz');
    assert.equal(
      createHash('sha256').update(file).digest('hex'),
      '924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a',
    );
  });

  test('takes any string, and gives ids of the vocabulary', () => {
    fc.assert(
      fc.property(anyPrompt, (prompt) => {
        const ids = tokenizer.encode(prompt);
        assert.ok(ids.every((id) => Number.isInteger(id) && id >= 0 && id <= tokenizer.endTokenId));
      }),
      { numRuns: 300 },
    );
  });

  test('words do not change each other: texts in a row have the ids of each', () => {
    const plainWord = fc.stringMatching(/^[a-z0-9]{1,12}$/);
    fc.assert(
      fc.property(plainWord, plainWord, (a, b) => {
        assert.deepEqual(tokenizer.encode(`${a} ${b}`), [...tokenizer.encode(a), ...tokenizer.encode(b)]);
      }),
      { numRuns: 200 },
    );
  });

  test('one word of tens of thousands of letters does not take quadratic time', () => {
    for (const word of ['a', 'supercalifragilistic', 'é', '!?']) {
      const start = performance.now();
      assert.ok(tokenizer.encode(word.repeat(40_000 / word.length)).length > 1000);
      // About 0.2 s here; looking through the word for each merge would take a minute.
      assert.ok(performance.now() - start < 10_000, word);
    }
  });
});
