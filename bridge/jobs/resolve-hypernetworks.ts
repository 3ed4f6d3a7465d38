/** The hypernetworks of a request, made complete and held to the limits. */
import type { HypernetworkSettings } from '../../engine/api.ts';
import { EngineError } from '../../engine/errors.ts';
import { hypernetworkStrengthRange, maxHypernetworks } from '../protocol/limits.ts';
import type { HypernetworkField } from '../protocol/messages.ts';
import { checkFamily, namedModel } from './named-model.ts';
import type { LoraOptions } from './resolve-loras.ts';

export type ResolvedHypernetwork = Required<HypernetworkField>;

/** Throws `invalid-option` for what is beyond a limit or of another family, and what `namedModel` throws. */
export function resolveHypernetworks(
  hypernetworks: readonly HypernetworkField[],
  { models, model: checkpoint }: Pick<LoraOptions, 'models' | 'model'>,
): readonly ResolvedHypernetwork[] {
  if (hypernetworks.length > maxHypernetworks) {
    throw new EngineError(
      'invalid-option',
      `Expected ${maxHypernetworks} hypernetworks at most, received ${hypernetworks.length}.`,
    );
  }
  const { min, max } = hypernetworkStrengthRange;
  return hypernetworks.map(({ model, strength = 1 }) => {
    checkFamily('the hypernetwork', namedModel(model, models, { kind: 'hypernetwork' }), checkpoint);
    if (strength >= min && strength <= max) return { model, strength };
    throw new EngineError(
      'invalid-option',
      `Expected \`strength\` of the hypernetwork "${model}" to be ${min}..${max}, received ${strength}.`,
    );
  });
}

export function hypernetworkSettings({ model, strength }: ResolvedHypernetwork): HypernetworkSettings {
  return { model: { name: model }, strength };
}
