import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CapabilityList, maxAskedModelsWaitMs, maxModelsWaitMs } from '../../../bridge/jobs/capabilities.ts';
import { defaultLimits } from '../../../bridge/protocol/limits.ts';
import type { ModelInfo } from '../../../engine/api.ts';
import { ScriptedEngine, scriptedModels } from '../scripted-engine.ts';

const copiedIn: ModelInfo = { ...scriptedModels[0]!, name: 'copied-in' };
const settings = { version: '1.2.3', limits: defaultLimits };

/** An engine whose list of models comes when the test says so. */
class SlowEngine extends ScriptedEngine {
  #answers: (() => Promise<readonly ModelInfo[]>)[] = [];

  override async models(): Promise<readonly ModelInfo[]> {
    return (await this.#answers.shift()?.()) ?? super.models();
  }

  answerNext(answer: () => Promise<readonly ModelInfo[]>): void {
    this.#answers.push(answer);
  }
}

function lateAnswer() {
  let resolve: (models: readonly ModelInfo[]) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<readonly ModelInfo[]>((resolveIt, rejectIt) => {
    resolve = resolveIt;
    reject = rejectIt;
  });
  return { promise, resolve, reject };
}

describe('CapabilityList', () => {
  test('has models that were copied in since', async () => {
    const engine = new SlowEngine();
    const list = await CapabilityList.load(engine, settings);
    engine.answerNext(async () => [...scriptedModels, copiedIn]);
    const { models } = await list.refresh();
    assert.equal(models.at(-1)!.name, 'copied-in');
  });

  test('has the size of each checkpoint: what its file says, else what its family was trained at', async () => {
    const file = { kind: 'checkpoint', architecture: 'Stable Diffusion', origin: 'user' } as const;
    const own = { width: 128, height: 192 };
    const engine = new ScriptedEngine(undefined, [
      { ...file, name: 'one', family: 'sd1' },
      { ...file, name: 'two', family: 'sd2' },
      { ...file, name: 'own', family: 'sd2', resolution: own },
      { ...file, name: 'vae', kind: 'vae' },
    ]);
    const { models, defaults } = (await CapabilityList.load(engine, settings)).current();
    assert.deepEqual(
      models.map(({ resolution }) => resolution),
      [{ width: 512, height: 512 }, { width: 768, height: 768 }, own, undefined],
    );
    assert.deepEqual(defaults.strength, { fill: 1, expand: 1, vary: 0.6, pix2pix: 1 });
  });

  test('does not wait for an engine that computes: the list stays as it was until the engine answers', async () => {
    const engine = new SlowEngine();
    const list = await CapabilityList.load(engine, settings);
    const { promise, resolve } = lateAnswer();
    engine.answerNext(() => promise);
    const start = performance.now();
    const { models } = await list.refresh();
    assert.ok(performance.now() - start >= maxModelsWaitMs - 5);
    assert.deepEqual(
      models.map(({ name }) => name),
      scriptedModels.map(({ name }) => name),
    );
    resolve([copiedIn]);
    await promise;
    await new Promise(setImmediate);
    assert.deepEqual(
      list.current().models.map(({ name }) => name),
      ['copied-in'],
    );
  });

  test('who asks for the list has the new one, although the engine takes longer than one who connects is kept', async () => {
    const engine = new SlowEngine();
    const list = await CapabilityList.load(engine, settings);
    const { promise, resolve } = lateAnswer();
    engine.answerNext(() => promise);
    setTimeout(() => resolve([copiedIn]), 2 * maxModelsWaitMs);
    const { models } = await list.refresh(maxAskedModelsWaitMs);
    assert.deepEqual(
      models.map(({ name }) => name),
      ['copied-in'],
    );
  });

  test('an engine that fails at once is reported, one that fails later breaks nothing', async () => {
    const engine = new SlowEngine();
    const list = await CapabilityList.load(engine, settings);
    engine.answerNext(() => Promise.reject(new Error('gone')));
    await assert.rejects(list.refresh(), /gone/);
    const { promise, reject } = lateAnswer();
    engine.answerNext(() => promise);
    await list.refresh();
    reject(new Error('gone'));
    await new Promise(setImmediate);
    assert.equal(list.models.length, scriptedModels.length);
  });
});
