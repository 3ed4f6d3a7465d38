import { MATCH_PASSES, TARGETS_PER_CHECK } from '../kernels/peel.ts';
import type { LevelLayout } from '../level.ts';
import type { FillCore } from './fill-core.ts';

/** The onion peel of one of a level's fields (kernels/peel.ts), left where it is when cancelled. */
export function peel(
  core: FillCore,
  options: {
    readonly level: LevelLayout;
    readonly index: number;
    readonly key: number;
    readonly cancelled: () => boolean;
  },
): number {
  const { level, index, key, cancelled } = options;
  const field = level.fields[index]!;
  const kernels = core.selectLevel(level, field);
  const layers = kernels.peelBegin(field.work);
  let energy = 0;
  for (let layer = 0; layer < layers; layer++) {
    const size = kernels.peelLayerSize(layer);
    for (let pass = 0; pass < MATCH_PASSES; pass++) {
      for (let from = 0; from < size; from += TARGETS_PER_CHECK) {
        if (cancelled()) return energy;
        kernels.peelMatch(layer, pass, from, Math.min(from + TARGETS_PER_CHECK, size), key);
      }
    }
    energy += kernels.peelVote(layer);
  }
  return energy;
}
