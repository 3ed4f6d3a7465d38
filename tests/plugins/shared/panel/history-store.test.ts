import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recipe } from '../../../../plugins/shared/panel/editor-host.ts';
import {
  entryTitle,
  HistoryStore,
  maxHistoryEntries,
  searched,
} from '../../../../plugins/shared/panel/history-store.ts';
import { MemoryStorage } from '../store/page-fixture.ts';

function recipe(prompt: string | undefined, seed = 1): Recipe {
  return {
    operation: 'fill',
    request: { operation: 'fill', seed, ...(prompt !== undefined && { prompt }) },
    place: { id: seed },
    count: 1,
    createdAt: seed,
  };
}

test('the newest come first, are there at the next visit, and the oldest go', async () => {
  const storage = new MemoryStorage();
  const history = new HistoryStore(storage);
  for (let seed = 1; seed <= maxHistoryEntries + 1; seed++)
    await history.add(recipe('a kite', seed), 'Poster');
  const next = new HistoryStore(storage);
  await next.restore();
  assert.deepEqual(next.entries.value, history.entries.value);
  assert.equal(next.entries.value.length, maxHistoryEntries);
  assert.equal(next.entries.value[0]?.recipe.createdAt, maxHistoryEntries + 1);
  assert.equal(next.entries.value.at(-1)?.recipe.createdAt, 2);
});

test('entries are deleted one by one or all', async () => {
  const storage = new MemoryStorage();
  const history = new HistoryStore(storage);
  for (const seed of [1, 2, 3]) await history.add(recipe('a kite', seed));
  await history.delete(history.entries.value[1]!.id);
  assert.deepEqual(
    history.entries.value.map((entry) => entry.recipe.createdAt),
    [3, 1],
  );
  await history.clear();
  const next = new HistoryStore(storage);
  await next.restore();
  assert.deepEqual([history.entries.value, next.entries.value], [[], []]);
});

test('two panels with one storage keep what both have made', async () => {
  const storage = new MemoryStorage();
  const [first, second] = [new HistoryStore(storage), new HistoryStore(storage)];
  await first.add(recipe('a kite', 1));
  await second.add(recipe('a ship', 2));
  await first.add(recipe('a house', 3));
  assert.deepEqual(
    first.entries.value.map((entry) => entry.recipe.createdAt),
    [3, 2, 1],
  );
});

test('storage that is forbidden costs the memory, nothing else', async () => {
  const forbidden = async () => {
    throw new Error('The operation is insecure.');
  };
  const history = new HistoryStore({ get: forbidden, set: forbidden, remove: forbidden });
  await history.restore();
  await history.add(recipe('a kite', 1));
  await history.add(recipe('a ship', 2));
  assert.equal(history.entries.value.length, 2);
});

test('all words are looked for, in prompt, document and operation, whatever their case', async () => {
  const history = new HistoryStore(new MemoryStorage());
  await history.add(recipe('a red kite', 1), 'Poster.psd');
  await history.add(recipe(undefined, 2), 'Flyer.psd');
  const found = (query: string) =>
    searched(history.entries.value, query).map((entry) => entry.recipe.createdAt);
  assert.deepEqual(found('  '), [2, 1]);
  assert.deepEqual(found('KITE poster'), [1]);
  assert.deepEqual(found('fill flyer'), [2]);
  assert.deepEqual(found('kite flyer'), []);
});

test('an entry is called by its prompt, or by what was done', () => {
  assert.equal(entryTitle(recipe('a red kite\nover the sea')), 'a red kite');
  assert.equal(
    entryTitle(recipe('ink drawing of a kite, fine line work, cross-hatching, black and white')),
    'ink drawing of a kite, fine line work,…',
  );
  assert.equal(entryTitle(recipe(undefined)), 'Fill');
});
