/** What is chosen in a panel besides prompt and model; kept between visits. */
import { effect, type Signal, signal } from '@preact/signals-core';
import type { Margins } from '../picture/geometry.ts';
import type { HostStorage } from '../store/host-storage.ts';
import type { PictureSize } from '../store/picture-size.ts';
import type { PanelOperation } from './editor-host.ts';
import { panelOperations } from './operations.ts';

const storageKey = 'inlay.panel';
export const upscaleFactors = [2, 3, 4] as const;
export const noMargins: Margins = { left: 0, top: 0, right: 0, bottom: 0 };

export interface Choices {
  /** Nothing: the first that the editor has. */
  readonly operation?: PanelOperation | undefined;
  readonly count: number;
  /** Nothing: another one each time. */
  readonly seed?: number | undefined;
  readonly scale: number;
  /** Nothing: the server's default. */
  readonly upscaler?: string | undefined;
  readonly margins: Margins;
  /** Of a new picture; nothing, or one that the model does not propose: its usual one. */
  readonly newSize?: PictureSize | undefined;
  /** Of the last visit of no use: not kept. */
  readonly scopeId?: string | undefined;
}

const usualChoices: Choices = { count: 3, scale: 2, margins: noMargins };

export class PanelFields {
  readonly #storage: HostStorage;
  readonly choices: Signal<Choices> = signal(usualChoices);

  constructor(storage: HostStorage) {
    this.#storage = storage;
  }

  change(change: Partial<Choices>): void {
    this.choices.value = { ...this.choices.peek(), ...change };
  }

  /** Brings back what was chosen at the last visit, then keeps it saved. Returns what ends that. */
  async restore(): Promise<() => void> {
    this.choices.value = parseChoices(await this.#storage.get(storageKey).catch(() => undefined));
    return effect(() => {
      const { scopeId: _, newSize: _size, ...kept } = this.choices.value;
      // Storage that is full or forbidden costs the memory, nothing else.
      this.#storage.set(storageKey, JSON.stringify(kept)).catch(() => {});
    });
  }
}

/** Of what was kept all that is what it should be. */
function parseChoices(text: string | undefined): Choices {
  let kept: Readonly<Record<string, unknown>>;
  try {
    kept = (JSON.parse(text ?? '{}') ?? {}) as Readonly<Record<string, unknown>>;
  } catch {
    return usualChoices;
  }
  const operation = panelOperations.find((name) => name === kept.operation);
  const scale = upscaleFactors.find((factor) => factor === kept.scale);
  return {
    ...usualChoices,
    ...(operation && { operation }),
    ...(isWhole(kept.count) && kept.count > 0 && { count: kept.count }),
    ...(isWhole(kept.seed) && { seed: kept.seed }),
    ...(scale && { scale }),
    ...(typeof kept.upscaler === 'string' && { upscaler: kept.upscaler }),
    margins: parseMargins(kept.margins),
  };
}

function parseMargins(kept: unknown): Margins {
  const sides = (kept ?? {}) as Readonly<Record<string, unknown>>;
  const side = (name: keyof Margins) => (isWhole(sides[name]) ? sides[name] : 0);
  return { left: side('left'), top: side('top'), right: side('right'), bottom: side('bottom') };
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
