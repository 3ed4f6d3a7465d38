import { NO_COPY } from './composite.ts';

/**
 * The nodes of a membrane, in one list a level: the pixels that take part, in raster order, between two empty ones.
 * A node is 64 bytes: four values, the four forces that pull at them, its ties (to the next node on its right, to
 * the one below, to zero, and one over the sum of all five), and whole numbers: the nodes above and below (0 = none),
 * the node of the next coarser level it is part of, and its place `y << 16 | x`.
 */
export const NODE_BYTES = 64;

/** Of a node, in units of four bytes. */
export const NODE = NODE_BYTES / 4;
export const FORCE = 4;
export const RIGHT = 8;
export const BELOW = 9;
export const OWN = 10;
const SHARE = 11;
const LINK_ABOVE = 12;
export const LINK_BELOW = 13;
const PARENT = 14;
const PLACE = 15;

const LANES = 4;

const { fround } = Math;

/**
 * The steps of the solver on lists of nodes at byte offsets. All arithmetic is in single precision, rounded after each
 * operation in the order written here, so that another implementation gives the same bits.
 */
export interface MembraneKernels {
  /**
   * Makes a node of every element of a map of `columns` times `rows` Int32 that is not `NO_COPY`, untied.
   *
   * @param ids `columns` Int32 of scratch. @returns How many there are.
   */
  gatherNodes(map: number, columns: number, rows: number, ids: number, nodes: number): number;
  /** Joins up to four nodes to one of the next level, with the ties between them. @returns How many there are. */
  coarsenNodes(fine: number, count: number, ids: number, coarse: number): number;
  /** Sums up each node's ties. */
  shareNodes(nodes: number, count: number): void;
  /** A part of a sweep (Gauss and Seidel) over the nodes `from` to before `to`. */
  relaxForward(nodes: number, from: number, to: number): void;
  /** The same, from the last to the first. */
  relaxBackward(nodes: number, from: number, to: number): void;
  clearNodes(nodes: number, count: number): void;
  /** Adds what is not balanced yet to the coarser level's forces. */
  restrictNodes(fine: number, from: number, to: number, coarse: number): void;
  /** How far to go along the coarse level's answer, so that the energy falls the most; kept in its empty first node. */
  measureStep(coarse: number, count: number): void;
  /** Goes there. */
  prolongNodes(fine: number, from: number, to: number, coarse: number): void;
}

/** The reference. */
export function scalarMembrane(buffer: SharedArrayBuffer): MembraneKernels {
  const floats = new Float32Array(buffer, 0, buffer.byteLength >> 2);
  const ints = new Int32Array(buffer, 0, buffer.byteLength >> 2);
  const at = (nodes: number, node: number) => (nodes >> 2) + node * NODE;

  function relax(base: number, i: number): void {
    const above = base + ints[i + LINK_ABOVE]! * NODE;
    const below = base + ints[i + LINK_BELOW]! * NODE;
    const toLeft = floats[i - NODE + RIGHT]!;
    const toAbove = floats[above + BELOW]!;
    const toRight = floats[i + RIGHT]!;
    const toBelow = floats[i + BELOW]!;
    const share = floats[i + SHARE]!;
    for (let lane = 0; lane < LANES; lane++) {
      let sum = floats[i + FORCE + lane]!;
      sum = fround(sum + fround(toAbove * floats[above + lane]!));
      sum = fround(sum + fround(toBelow * floats[below + lane]!));
      const right = fround(toRight * floats[i + NODE + lane]!);
      const left = fround(toLeft * floats[i - NODE + lane]!);
      sum = fround(fround(sum + right) + left);
      floats[i + lane] = fround(sum * share);
    }
  }

  function clear(i: number): void {
    for (let n = 0; n < NODE; n++) ints[i + n] = 0;
  }

  return {
    gatherNodes(map, columns, rows, ids, nodes) {
      ints.fill(0, ids >> 2, (ids >> 2) + columns);
      const base = at(nodes, 0);
      clear(base);
      let count = 0;
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++) {
          const id = (ids >> 2) + x;
          if (ints[(map >> 2) + y * columns + x] === NO_COPY) {
            ints[id] = 0;
            continue;
          }
          const i = base + ++count * NODE;
          clear(i);
          const above = ints[id]!;
          ints[i + LINK_ABOVE] = above;
          if (above !== 0) ints[base + above * NODE + LINK_BELOW] = count;
          ints[i + PLACE] = (y << 16) | x;
          ints[id] = count;
        }
      }
      clear(base + (count + 1) * NODE);
      return count;
    },

    coarsenNodes(fine, count, ids, coarse) {
      const from = at(fine, 0);
      const to = at(coarse, 0);
      const place = (node: number) => ints[from + node * NODE + PLACE]!;
      clear(to);
      let made = 0;
      for (let start = 1; start <= count; ) {
        const y = place(start) >> 17;
        let middle = start;
        while (middle <= count && place(middle) >> 16 === 2 * y) middle++;
        let end = middle;
        while (end <= count && place(end) >> 17 === y) end++;
        // Two rows, merged from left to right.
        let upper = start;
        let lower = middle;
        while (upper < middle || lower < end) {
          const upperX = upper < middle ? (place(upper) & 0xffff) >> 1 : 0x10000;
          const lowerX = lower < end ? (place(lower) & 0xffff) >> 1 : 0x10000;
          const x = Math.min(upperX, lowerX);
          const i = to + ++made * NODE;
          clear(i);
          ints[i + PLACE] = (y << 16) | x;
          // What is left there from rows further up, or of a finer level, is recognised by its place.
          const id = (ids >> 2) + x;
          const above = ints[id]!;
          if (above > 0 && above < made && ints[to + above * NODE + PLACE] === (((y - 1) << 16) | x)) {
            ints[i + LINK_ABOVE] = above;
            ints[to + above * NODE + LINK_BELOW] = made;
          }
          ints[id] = made;
          while (upper < middle && (place(upper) & 0xffff) >> 1 === x) join(from + upper++ * NODE, i);
          while (lower < end && (place(lower) & 0xffff) >> 1 === x) join(from + lower++ * NODE, i);
        }
        start = end;
      }
      clear(to + (made + 1) * NODE);
      return made;

      function join(node: number, i: number): void {
        ints[node + PARENT] = made;
        floats[i + OWN]! += floats[node + OWN]!;
        // Inside a pair nothing can differ.
        const where = ints[node + PLACE]!;
        if ((where & 1) !== 0) floats[i + RIGHT]! += floats[node + RIGHT]!;
        if (((where >> 16) & 1) !== 0) floats[i + BELOW]! += floats[node + BELOW]!;
      }
    },

    shareNodes(nodes, count) {
      const base = at(nodes, 0);
      for (let node = 1; node <= count; node++) {
        const i = base + node * NODE;
        let sum = fround(floats[i + OWN]! + floats[i + RIGHT]!);
        sum = fround(sum + floats[i + BELOW]!);
        sum = fround(sum + floats[i - NODE + RIGHT]!);
        sum = fround(sum + floats[base + ints[i + LINK_ABOVE]! * NODE + BELOW]!);
        floats[i + SHARE] = sum > 0 ? fround(1 / sum) : 0;
      }
    },

    relaxForward(nodes, from, to) {
      const base = at(nodes, 0);
      for (let node = from; node < to; node++) relax(base, base + node * NODE);
    },

    relaxBackward(nodes, from, to) {
      const base = at(nodes, 0);
      for (let node = to - 1; node >= from; node--) relax(base, base + node * NODE);
    },

    clearNodes(nodes, count) {
      const base = at(nodes, 1);
      for (let node = 0; node < count; node++)
        floats.fill(0, base + node * NODE, base + node * NODE + 2 * LANES);
    },

    restrictNodes(fine, from, to, coarse) {
      const base = at(fine, 0);
      const parents = at(coarse, 0);
      for (let node = from; node < to; node++) {
        const i = base + node * NODE;
        const above = base + ints[i + LINK_ABOVE]! * NODE;
        const below = base + ints[i + LINK_BELOW]! * NODE;
        const parent = parents + ints[i + PARENT]! * NODE + FORCE;
        for (let lane = 0; lane < LANES; lane++) {
          const value = floats[i + lane]!;
          const tug = (tie: number, other: number) => fround(tie * fround(value - floats[other + lane]!));
          let rest = fround(floats[i + FORCE + lane]! - fround(floats[i + OWN]! * value));
          rest = fround(rest - tug(floats[i - NODE + RIGHT]!, i - NODE));
          rest = fround(rest - tug(floats[i + RIGHT]!, i + NODE));
          rest = fround(rest - tug(floats[above + BELOW]!, above));
          rest = fround(rest - tug(floats[i + BELOW]!, below));
          floats[parent + lane] = fround(floats[parent + lane]! + rest);
        }
      }
    },

    measureStep(coarse, count) {
      const base = at(coarse, 0);
      for (let lane = 0; lane < LANES; lane++) {
        let along = 0;
        let stiffness = 0;
        for (let node = 1; node <= count; node++) {
          const i = base + node * NODE;
          const value = floats[i + lane]!;
          const toRight = fround(value - floats[i + NODE + lane]!);
          const toBelow = fround(value - floats[base + ints[i + LINK_BELOW]! * NODE + lane]!);
          along = fround(along + fround(value * floats[i + FORCE + lane]!));
          let energy = fround(floats[i + OWN]! * fround(value * value));
          energy = fround(energy + fround(floats[i + RIGHT]! * fround(toRight * toRight)));
          energy = fround(energy + fround(floats[i + BELOW]! * fround(toBelow * toBelow)));
          stiffness = fround(stiffness + energy);
        }
        floats[base + FORCE + lane] = stiffness > 0 ? fround(along / stiffness) : 0;
      }
    },

    prolongNodes(fine, from, to, coarse) {
      const base = at(fine, 0);
      const parents = at(coarse, 0);
      for (let node = from; node < to; node++) {
        const i = base + node * NODE;
        const parent = parents + ints[i + PARENT]! * NODE;
        for (let lane = 0; lane < LANES; lane++) {
          const step = fround(floats[parents + FORCE + lane]! * floats[parent + lane]!);
          floats[i + lane] = fround(floats[i + lane]! + step);
        }
      }
    },
  };
}
