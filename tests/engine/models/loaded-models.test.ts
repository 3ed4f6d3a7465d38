import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { LoadedModels } from '../../../engine/models/loaded-models.ts';

/** Long enough never to come in a test. */
const never = 60_000;

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

async function until(condition: () => boolean): Promise<void> {
  for (const start = performance.now(); !condition(); await sleep(5)) {
    assert.ok(performance.now() - start < 5_000, 'it happens within 5 s');
  }
}

test('a model is loaded once for many uses', async () => {
  const { load, keys } = loader();
  const models = new LoadedModels<Model>({ idleUnloadMs: never });
  const first = await models.use('a', load('a'), same);
  assert.equal(await models.use('a', load('a'), same), first);
  assert.deepEqual(keys(), ['a']);
});

test('two stay loaded; the one unused longest goes, before the next is loaded', async () => {
  const { load, loads, keys } = loader();
  const models = new LoadedModels<Model>({ idleUnloadMs: never });
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

test('all are unloaded when none was used for a while, and loaded again when needed', async () => {
  const { load, loads } = loader();
  const models = new LoadedModels<Model>({ idleUnloadMs: 30 });
  await models.use('a', load('a'), same);
  await models.use('b', load('b'), same);
  await until(() => models.size === 0);
  assert.ok(loads.every(({ isDisposed }) => isDisposed));
  const again = await models.use('a', load('a'), same);
  assert.ok(!again.isDisposed);
});

test('each use starts the wait anew', async () => {
  const { load, loads } = loader();
  const models = new LoadedModels<Model>({ idleUnloadMs: 400 });
  for (let use = 0; use < 4; use++) {
    await models.use('a', load('a'), same);
    await sleep(150);
  }
  assert.equal(loads.length, 1);
  assert.ok(!loads[0]!.isDisposed);
  await models.unloadAll();
});

test('a model in use is not disposed: not by time, and not by another use that ends meanwhile', async () => {
  const { load } = loader();
  const models = new LoadedModels<Model>({ idleUnloadMs: 20 });
  await models.use('a', load('a'), async (model) => {
    await models.use('b', load('b'), same);
    await sleep(100);
    assert.ok(!model.isDisposed);
  });
  await until(() => models.size === 0);
});

test('a model in use is not disposed to make room', async () => {
  const { load } = loader();
  const models = new LoadedModels<Model>({ idleUnloadMs: never, maxLoaded: 1 });
  await models.use('a', load('a'), async (a) => {
    const b = await models.use('b', load('b'), same);
    assert.ok(!a.isDisposed);
    assert.ok(!b.isDisposed);
  });
  await models.unloadAll();
});

test('unloading while a model is in use unloads the others at once and this one when it is done', async () => {
  const { load, loads } = loader();
  const models = new LoadedModels<Model>({ idleUnloadMs: never });
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
  const models = new LoadedModels<Model>({ idleUnloadMs: never });
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
  const models = new LoadedModels<Model>({ idleUnloadMs: never });
  const fail = async () => {
    throw new Error('the work failed');
  };
  await assert.rejects(models.use('a', load('a'), fail), /the work failed/);
  await models.use('a', load('a'), same);
  assert.equal(loads.length, 1);
  await models.unloadAll();
  assert.ok(loads[0]!.isDisposed);
});
