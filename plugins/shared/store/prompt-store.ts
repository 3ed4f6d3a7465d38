/** The prompt and the settings of models that draw from words, and the prompts of before; kept between visits. */

import { effect, type ReadonlySignal, type Signal, signal } from '@preact/signals-core';
import { generateSideMultiple } from '../../../bridge/protocol/limits.ts';
import {
  contextChoices,
  highResolutionChoices,
  predictionTypes,
  randomGenerators,
  workingSizes,
} from '../../../bridge/protocol/messages.ts';
import { isControl } from './controls.ts';
import { type DiffusionSettings, noSettings } from './diffusion-settings.ts';
import { isExtraNetwork } from './extra-networks.ts';
import type { HostStorage } from './host-storage.ts';
import { isRefiner } from './refiners.ts';

const settingsKey = 'inlay.diffusion-settings';
const historyKey = 'inlay.prompts';
/** Older ones are forgotten. */
export const maxKeptPrompts = 50;

export type SettingsChange = {
  readonly [Name in keyof DiffusionSettings]?: DiffusionSettings[Name] | undefined;
};

export class PromptStore {
  readonly #storage: HostStorage;
  readonly #history = signal<readonly string[]>([]);
  readonly settings: Signal<DiffusionSettings> = signal(noSettings);
  /** The newest first, each once. */
  readonly history: ReadonlySignal<readonly string[]> = this.#history;
  /** How far back the field has gone, 0 being the newest prompt; nothing: it shows what is being written. */
  #recalled: number | undefined;
  #draft = '';

  constructor(storage: HostStorage) {
    this.#storage = storage;
  }

  /** Brings back what was there at the last visit, then keeps it saved. Returns what ends that. */
  async restore(): Promise<() => void> {
    const [settings, history] = await Promise.all([this.#kept(settingsKey), this.#kept(historyKey)]);
    this.settings.value = parseSettings(settings);
    if (Array.isArray(history)) {
      this.#history.value = history.filter(isString).slice(0, maxKeptPrompts);
    }
    const keep = (key: string, value: unknown) => {
      // Storage that is full or forbidden costs the memory, nothing else.
      this.#storage.set(key, JSON.stringify(value)).catch(() => {});
    };
    const stops = [
      effect(() => keep(settingsKey, this.settings.value)),
      effect(() => keep(historyKey, this.#history.value)),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** Undefined takes a choice back: the model's own is used again. */
  change(change: SettingsChange): void {
    if (change.prompt !== undefined) this.#recalled = undefined;
    const entries = Object.entries({ ...this.settings.peek(), ...change });
    this.settings.value = parseSettings(Object.fromEntries(entries));
  }

  /** The prompt has been run: it goes to the front of the history. */
  remember(prompt: string): void {
    const line = prompt.trim();
    this.#recalled = undefined;
    if (line === '') return;
    this.#history.value = [line, ...this.#history.peek().filter((kept) => kept !== line)].slice(
      0,
      maxKeptPrompts,
    );
  }

  /** Puts the prompt before the one that is shown (+1), or the one after it (-1), into the field. False: there is none. */
  recall(by: 1 | -1): boolean {
    const history = this.#history.peek();
    const { prompt } = this.settings.peek();
    const from = this.#recalled ?? -1;
    let to = from + by;
    // The prompt that was run last is still in the field.
    if (from === -1 && by === 1 && history[0] === prompt.trim()) to += 1;
    if (to < -1 || to >= history.length) return false;
    if (from === -1) this.#draft = prompt;
    this.change({ prompt: to === -1 ? this.#draft : history[to]! });
    this.#recalled = to === -1 ? undefined : to;
    return true;
  }

  async #kept(key: string): Promise<unknown> {
    try {
      return JSON.parse((await this.#storage.get(key)) ?? 'null');
    } catch {
      // Damaged or forbidden storage is as good as none.
      return undefined;
    }
  }
}

type Optional = Exclude<keyof DiffusionSettings, 'prompt' | 'negativePrompt'>;

/** What each of them may be. */
const checks: { readonly [Name in Optional]-?: (value: unknown) => boolean } = {
  model: isString,
  vae: isString,
  upscaler: isString,
  scheduler: isString,
  numInferenceSteps: isCount,
  timesteps: isListOf(isCount),
  guidanceScale: isCount,
  guidanceRescale: isCount,
  imageGuidanceScale: isCount,
  rng: isOneOf(randomGenerators),
  clipSkip: isCount,
  predictionType: isOneOf(predictionTypes),
  context: isOneOf(contextChoices),
  workingSize: (value) => isOneOf(workingSizes)(value) || isSize(value),
  highResolution: isOneOf(highResolutionChoices),
  highResolutionStrength: isStrength,
  fillStrength: isStrength,
  varyStrength: isStrength,
  style: isString,
  controls: isListOf(isControl),
  loras: isListOf(isExtraNetwork),
  hypernetworks: isListOf(isExtraNetwork),
  refiner: isRefiner,
};

/** Of what may be settings, all that is what it should be. */
function parseSettings(kept: unknown): DiffusionSettings {
  const fields = (kept ?? {}) as Readonly<Record<string, unknown>>;
  const { prompt, negativePrompt } = fields;
  const valid = Object.entries(checks).filter(([name, isValid]) => isValid(fields[name]));
  return {
    prompt: isString(prompt) ? prompt : '',
    negativePrompt: isString(negativePrompt) ? negativePrompt : '',
    ...Object.fromEntries(valid.map(([name]) => [name, fields[name]])),
  };
}

function isListOf(isItem: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => Array.isArray(value) && value.every(isItem);
}

function isOneOf(choices: readonly string[]): (value: unknown) => boolean {
  return (value) => isString(value) && choices.includes(value);
}

function isSize(value: unknown): boolean {
  const { width, height } = (value ?? {}) as Partial<Record<string, unknown>>;
  return [width, height].every((side) => isCount(side) && side % generateSideMultiple === 0);
}

function isStrength(value: unknown): boolean {
  return isCount(value) && value > 0 && value <= 1;
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
