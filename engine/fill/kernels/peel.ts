import { boundedHash, deriveKey, keyedHash } from '../../random/keyed-hash.ts';
import { FEATURES, type Field, HOLE, type Level, NO_COST, NO_SOURCE, SOURCE, TARGET } from '../level.ts';
import { type OffsetPrior, offsetCost } from './offset-prior.ts';
import { cutWindow, isSource, maskedPatchCost, type PatchWindow, wholePatchCost } from './patch-cost.ts';
import { createVotes, gatherVotes, weightedMeans } from './vote.ts';

/** Random sources tried for each target: the coarsest level is small, and a wrong start is never mended. */
const RANDOM_PROBES = 60;

/** Passes over the targets of a layer. */
export const MATCH_PASSES = 3;

/** Targets matched between two looks at whether the fill was cancelled: some ten milliseconds. */
export const TARGETS_PER_CHECK = 512;

/** Largest reach of the search around the best of them. */
const REFINE_RADIUS = 8;

/**
 * The start at the coarsest level, an onion peel (Newson et al. 2014, section 3.5): layer by layer from the border
 * inwards, match the patches centred on the layer by what is already seen of them, then vote on the layer's pixels.
 * Targets outside the hole, which see most of their patch, come first. Fills all of the field.
 *
 * @param options `cancelled` is asked often; once true the field is left unfinished.
 * @returns The sum of the targets' costs.
 */
export function onionPeel(
  level: Level,
  field: Field,
  {
    key,
    cancelled,
    prior,
  }: { readonly key: number; readonly cancelled: () => boolean; readonly prior?: OffsetPrior | undefined },
): number {
  const { width, height, roles, distance, targets } = level;
  const { pixels, costs } = field;
  const neighbours = field.neighbours[0];
  neighbours.fill(NO_SOURCE);
  costs.fill(NO_COST);
  const seen = new Uint8Array(width * height);
  const sourceList: number[] = [];
  const layers: number[][] = [];
  for (let i = 0; i < seen.length; i++) {
    const role = roles[i]!;
    if ((role & HOLE) === 0) seen[i] = 1;
    if ((role & SOURCE) !== 0) sourceList.push(i);
    if ((role & TARGET) !== 0) {
      const layer = distance[i]!;
      while (layers.length <= layer) layers.push([]);
      layers[layer]!.push(i);
    }
  }
  const sources = Int32Array.from(sourceList);
  const window: PatchWindow = { top: 0, bottom: 0, left: 0, right: 0 };
  const votes = createVotes();
  let energy = 0;

  const boxIndex = (x: number, y: number) => (y - targets.top) * targets.width + (x - targets.left);

  const match = (target: number, pass: number) => {
    const x = target % width;
    const y = (target - x) / width;
    const i = boxIndex(x, y);
    cutWindow(window, level, { x, y });
    let best = neighbours[i]!;
    let cost = Number.POSITIVE_INFINITY;
    let offset = 0;
    const consider = (sourceX: number, sourceY: number) => {
      if (!isSource(level, window, sourceX, sourceY)) return;
      const source = sourceY * width + sourceX;
      const candidateOffset = prior === undefined ? 0 : offsetCost(level, prior, { x, y, sourceX, sourceY });
      const candidate = maskedPatchCost(level, { pixels, seen, window, target, source }) + candidateOffset;
      if (candidate < cost) {
        cost = candidate;
        offset = candidateOffset;
        best = (sourceY << 16) | sourceX;
      }
    };
    if (best !== NO_SOURCE) consider(best & 0xffff, best >> 16);
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        if (x + dx < targets.left || x + dx >= targets.left + targets.width) continue;
        if (y + dy < targets.top || y + dy >= targets.top + targets.height) continue;
        const neighbour = neighbours[boxIndex(x + dx, y + dy)]!;
        if (neighbour !== NO_SOURCE) consider((neighbour & 0xffff) - dx, (neighbour >> 16) - dy);
      }
    }
    const targetKey = deriveKey(key, pass, y, x);
    let draw = 0;
    if (pass === 0) {
      for (; draw < RANDOM_PROBES; draw++) {
        const source = sources[boundedHash(keyedHash(targetKey, draw), sources.length)]!;
        consider(source % width, Math.floor(source / width));
      }
    }
    for (let reach = REFINE_RADIUS; reach >= 1; reach >>= 1) {
      const dx = boundedHash(keyedHash(targetKey, draw++), 2 * reach + 1) - reach;
      const dy = boundedHash(keyedHash(targetKey, draw++), 2 * reach + 1) - reach;
      consider((best & 0xffff) + dx, (best >> 16) + dy);
    }
    let count = 0;
    for (let dy = window.top; dy <= window.bottom; dy++) {
      for (let dx = window.left; dx <= window.right; dx++) count += seen[target + dy * width + dx]!;
    }
    neighbours[i] = best;
    costs[i] = count === 0 ? 0 : wholePatchCost(cost - offset, count, level);
  };

  for (const [layer, layerTargets] of layers.entries()) {
    for (let pass = 0; pass < MATCH_PASSES; pass++) {
      for (let n = 0; n < layerTargets.length; n++) {
        if (n % TARGETS_PER_CHECK === 0 && cancelled()) return energy;
        // Every other pass scans backwards, so that good offsets travel both ways.
        match(layerTargets[pass % 2 === 0 ? n : layerTargets.length - 1 - n]!, pass);
      }
    }
    for (const target of layerTargets) {
      const x = target % width;
      const y = (target - x) / width;
      energy += costs[boxIndex(x, y)]!;
      if (layer === 0) continue;
      gatherVotes(votes, level, { field, front: 0, x, y });
      weightedMeans(votes, pixels, 1);
      pixels.set(votes.means, target * FEATURES);
    }
    for (const target of layerTargets) seen[target] = 1;
  }
  return energy;
}
