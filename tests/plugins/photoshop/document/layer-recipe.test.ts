import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Descriptor, PhotoshopAction } from '../../../../plugins/photoshop/api/photoshop.ts';
import {
  type RecipeKeeping,
  readRecipe,
  writeRecipe,
} from '../../../../plugins/photoshop/document/layer-recipe.ts';
import type { Recipe } from '../../../../plugins/shared/panel/editor-host.ts';
import { startHost } from '../../../hosts/photoshop/host-fixture.ts';

const recipe: Recipe = {
  operation: 'fill',
  request: { operation: 'fill', prompt: 'Möwe “über” dem 海', seed: 42 },
  place: { kind: 'selection', id: 'a' },
  count: 3,
  createdAt: 5,
};

type BatchPlay = PhotoshopAction['batchPlay'];

/** @param change What another Photoshop answers. */
function start(change: (play: BatchPlay) => BatchPlay = (play) => play) {
  const { action, user, modal } = startHost();
  const document = user.open({ width: 4, height: 4, background: () => [0, 0, 0] });
  const stored = new Map<string, string>();
  const batchPlay = change(action.batchPlay as unknown as BatchPlay);
  const keeping: RecipeKeeping = {
    action: { ...action, batchPlay } as unknown as PhotoshopAction,
    storage: {
      getItem: (key) => stored.get(key) ?? null,
      setItem: (key, value) => void stored.set(key, value),
    },
  };
  const place = { documentId: document.id, title: 'a.psd', layerId: document.state.layers[0]!.id };
  return { keeping, place, stored, modal };
}

test('a recipe is read as it was written, and lies in the document alone', async () => {
  const { keeping, place, stored, modal } = start();
  assert.equal(await readRecipe(keeping, place), undefined);
  await modal(() => writeRecipe(keeping, place, recipe));
  assert.deepEqual(await readRecipe(keeping, place), recipe);
  assert.equal(stored.size, 0);
});

test('where Photoshop does not give it back, this computer has it', async () => {
  const forgetful =
    (play: BatchPlay): BatchPlay =>
    async (commands, options) =>
      commands[0]!._obj === 'get' ? [{ _obj: 'generatorSettings' }] : play(commands, options);
  const { keeping, place, modal } = start(forgetful);
  await modal(() => writeRecipe(keeping, place, recipe));
  assert.deepEqual(await readRecipe(keeping, place), recipe);
  assert.equal(await readRecipe(keeping, { ...place, layerId: 77 }), undefined);
  const changed = { ...recipe, count: 1 };
  await modal(() => writeRecipe(keeping, place, changed));
  assert.deepEqual(await readRecipe(keeping, place), changed);
});

test('of what only this computer has, the oldest goes', async () => {
  const refusing = (): BatchPlay => async () => [{ _obj: 'error', message: 'not available', result: -25920 }];
  const { keeping, place } = start(refusing);
  for (let layerId = 1; layerId <= 51; layerId++) await writeRecipe(keeping, { ...place, layerId }, recipe);
  assert.equal(await readRecipe(keeping, { ...place, layerId: 1 }), undefined);
  assert.deepEqual(await readRecipe(keeping, { ...place, layerId: 2 }), recipe);
  assert.deepEqual(await readRecipe(keeping, { ...place, layerId: 51 }), recipe);
});

test('both forms of Photoshop’s answer are read, and what is no recipe is none', async () => {
  let answer: Descriptor = { _obj: 'get' };
  const { keeping, place } = start(() => async () => [answer]);
  const json = JSON.stringify(recipe);
  answer = { _obj: 'get', generatorSettings: { json } };
  assert.deepEqual(await readRecipe(keeping, place), recipe);
  answer = { _obj: 'get', generatorSettings: { inlay: { json } } };
  assert.deepEqual(await readRecipe(keeping, place), recipe);
  for (const other of ['{', 'null', '{"operation":"fill"}', JSON.stringify({ ...recipe, place: 7 })]) {
    answer = { _obj: 'get', generatorSettings: { json: other } };
    assert.equal(await readRecipe(keeping, place), undefined);
  }
});
