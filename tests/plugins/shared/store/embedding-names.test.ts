import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelCapability } from '../../../../bridge/protocol/messages.ts';
import {
  embeddingNames,
  suggestedNames,
  withName,
} from '../../../../plugins/shared/store/embedding-names.ts';

const file: ModelCapability = {
  name: 'style',
  kind: 'embedding',
  architecture: 'textual inversion',
  family: 'sd1',
  origin: 'user',
};

test('a model is told of the embeddings that were made for its text encoder', () => {
  const models: readonly ModelCapability[] = [
    file,
    { ...file, name: 'other-family', family: 'sd2' },
    { ...file, name: 'damaged', problem: 'cut short' },
    { ...file, name: 'checkpoint', kind: 'checkpoint' },
  ];
  assert.deepEqual(embeddingNames({ models }, { family: 'sd1' }), ['style']);
  assert.deepEqual(embeddingNames({ models }, { family: 'sd2' }), ['other-family']);
});

test('the word at the end of a prompt may become a name, whatever stands before it', () => {
  const names = ['Wet-Ink', 'wet-paint', 'wet-clay', 'wet-sand'];
  assert.deepEqual(suggestedNames('a house, we', names), ['Wet-Ink', 'wet-paint', 'wet-clay']);
  for (const before of ['', 'a house ', '(', '<', 'embedding:', 'a,', '[b|']) {
    assert.deepEqual(suggestedNames(`${before}WET-P`, names), ['wet-paint'], before);
    assert.equal(withName(`${before}WET-P`, 'wet-paint'), `${before}wet-paint`);
  }
  for (const prompt of ['', 'w', 'wet-ink', 'wet-x', 'wet-p ', 'wet-p,'])
    assert.deepEqual(suggestedNames(prompt, names), [], prompt);
});
