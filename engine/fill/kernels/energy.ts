import { type Band, type Field, type Level, TARGET } from '../level.ts';

/** The sum of a band's costs, each that of a whole patch: what matching and voting make small (Wexler et al. 2007). */
export function bandEnergy(level: Level, { costs }: Field, { band }: { readonly band: Band }): number {
  const { width, roles, targets } = level;
  let energy = 0;
  for (let y = band.top; y < band.bottom; y++) {
    const row = y * width + targets.left;
    const costRow = (y - targets.top) * targets.width;
    for (let x = 0; x < targets.width; x++) {
      if ((roles[row + x]! & TARGET) !== 0) energy += costs[costRow + x]!;
    }
  }
  return energy;
}
