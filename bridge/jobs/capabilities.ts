/** What this server can do: the engine's models and device in the words of the protocol. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ModelInfo } from '../../engine/api.ts';
import { preprocessors } from '../../engine/control/preprocessor-list.ts';
import { publicLimits, type ServerLimits } from '../protocol/limits.ts';
import {
  type Capabilities,
  controlKinds,
  imageFormats,
  type ModelOperation,
  type StyleCapability,
} from '../protocol/messages.ts';
import { defaultModel, promptModel } from './default-models.ts';
import type { EnginePort } from './engine-port.ts';
import { promptHints } from './prompt-hints.ts';
import { diffusionDefaults, resolutionOf, schedulers } from './resolve-diffusion.ts';
import { listStyles, type StyleFolder } from './style-list.ts';

/**
 * How long a client that connects is kept waiting for a new list. An engine that computes hears messages only between two
 * steps of a network, which may be seconds apart.
 */
export const maxModelsWaitMs = 250;
/** The same for one that asks for the list, because models may have been copied in: nothing else waits for the answer. */
export const maxAskedModelsWaitMs = 30_000;

const operations: readonly ModelOperation[] = ['fill', 'remove', 'expand', 'upscale', 'generate', 'vary'];

export interface CapabilityOptions {
  readonly version: string;
  readonly limits: ServerLimits;
  readonly styleFolders?: readonly StyleFolder[];
}

export class CapabilityList {
  readonly #engine: EnginePort;
  readonly #version: string;
  readonly #limits: ServerLimits;
  readonly #styleFolders: readonly StyleFolder[];
  #models: readonly ModelInfo[] = [];
  #styles: readonly StyleCapability[] = [];

  private constructor(engine: EnginePort, { version, limits, styleFolders = [] }: CapabilityOptions) {
    this.#engine = engine;
    this.#version = version;
    this.#limits = limits;
    this.#styleFolders = styleFolders;
  }

  static async load(engine: EnginePort, options: CapabilityOptions): Promise<CapabilityList> {
    const list = new CapabilityList(engine, options);
    [list.#models, list.#styles] = await Promise.all([engine.models(), listStyles(list.#styleFolders)]);
    return list;
  }

  /** The models as of the last `refresh`: a request is resolved against what its client was told. */
  get models(): readonly ModelInfo[] {
    return this.#models;
  }

  /** The styles, as of then too. */
  get styles(): readonly StyleCapability[] {
    return this.#styles;
  }

  /**
   * Asks the engine anew, which finds models that were copied into the folder since. Where it does not answer within `waitMs`
   * the list stays as it was until it does.
   */
  async refresh(waitMs = maxModelsWaitMs): Promise<Capabilities> {
    this.#styles = await listStyles(this.#styleFolders);
    const answered = this.#engine.models().then((models) => {
      this.#models = models;
    });
    // It may fail later, when nobody waits any more: whoever asks next learns what is wrong.
    answered.catch(() => {});
    const timeout = new AbortController();
    try {
      await Promise.race([answered, delay(waitMs, undefined, { signal: timeout.signal })]);
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
      controls: { kinds: controlKinds, preprocessors },
      models: this.#models.map(({ fileBytes: _, ...model }) => {
        const hints = promptHints(model);
        return { ...model, ...(hints !== undefined && { resolution: resolutionOf(model), hints }) };
      }),
      styles: this.#styles,
      formats: imageFormats,
      limits: publicLimits(this.#limits),
    };
  }
}
