import type { ModelInfo, RefinerSettings } from '../../engine/api.ts';
import { EngineError } from '../../engine/errors.ts';
import type { RefinerField } from '../protocol/messages.ts';
import { familyNames, namedModel } from './named-model.ts';

export type ResolvedRefiner = Required<RefinerField>;

/** As SDXL was published: the refiner for the last fifth of the noise (arXiv 2307.01952, section 2.5). */
export const defaultRefinerRatio = 0.8;

export interface RefinerOptions {
  readonly models: readonly ModelInfo[];
  /** The checkpoint that it goes on after. */
  readonly model: ModelInfo;
}

/** Throws `invalid-option` for a ratio that is none and where either model is no SDXL, and what `namedModel` throws. */
export function resolveRefiner(
  { model: name, ratio = defaultRefinerRatio }: RefinerField,
  { models, model }: RefinerOptions,
): ResolvedRefiner {
  const refiner = namedModel(name, models, { kind: 'checkpoint' });
  requireXl('the checkpoint of a refiner', model, ['sdxl']);
  requireXl('the refiner', refiner, ['sdxl-refiner', 'sdxl']);
  if (ratio > 0 && ratio < 1) return { model: name, ratio };
  throw new EngineError(
    'invalid-option',
    `Expected \`ratio\` of the refiner to be above 0 and below 1, received ${ratio}.`,
  );
}

export function refinerSettings({ model, ratio }: ResolvedRefiner): RefinerSettings {
  return { model: { name: model }, ratio };
}

function requireXl(
  what: string,
  { name, family = 'sd1' }: ModelInfo,
  families: readonly ModelInfo['family'][],
): void {
  if (families.includes(family)) return;
  throw new EngineError(
    'invalid-option',
    `Expected ${what} to be for SDXL, received "${name}", which is for ${familyNames[family]}.`,
    { hint: 'Leave the refiner out, or choose checkpoints of SDXL; `inlay models` says what each is.' },
  );
}
