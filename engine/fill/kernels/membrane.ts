import { type MembraneKernels, NODE_BYTES } from './membrane-nodes.ts';

/**
 * A membrane over the pixels of a map: the values that balance the pull between neighbours, the pull to zero, and a
 * force, four values a pixel at once. Solved by multigrid on lists of the pixels that take part (membrane-nodes.ts).
 */
export interface Membrane {
  readonly kernels: MembraneKernels;
  /** Finest first. */
  readonly levels: readonly NodeList[];
}

export interface NodeList {
  /** Byte offset of the empty node before the first. */
  readonly nodes: number;
  readonly count: number;
}

/** Sweeps over the coarsest list. */
const COARSEST_SWEEPS = 16;
const COARSEST_COUNT = 4;

/** Nodes between two looks at whether the work is cancelled. */
const NODES_PER_CHECK = 1 << 16;

/** Bytes that `gatherMembrane` needs for up to `count` pixels of a map. */
export function membraneBytes(
  map: { readonly width: number; readonly height: number },
  count: number,
): number {
  let bytes = map.width * 4 + NODE_BYTES;
  let { width, height } = map;
  let nodes = count;
  for (;;) {
    nodes = Math.min(nodes, width * height);
    bytes += (nodes + 2) * NODE_BYTES;
    if (Math.max(width, height) === 1) return bytes;
    width = (width + 1) >> 1;
    height = (height + 1) >> 1;
  }
}

/**
 * Lays out a membrane over the elements of a map of Int32 that are not `NO_COPY`.
 *
 * @param options `memory`: byte offset of `membraneBytes` bytes. `tie` sets the finest nodes' ties and forces.
 */
export function makeMembrane(
  kernels: MembraneKernels,
  options: {
    readonly map: number;
    readonly width: number;
    readonly height: number;
    readonly memory: number;
    readonly tie: (nodes: number) => void;
  },
): Membrane {
  const { map, width, height, memory: ids, tie } = options;
  let nodes = Math.ceil((ids + width * 4) / NODE_BYTES) * NODE_BYTES;
  let count = kernels.gatherNodes(map, width, height, ids, nodes);
  tie(nodes);
  const levels = [{ nodes, count }];
  for (let side = Math.max(width, height); count > COARSEST_COUNT && side > 1; side = (side + 1) >> 1) {
    const coarse = nodes + (count + 2) * NODE_BYTES;
    count = kernels.coarsenNodes(nodes, count, ids, coarse);
    nodes = coarse;
    levels.push({ nodes, count });
  }
  for (const level of levels) kernels.shareNodes(level.nodes, level.count);
  return { kernels, levels };
}

/** Finds the finest values, from what is in them, as far as `cycles` cycles lead; less far when cancelled. */
export function solveMembrane(
  membrane: Membrane,
  { cycles, cancelled }: { readonly cycles: number; readonly cancelled: () => boolean },
): void {
  for (let cycle = 0; cycle < cycles && !cancelled(); cycle++) descend(membrane, { index: 0, cancelled });
}

interface Descent {
  readonly index: number;
  readonly cancelled: () => boolean;
}

function descend(membrane: Membrane, { index, cancelled }: Descent): void {
  const { kernels, levels } = membrane;
  const { nodes, count } = levels[index]!;
  const coarse = levels[index + 1];
  const inParts = (work: (from: number, to: number) => void) => {
    for (let from = 1; from <= count && !cancelled(); from += NODES_PER_CHECK) {
      work(from, Math.min(from + NODES_PER_CHECK, count + 1));
    }
  };
  const relax = () => {
    inParts((from, to) => kernels.relaxForward(nodes, from, to));
    inParts((from, to) => kernels.relaxBackward(nodes, count + 2 - to, count + 2 - from));
  };
  if (coarse === undefined) {
    for (let sweep = 0; sweep < COARSEST_SWEEPS; sweep += 2) relax();
    return;
  }
  relax();
  kernels.clearNodes(coarse.nodes, coarse.count);
  inParts((from, to) => kernels.restrictNodes(nodes, from, to, coarse.nodes));
  descend(membrane, { index: index + 1, cancelled });
  kernels.measureStep(coarse.nodes, coarse.count);
  inParts((from, to) => kernels.prolongNodes(nodes, from, to, coarse.nodes));
  relax();
}
