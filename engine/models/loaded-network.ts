/** A network in one or more stages, ready to run on whole values. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Device } from '../api.ts';
import type { GraphStage } from '../onnx/graph-stage.ts';
import type { IntegerTensor, Tensor } from '../runtime/session.ts';
import type { Disposable } from './loaded-models.ts';
import { disposeStages, isNeededAfter, type LoadedStage, openStages } from './open-stages.ts';

export class LoadedNetwork implements Disposable {
  readonly #stages: readonly LoadedStage[];
  #runs = 0;
  #runMs = 0;

  private constructor(stages: readonly LoadedStage[]) {
    this.#stages = stages;
  }

  /** Opens a session for each stage; whoever loads it disposes it. */
  static async load(
    stages: readonly GraphStage[],
    options: { readonly weightsFolder: string; readonly device: Device },
  ): Promise<LoadedNetwork> {
    return new LoadedNetwork(await openStages(stages, options));
  }

  /** Finished ones, since it was loaded. */
  get runs(): number {
    return this.#runs;
  }

  /** Of all finished runs. */
  get runMs(): number {
    return this.#runMs;
  }

  /** The outputs of the last stage by name. A cancel is heard before each stage. */
  async run(
    inputs: Readonly<Record<string, Tensor | IntegerTensor>>,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, Tensor>>> {
    const begin = performance.now();
    const values: Record<string, Tensor | IntegerTensor> = { ...inputs };
    let results: Readonly<Record<string, Tensor>> = {};
    for (const [index, { session, inputs: names }] of this.#stages.entries()) {
      await nextTurn();
      signal.throwIfAborted();
      results = await session.run(Object.fromEntries(names.map((name) => [name, values[name]!])));
      for (const name of Object.keys(values))
        if (!isNeededAfter(this.#stages, { index, name })) delete values[name];
      Object.assign(values, results);
    }
    this.#runs += 1;
    this.#runMs += performance.now() - begin;
    return results;
  }

  async dispose(): Promise<void> {
    await disposeStages(this.#stages);
  }
}
