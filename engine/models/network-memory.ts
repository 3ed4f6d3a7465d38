/** What a network takes of memory and time, from its stages' footprints and what was measured on top of them. */
import type { GraphStage } from '../onnx/graph-stage.ts';
import type { Sizes } from '../onnx/shape.ts';

/**
 * At its peak loading takes this many times the weights. They are cast from half precision, and for convolutions in blocks
 * laid out anew while the first copies are all there. Measured (docs/models.md): 1.17 of a full-size UNet, and with blocks
 * 1.84 and 1.93 of the halves of its autoencoder, sessions' own memory left out.
 */
const loadPeakRatios = { plain: 1.2, blocked: 2 } as const;
/** What loading a plain network takes beside its weights does not grow with them for ever: 0.97 GiB was measured of SDXL's UNet. */
const maxPlainExcessBytes = 1.25 * 2 ** 30;
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
  const weightBytes = footprints.reduce((sum, footprint) => sum + footprint.weightBytes, 0);
  const isBlocked = stages.some(({ tuning }) => tuning.blockedConvolutions);
  return {
    weightBytes,
    loadBytes:
      sessionBytes +
      (isBlocked
        ? loadPeakRatios.blocked * weightBytes
        : Math.min(loadPeakRatios.plain * weightBytes, weightBytes + maxPlainExcessBytes)),
    workBytes: (sizes) =>
      sessionBytes + workRatio * Math.max(...footprints.map((footprint) => footprint.activationBytes(sizes))),
    multiplyAdds: (sizes) => footprints.reduce((sum, footprint) => sum + footprint.multiplyAdds(sizes), 0),
  };
}
