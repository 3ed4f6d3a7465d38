import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadedModels } from '../../../engine/models/loaded-models.ts';

class Model {
  readonly key: string;
  isDisposed = false;

  constructor(key: string) {
    this.key = key;
  }

  async dispose(): Promise<void> {
    assert.ok(!this.isDisposed, `${this.key} is disposed once`);
    this.isDisposed = true;
  }
}

/** Loads a model by its key, and keeps a list of all loads. */
function loader() {
  const loads: Model[] = [];
  const load = (key: string) => async () => {
    const model = new Model(key);
    loads.push(model);
    return model;
  };
  return { loads, load, keys: () => loads.map(({ key }) => key) };
}

const same = async (model: Model) => model;

test('a model is loaded once for many uses', async () => {
  const { load, keys } = loader();
  const models = new LoadedModels<Model>();
  const first = await models.use('a', load('a'), same);
  assert.equal(await models.use('a', load('a'), same), first);
  assert.deepEqual(keys(), ['a']);
});

test('two stay loaded; the one unused longest goes, before the next is loaded', async () => {
  const { load, loads, keys } = loader();
  const models = new LoadedModels<Model>();
  await models.use('a', load('a'), same);
  await models.use('b', load('b'), same);
  await models.use('a', load('a'), same);
  const [a, b] = loads;
  await models.use(
    'c',
    async () => {
      assert.ok(b!.isDisposed, 'there is room before c is loaded');
      return load('c')();
    },
    same,
  );
  assert.deepEqual([a!.isDisposed, b!.isDisposed, models.size], [false, true, 2]);
  await models.use('b', load('b'), same);
  assert.deepEqual(keys(), ['a', 'b', 'c', 'b']);
  assert.ok(a!.isDisposed);
});

test('a model in use is not disposed by another use that ends meanwhile', async () => {
  const { load } = loader();
  const models = new LoadedModels<Model>();
  await models.use('a', load('a'), async (model) => {
    await models.use('b', load('b'), same);
    assert.ok(!model.isDisposed);
  });
  assert.equal(models.size, 2);
});

test('a model in use is not disposed to make room', async () => {
  const { load } = loader();
  const models = new LoadedModels<Model>({ maxLoaded: 1 });
  await models.use('a', load('a'), async (a) => {
    const b = await models.use('b', load('b'), same);
    assert.ok(!a.isDisposed);
    assert.ok(!b.isDisposed);
  });
  await models.unloadAll();
});

test('unloading while a model is in use unloads the others at once and this one when it is done', async () => {
  const { load, loads } = loader();
  const models = new LoadedModels<Model>();
  await models.use('a', load('a'), same);
  await models.use('b', load('b'), async (b) => {
    await models.unloadAll();
    assert.ok(loads[0]!.isDisposed);
    assert.ok(!b.isDisposed);
  });
  assert.ok(loads[1]!.isDisposed);
  assert.equal(models.size, 0);
});

test('a load that fails leaves nothing behind, and the next use loads again', async () => {
  const { load, loads } = loader();
  const models = new LoadedModels<Model>();
  const broken = async () => {
    throw new Error('no such weights');
  };
  await assert.rejects(models.use('a', broken, same), /no such weights/);
  assert.equal(models.size, 0);
  await models.use('a', load('a'), same);
  assert.equal(loads.length, 1);
});

test('work that fails does not unload the model', async () => {
  const { load, loads } = loader();
  const models = new LoadedModels<Model>();
  const fail = async () => {
    throw new Error('the work failed');
  };
  await assert.rejects(models.use('a', load('a'), fail), /the work failed/);
  await models.use('a', load('a'), same);
  assert.equal(loads.length, 1);
  await models.unloadAll();
  assert.ok(loads[0]!.isDisposed);
});
