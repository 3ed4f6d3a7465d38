/** The hypernetworks of a request, made complete and held to the limits. */
import type { HypernetworkSettings } from '../../engine/api.ts';
import { hypernetworkStrengthRange, maxHypernetworks } from '../protocol/limits.ts';
import type { HypernetworkField } from '../protocol/messages.ts';
import { checkCount, checkRange } from './check-numbers.ts';
import { checkFamily, namedModel } from './named-model.ts';
import type { LoraOptions } from './resolve-loras.ts';

export type ResolvedHypernetwork = Required<HypernetworkField>;

/** Throws `invalid-option` for what is beyond a limit or of another family, and what `namedModel` throws. */
export function resolveHypernetworks(
  hypernetworks: readonly HypernetworkField[],
  { models, model: checkpoint }: Pick<LoraOptions, 'models' | 'model'>,
): readonly ResolvedHypernetwork[] {
  checkCount('hypernetworks', hypernetworks.length, maxHypernetworks);
  return hypernetworks.map(({ model, strength = 1 }) => {
    checkFamily('the hypernetwork', namedModel(model, models, { kind: 'hypernetwork' }), checkpoint);
    checkRange('strength', strength, { ...hypernetworkStrengthRange, of: `the hypernetwork "${model}"` });
    return { model, strength };
  });
}

export function hypernetworkSettings({ model, strength }: ResolvedHypernetwork): HypernetworkSettings {
  return { model: { name: model }, strength };
}
