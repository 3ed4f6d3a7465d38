/** How scores and times of two engines are compared over many cases. */
import type { DefectScore } from './score.ts';

/** A score below this is as good as the original: ratios of less would be of noise. */
const SCORE_FLOOR = 0.01;

export function scoreRatio(ours: DefectScore, theirs: DefectScore): number {
  return Math.max(ours.total, SCORE_FLOOR) / Math.max(theirs.total, SCORE_FLOOR);
}

/** NaN of nothing. */
export function geometricMean(ratios: readonly number[]): number {
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}
