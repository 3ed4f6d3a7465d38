import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { EngineError } from '../../../engine/errors.ts';
import { ClipTokenizer } from '../../../engine/text/clip-tokenizer.ts';
import {
  idsPerWindow,
  maxPromptWindows,
  type PromptWindow,
  promptWindows,
} from '../../../engine/text/prompt.ts';
import { anyPrompt } from './arbitraries.ts';

const tokenizer = new ClipTokenizer();
const [cat, comma] = tokenizer.encode('cat ,') as [number, number];
const { startTokenId: start, endTokenId: end } = tokenizer;

function windowsOf(
  prompt: string,
  { embeddings = {}, padTokenId = end }: { embeddings?: Record<string, number>; padTokenId?: number } = {},
): readonly PromptWindow[] {
  const embeddingNames = new Map(Object.entries(embeddings));
  return promptWindows(prompt, { tokenizer, embeddingNames, padTokenId });
}

/** How many ids of the prompt each window holds. */
function fillings(windows: readonly PromptWindow[]): number[] {
  return windows.map(({ ids }) => ids.indexOf(end) - 1);
}

const cats = (count: number) => 'cat '.repeat(count);

describe('promptWindows', () => {
  test('a window is start, prompt, end and padding, which each encoder has its own of', () => {
    const [first, ...others] = windowsOf('cat, (cat:1.5)');
    assert.equal(others.length, 0);
    assert.deepEqual([...first!.ids.slice(0, 6)], [start, cat, comma, cat, end, end]);
    assert.deepEqual([...first!.weights.slice(0, 6)], [1, 1, 1, 1.5, 1, 1]);
    assert.deepEqual([...windowsOf('cat', { padTokenId: 0 })[0]!.ids.slice(0, 5)], [start, cat, end, 0, 0]);
    assert.deepEqual([...windowsOf('')[0]!.ids], [start, ...new Array(76).fill(end)]);
  });

  test('the 76th id begins a new window', () => {
    assert.deepEqual(fillings(windowsOf(cats(idsPerWindow))), [75]);
    assert.deepEqual(fillings(windowsOf(cats(idsPerWindow + 1))), [75, 1]);
    assert.deepEqual(fillings(windowsOf(cats(200))), [75, 75, 50]);
  });

  test('a full window ends after a comma among its last 20 ids', () => {
    // The comma is the 56th id, the 20th from the end, and then the 55th.
    assert.deepEqual(fillings(windowsOf(`${cats(55)}, ${cats(30)}`)), [56, 30]);
    assert.deepEqual(fillings(windowsOf(`${cats(54)}, ${cats(30)}`)), [75, 10]);
    assert.deepEqual(fillings(windowsOf(`${cats(60)}, ${cats(14)}`)), [75]);
    // A comma that does not fit itself begins the next window.
    assert.deepEqual(fillings(windowsOf(`${cats(60)}, ${cats(14)}, cat`)), [75, 2]);
    // What goes over keeps its weights.
    const [, second] = windowsOf(`${cats(70)}, (cat:2) ${cats(10)}`);
    assert.deepEqual([...second!.weights.slice(0, 3)], [1, 2, 1]);
  });

  test('BREAK begins a new window, two of them leave an empty one', () => {
    assert.deepEqual(fillings(windowsOf('cat BREAK cat cat')), [1, 2]);
    assert.deepEqual(fillings(windowsOf('cat BREAK BREAK cat')), [1, 0, 1]);
    assert.deepEqual(fillings(windowsOf('BREAK')), [0]);
  });

  test('an embedding takes a position for each of its vectors, by bare name, prefixed or bracketed, in any case', () => {
    const embeddings = { 'my-Style': 3 };
    for (const prompt of [
      'cat my-style, (cat:2)',
      'cat embedding:my-style, (cat:2)',
      'cat MY-STYLE, (cat:2)',
      'cat <my-style>, (cat:2)',
      'cat<MY-style >,(cat:2)',
    ]) {
      const [window] = windowsOf(prompt, { embeddings });
      assert.deepEqual(
        window!.embeddings,
        [0, 1, 2].map((row) => ({ position: 2 + row, name: 'my-Style', row })),
      );
      assert.deepEqual(
        [window!.ids[1], window!.ids[5], window!.ids[6], window!.ids[7]],
        [cat, comma, cat, end],
      );
      assert.equal(window!.weights[6], 2);
    }
    assert.deepEqual(
      windowsOf('(my-style:1.25)', { embeddings })[0]!.weights.slice(0, 5),
      new Float32Array([1, 1.25, 1.25, 1.25, 1]),
    );
    assert.deepEqual(windowsOf('my-styles my style', { embeddings })[0]!.embeddings, []);
    assert.deepEqual(windowsOf('<cat>', { embeddings }), windowsOf('<cat>'));
  });

  test('of several names the longest counts', () => {
    const [window] = windowsOf('bad hands', { embeddings: { bad: 1, 'bad hands': 2 } });
    assert.deepEqual(
      window!.embeddings.map(({ name }) => name),
      ['bad hands', 'bad hands'],
    );
  });

  test('an embedding is not torn apart between windows, unless none could hold it', () => {
    const windows = windowsOf(`${cats(74)} zxq cat`, { embeddings: { zxq: 2 } });
    assert.deepEqual(fillings(windows), [74, 3]);
    assert.deepEqual(
      windows[1]!.embeddings.map(({ position }) => position),
      [1, 2],
    );
    const large = windowsOf('cat zxq', { embeddings: { zxq: 80 } });
    assert.deepEqual(fillings(large), [75, 6]);
    assert.deepEqual(
      large.flatMap(({ embeddings }) => embeddings.map(({ row }) => row)),
      [...Array(80).keys()],
    );
    // After a comma it goes over as a whole.
    const carried = windowsOf(`${cats(70)}, zxq cat cat cat`, { embeddings: { zxq: 2 } });
    assert.deepEqual(fillings(carried), [71, 5]);
    assert.deepEqual(
      carried[1]!.embeddings.map(({ position }) => position),
      [1, 2],
    );
  });

  test('64 windows are the most', () => {
    assert.equal(windowsOf(cats(maxPromptWindows * idsPerWindow)).length, maxPromptWindows);
    assert.throws(
      () => windowsOf(cats(maxPromptWindows * idsPerWindow + 1)),
      (error) => error instanceof EngineError && error.code === 'invalid-option',
    );
  });

  test('any string gives windows of 77 ids and weights that begin, end and hold all of it', () => {
    const embeddingNames = new Map([
      ['cat', 2],
      ['a photo of', 30],
      ['😀', 1],
      ['', 3],
    ]);
    fc.assert(
      fc.property(anyPrompt, fc.constantFrom(0, end), (prompt, padTokenId) => {
        const windows = promptWindows(prompt, { tokenizer, embeddingNames, padTokenId });
        assert.ok(windows.length >= 1);
        for (const { ids, weights, embeddings } of windows) {
          assert.equal(ids.length, 77);
          assert.equal(weights.length, 77);
          assert.equal(ids[0], start);
          assert.ok(ids.includes(end));
          assert.ok(weights.every(Number.isFinite));
          assert.ok(embeddings.every(({ position }) => position >= 1 && position <= idsPerWindow));
        }
      }),
      { numRuns: 300 },
    );
  });
});
