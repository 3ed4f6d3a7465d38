/** What this server can do: the engine's models and device in the words of the protocol. */
import type { ModelInfo } from '../../engine/api.ts';
import { publicLimits, type ServerLimits } from '../protocol/limits.ts';
import { type Capabilities, imageFormats, type Operation } from '../protocol/messages.ts';
import { defaultModel, promptModel } from './default-models.ts';
import type { EnginePort } from './engine-port.ts';
import { schedulers } from './resolve-diffusion.ts';

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

  /** Asks the engine anew, which finds models that were copied into the folder since. */
  async refresh(): Promise<Capabilities> {
    this.#models = await this.#engine.models();
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
      models: this.#models.map(({ fileBytes: _, ...model }) => model),
      formats: imageFormats,
      limits: publicLimits(this.#limits),
    };
  }
}
