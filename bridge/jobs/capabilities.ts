/** What this server can do: the engine's models and device in the words of the protocol. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ModelInfo } from '../../engine/api.ts';
import { publicLimits, type ServerLimits } from '../protocol/limits.ts';
import { type Capabilities, controlKinds, imageFormats, type Operation } from '../protocol/messages.ts';
import { defaultModel, promptModel } from './default-models.ts';
import type { EnginePort } from './engine-port.ts';
import { diffusionDefaults, resolutionOf, schedulers } from './resolve-diffusion.ts';

/**
 * How long a client that connects is kept waiting for a new list. An engine that computes hears messages only between two
 * steps of a network, which may be seconds apart.
 */
export const maxModelsWaitMs = 250;

const operations: readonly Operation[] = ['fill', 'remove', 'expand', 'upscale', 'generate', 'vary'];

export class CapabilityList {
  readonly #engine: EnginePort;
  readonly #version: string;
  readonly #limits: ServerLimits;
  #models: readonly ModelInfo[];

  private constructor(
    engine: EnginePort,
    version: string,
    limits: ServerLimits,
    models: readonly ModelInfo[],
  ) {
    this.#engine = engine;
    this.#version = version;
    this.#limits = limits;
    this.#models = models;
  }

  static async load(
    engine: EnginePort,
    { version, limits }: { readonly version: string; readonly limits: ServerLimits },
  ): Promise<CapabilityList> {
    return new CapabilityList(engine, version, limits, await engine.models());
  }

  /** The models as of the last `refresh`: a request is resolved against what its client was told. */
  get models(): readonly ModelInfo[] {
    return this.#models;
  }

  /**
   * Asks the engine anew, which finds models that were copied into the folder since. Where it does not answer in time the
   * list stays as it was until it does.
   */
  async refresh(): Promise<Capabilities> {
    const answered = this.#engine.models().then((models) => {
      this.#models = models;
    });
    // It may fail later, when nobody waits any more: whoever asks next learns what is wrong.
    answered.catch(() => {});
    const timeout = new AbortController();
    try {
      await Promise.race([answered, delay(maxModelsWaitMs, undefined, { signal: timeout.signal })]);
    } finally {
      timeout.abort();
    }
    return this.current();
  }

  current(): Capabilities {
    const { requested, device, reason } = this.#engine.device;
    return {
      version: this.#version,
      device: { requested, device, reason },
      operations: operations.flatMap((operation) => {
        const model = defaultModel(operation, this.#models);
        if (model === undefined) return [];
        const forPrompts = promptModel(operation, this.#models);
        return [
          {
            operation,
            defaultModel: model.name,
            ...(forPrompts !== undefined && { promptModel: forPrompts.name }),
          },
        ];
      }),
      schedulers,
      defaults: diffusionDefaults,
      controls: { kinds: controlKinds },
      models: this.#models.map(({ fileBytes: _, ...model }) => ({
        ...model,
        ...(model.kind === 'checkpoint' &&
          model.problem === undefined && { resolution: resolutionOf(model) }),
      })),
      formats: imageFormats,
      limits: publicLimits(this.#limits),
    };
  }
}
