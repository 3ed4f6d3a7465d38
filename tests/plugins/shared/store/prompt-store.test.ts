import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxKeptPrompts, PromptStore } from '../../../../plugins/shared/store/prompt-store.ts';
import { withQualityTags } from '../../../../plugins/shared/store/prompt-words.ts';
import { MemoryStorage } from './page-fixture.ts';

function storeWith(...prompts: readonly string[]): PromptStore {
  const store = new PromptStore(new MemoryStorage());
  for (const prompt of prompts) store.remember(prompt);
  return store;
}

const promptOf = (store: PromptStore) => store.settings.value.prompt;

test('prompts of before are gone through and back, and what was being written is not lost', () => {
  const store = storeWith('first', 'second');
  store.change({ prompt: 'a ha' });
  assert.equal(store.recall(-1), false);
  assert.equal(store.recall(1), true);
  assert.equal(promptOf(store), 'second');
  store.recall(1);
  assert.equal(promptOf(store), 'first');
  assert.equal(store.recall(1), false);
  assert.equal(promptOf(store), 'first');
  store.recall(-1);
  store.recall(-1);
  assert.equal(promptOf(store), 'a ha');
});

test('a recalled prompt that is changed is a new one', () => {
  const store = storeWith('first', 'second');
  store.recall(1);
  store.change({ prompt: 'second, at night' });
  store.recall(1);
  assert.equal(promptOf(store), 'second');
  store.recall(-1);
  assert.equal(promptOf(store), 'second, at night');
});

test('the prompt that has just been run is not recalled in its own place', () => {
  const store = storeWith('first', 'second');
  store.change({ prompt: 'second' });
  store.recall(1);
  assert.equal(promptOf(store), 'first');
});

test('each prompt is kept once, trimmed, the newest first, and no more than the limit', () => {
  const store = storeWith('a', 'b', ' a ', '', '  ');
  assert.deepEqual(store.history.value, ['a', 'b']);
  for (let i = 0; i < maxKeptPrompts; i++) store.remember(`p${i}`);
  assert.equal(store.history.value.length, maxKeptPrompts);
  assert.equal(store.history.value.at(-1), 'p0');
});

test('settings and prompts are there again at the next visit, and one taken back is gone', async () => {
  const storage = new MemoryStorage();
  const before = new PromptStore(storage);
  await before.restore();
  before.change({ prompt: 'a red house', model: 'paint', guidanceScale: 3.5, numInferenceSteps: 12 });
  before.change({ context: 'wide', workingSize: 'native', rng: 'philox', fillStrength: 0.4 });
  before.change({ loras: [{ model: 'ink', strength: 0.6 }], hypernetworks: [{ model: 'mood' }] });
  before.change({ numInferenceSteps: undefined });
  before.remember('a red house');
  const after = new PromptStore(storage);
  await after.restore();
  assert.deepEqual(after.settings.value, {
    prompt: 'a red house',
    negativePrompt: '',
    model: 'paint',
    guidanceScale: 3.5,
    context: 'wide',
    workingSize: 'native',
    rng: 'philox',
    fillStrength: 0.4,
    loras: [{ model: 'ink', strength: 0.6 }],
    hypernetworks: [{ model: 'mood' }],
  });
  assert.deepEqual(after.history.value, ['a red house']);
});

test('what was kept and is damaged, or forbidden, is left out', async () => {
  const storage = new MemoryStorage();
  storage.values.set(
    'inlay.diffusion-settings',
    '{"prompt":7,"model":"m","guidanceScale":"high","context":"near","workingSize":{"width":512,"height":100},"fillStrength":0,"varyStrength":1.1,"loras":[{"strength":1}],"hypernetworks":[{"model":"mood","strength":"1"}]}',
  );
  storage.values.set('inlay.prompts', '["a", 3, null]');
  const store = new PromptStore(storage);
  await store.restore();
  assert.deepEqual(store.settings.value, { prompt: '', negativePrompt: '', model: 'm' });
  assert.deepEqual(store.history.value, ['a']);

  const refuse = () => Promise.reject(new Error('forbidden'));
  const forbidden = new PromptStore({ get: refuse, set: refuse, remove: refuse });
  await forbidden.restore();
  forbidden.change({ prompt: 'works all the same' });
  assert.equal(promptOf(forbidden), 'works all the same');
});

test('quality tags go where the order of the tags has them, with one comma between', () => {
  const qualityTags = 'score_9, score_8_up';
  const first = { tagOrder: ['quality', 'everything else'], qualityTags };
  assert.equal(withQualityTags('a house, ', first), 'score_9, score_8_up, a house');
  assert.equal(withQualityTags('a house, ', { qualityTags }), 'a house, score_9, score_8_up');
  assert.equal(withQualityTags(' ', first), qualityTags);
});
