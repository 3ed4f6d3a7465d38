import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toEngineError } from '../../../engine/errors.ts';
import { LoadedModels, type ModelUse } from '../../../engine/models/loaded-models.ts';

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

/** Uses of models of 10 bytes by their keys, and a list of all loads. */
function models() {
  const loads: Model[] = [];
  const use = (key: string, more: Partial<ModelUse<Model>> = {}): ModelUse<Model> => ({
    key,
    title: `the model ${key}`,
    bytes: 10,
    loadBytes: 10,
    workBytes: 0,
    load: async () => {
      const model = new Model(key);
      loads.push(model);
      return model;
    },
    ...more,
  });
  return { loads, use, keys: () => loads.map(({ key }) => key) };
}

const holding = (bytes: number) => new LoadedModels({ budgetBytes: () => bytes });
const same = async (model: Model) => model;
const outOfMemory = (text: RegExp) => (error: unknown) =>
  toEngineError(error).code === 'out-of-memory' && text.test((error as Error).message);

test('a model is loaded once for many uses, also for two at a time', async () => {
  const { use, keys } = models();
  const loaded = holding(100);
  const [first, second] = await Promise.all([loaded.use(use('a'), same), loaded.use(use('a'), same)]);
  assert.equal(first, second);
  assert.equal(await loaded.use(use('a'), same), first);
  assert.deepEqual(keys(), ['a']);
});

test('as many stay loaded as the budget holds; the one unused longest goes, before the next is loaded', async () => {
  const { use, loads, keys } = models();
  const loaded = holding(20);
  await loaded.use(use('a'), same);
  await loaded.use(use('b'), same);
  await loaded.use(use('a'), same);
  const [a, b] = loads;
  const c = use('c');
  const load = async () => {
    assert.ok(b!.isDisposed, 'there is room before c is loaded');
    return c.load();
  };
  await loaded.use({ ...c, load }, same);
  assert.deepEqual([a!.isDisposed, b!.isDisposed, loaded.size], [false, true, 2]);
  await loaded.use(use('b'), same);
  assert.deepEqual(keys(), ['a', 'b', 'c', 'b']);
  assert.ok(a!.isDisposed);
});

test('none goes at the budget; one byte past it one does, be it of weights, of loading or of the work', async () => {
  for (const more of [{ bytes: 11, loadBytes: 11 }, { loadBytes: 11 }, { workBytes: 1 }]) {
    const { use, loads } = models();
    const loaded = holding(20);
    await loaded.use(use('a'), same);
    await loaded.use(use('b'), same);
    assert.equal(loads[0]!.isDisposed, false);
    await loaded.unloadAll();
    await loaded.use(use('a'), same);
    await loaded.use(use('b', more), same);
    assert.deepEqual([loads[2]!.isDisposed, loads[3]!.isDisposed], [true, false]);
  }
});

test('a loaded model needs room for its work alone, for which others go', async () => {
  const { use, loads } = models();
  const loaded = holding(30);
  await loaded.use(use('a'), same);
  await loaded.use(use('b'), same);
  await loaded.use(use('a', { loadBytes: 100, workBytes: 10 }), same);
  assert.ok(!loads[1]!.isDisposed);
  await loaded.use(use('a', { loadBytes: 100, workBytes: 11 }), same);
  assert.ok(loads[1]!.isDisposed);
});

test('what does not fit by itself is refused before it is loaded, with both figures, and the next use works', async () => {
  const { use, keys } = models();
  const gibibyte = 2 ** 30;
  const loaded = holding(3 * gibibyte);
  const large = { bytes: 2 * gibibyte, loadBytes: 2 * gibibyte };
  await loaded.use(use('a', { ...large, workBytes: gibibyte }), same);
  await assert.rejects(
    loaded.use(use('b', { ...large, workBytes: gibibyte + 1 }), same),
    outOfMemory(/^Expected 3\.0 GiB of memory to be free for the model b, found 3\.0 GiB\.$/),
  );
  assert.deepEqual(keys(), ['a']);
  await loaded.use(use('c'), same);
  assert.deepEqual(keys(), ['a', 'c']);
});

test('the budget is told what is held by those that are loaded', async () => {
  const { use } = models();
  const told: number[] = [];
  const loaded = new LoadedModels({ budgetBytes: (heldBytes) => told.push(heldBytes) && 100 });
  await loaded.use(use('a'), same);
  await loaded.use(use('b', { bytes: 7 }), same);
  assert.equal(loaded.budgetBytes, 100);
  assert.deepEqual(told, [0, 10, 17]);
});

test('a model in use is not disposed to make room: another that needs its place is refused', async () => {
  const { use } = models();
  const loaded = holding(20);
  await loaded.use(use('a'), async (a) => {
    const b = await loaded.use(use('b'), same);
    await assert.rejects(loaded.use(use('c', { loadBytes: 11 }), same), outOfMemory(/the model c/));
    assert.deepEqual([a.isDisposed, b.isDisposed], [false, true]);
  });
});

test('unloading while a model is in use unloads the others at once and this one when it is done', async () => {
  const { use, loads } = models();
  const loaded = holding(20);
  await loaded.use(use('a'), same);
  await loaded.use(use('b'), async (b) => {
    await loaded.unloadAll();
    assert.ok(loads[0]!.isDisposed);
    assert.ok(!b.isDisposed);
  });
  assert.ok(loads[1]!.isDisposed);
  assert.equal(loaded.size, 0);
});

test('a load that fails leaves nothing behind, and the next use loads again', async () => {
  const { use, loads } = models();
  const loaded = holding(20);
  const load = async () => {
    throw new Error('no such weights');
  };
  await assert.rejects(loaded.use(use('a', { load }), same), /no such weights/);
  assert.equal(loaded.size, 0);
  await loaded.use(use('a'), same);
  assert.equal(loads.length, 1);
});

test('work that fails does not unload the model', async () => {
  const { use, loads } = models();
  const loaded = holding(20);
  const fail = async () => {
    throw new Error('the work failed');
  };
  await assert.rejects(loaded.use(use('a'), fail), /the work failed/);
  await loaded.use(use('a'), same);
  assert.equal(loads.length, 1);
  await loaded.unloadAll();
  assert.ok(loads[0]!.isDisposed);
});
