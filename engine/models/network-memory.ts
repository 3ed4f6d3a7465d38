/** What a network takes of memory and time, from its stages' footprints and what was measured on top of them. */
import type { GraphStage } from '../onnx/graph-stage.ts';
import type { Sizes } from '../onnx/shape.ts';

/**
 * At its peak loading takes this many times the weights: they are cast from half precision, and laid out anew for the
 * kernels while the first copy is still there. Measured (docs/benchmarks.md) of a full-size UNet in float16: 1.69 with
 * kernels in blocks, 1.13 without.
 */
const loadPeakRatios = { blocked: 1.7, plain: 1.2 } as const;
/** A session's own memory, its graph and its threads among it. */
const sessionBytes = 64 * 2 ** 20;
/** What a run takes beside its values: kernels lay images out anew, and its inputs and outputs are in Node's memory once more. */
const workRatio = 1.2;

export interface NetworkMemory {
  /** Held while the network is loaded. */
  readonly weightBytes: number;
  /** Most that is held while it is being loaded. */
  readonly loadBytes: number;
  /** Held by a run besides. */
  workBytes(sizes: Sizes): number;
  multiplyAdds(sizes: Sizes): number;
}

export function networkMemory(stages: readonly Pick<GraphStage, 'footprint' | 'tuning'>[]): NetworkMemory {
  const footprints = stages.map(({ footprint }) => footprint);
  const isBlocked = stages.some(({ tuning }) => tuning.blockedConvolutions);
  const weightBytes = footprints.reduce((sum, footprint) => sum + footprint.weightBytes, 0);
  return {
    weightBytes,
    loadBytes: loadPeakRatios[isBlocked ? 'blocked' : 'plain'] * weightBytes + sessionBytes,
    workBytes: (sizes) =>
      sessionBytes + workRatio * Math.max(...footprints.map((footprint) => footprint.activationBytes(sizes))),
    multiplyAdds: (sizes) => footprints.reduce((sum, footprint) => sum + footprint.multiplyAdds(sizes), 0),
  };
}
