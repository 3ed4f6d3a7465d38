/** What a job's adaptations do to one network of a checkpoint, as the numbers that its graph is fed. */
import {
  type AdaptedForm,
  type AdaptedReach,
  type AdaptedWeight,
  adaptedInputs,
} from '../graphs/adapted-weights.ts';
import type { LoraTarget } from '../graphs/lora-targets.ts';
import type { Tensor } from '../runtime/session.ts';
import { denseOf, isFactors, type LoraChange } from '../weights/lora-change.ts';
import type { Matrix } from '../weights/matrix.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import { readFloat32 } from '../weights/tensor-values.ts';
import { decomposed } from '../weights/weight-decomposition.ts';

/** One module's change where it belongs, at the strength that is asked for. */
export interface PlacedChange {
  readonly target: LoraTarget;
  readonly change: LoraChange;
  readonly strength: number;
}

/**
 * The most that factors have for their rank: beyond it their way through a step costs more than the whole matrices.
 */
export const maxFactorRank = 256;

/** A whole kernel of the largest convolution takes 236 MB. */
const maxWeightBytes = 512 * 1024 * 1024;

export class NetworkAdaptation {
  readonly form: AdaptedForm;
  readonly reach: AdaptedReach;
  /** Of the factors; 1 of whole matrices. */
  readonly rank: number;
  readonly #checkpoint: Checkpoint;
  readonly #changes: ReadonlyMap<string, readonly PlacedChange[]>;
  #fed: { readonly weights: readonly AdaptedWeight[]; readonly feeds: Promise<Feeds> } | undefined;

  constructor(checkpoint: Checkpoint, changes: readonly PlacedChange[]) {
    this.#checkpoint = checkpoint;
    this.#changes = byWeight(changes);
    this.reach = changes.some(({ target }) => target.isConvolution) ? 'all' : 'linear';
    const ranks = [...this.#changes.values()].map((of) =>
      of.reduce((sum, { change }) => sum + rankOf(change), 0),
    );
    const rank = Math.max(1, ...ranks);
    this.form = rank <= maxFactorRank ? 'low-rank' : 'dense';
    this.rank = this.form === 'low-rank' ? rank : 1;
  }

  /** What the graph's inputs are for those weights. */
  feeds(weights: readonly AdaptedWeight[]): Promise<Feeds> {
    if (this.#fed?.weights !== weights) {
      const feeds = this.form === 'low-rank' ? this.#factors(weights) : this.#matrices(weights);
      this.#fed = { weights, feeds };
    }
    return this.#fed.feeds;
  }

  async #factors(weights: readonly AdaptedWeight[]): Promise<Feeds> {
    const { rank } = this;
    const feeds: Record<string, Tensor> = {};
    for (const weight of weights) {
      const { rows, columns } = weight;
      const up = new Float32Array(rows * rank);
      const down = new Float32Array(rank * columns);
      let first = 0;
      for (const { change, strength, offset } of this.#changesOf(weight)) {
        const { added } = change;
        if (!isFactors(added)) throw new Error('Expected factors, received a whole matrix');
        const own = added.down.rows;
        for (let row = 0; row < rows; row++) {
          for (let k = 0; k < own; k++) {
            up[row * rank + first + k] = strength * added.up.data[(offset + row) * own + k]!;
          }
        }
        down.set(added.down.data, first * columns);
        first += own;
      }
      const names = adaptedInputs(weight);
      feeds[names.up] = { shape: [rows, rank], data: up };
      feeds[names.down] = { shape: [rank, columns], data: down };
    }
    return feeds;
  }

  async #matrices(weights: readonly AdaptedWeight[]): Promise<Feeds> {
    const feeds: Record<string, Tensor> = {};
    const zeros = new Float32Array(Math.max(0, ...weights.map(({ rows, columns }) => rows * columns)));
    const products = new Map<LoraChange, Promise<Matrix>>();
    for (const weight of weights) {
      const { rows, columns } = weight;
      const changes = this.#changesOf(weight);
      // What is not changed shares its zeros.
      const data =
        changes.length === 0 ? zeros.subarray(0, rows * columns) : new Float32Array(rows * columns);
      for (const { target, change, strength, offset } of changes) {
        // A weight that the graph has in two parts is multiplied out once.
        const whole = products.get(change) ?? this.#wholeChange(target, change);
        products.set(change, whole);
        const from = (await whole).data.subarray(offset * columns);
        for (let index = 0; index < data.length; index++) data[index]! += strength * from[index]!;
      }
      feeds[adaptedInputs(weight).delta] = { shape: [rows, columns], data };
    }
    return feeds;
  }

  async #wholeChange(target: LoraTarget, change: LoraChange): Promise<Matrix> {
    const added = denseOf(change.added);
    if (change.magnitude === undefined) return added;
    const { key, part = { index: 0, of: 1 } } = target;
    const stored = await readFloat32(this.#checkpoint, key, { maxBytes: maxWeightBytes });
    const length = stored.length / part.of;
    const weight = stored.subarray(part.index * length, (part.index + 1) * length);
    return decomposed(added, { ...change, magnitude: change.magnitude, weight });
  }

  /** Those of a weight of the graph, and at which of their rows it begins. */
  #changesOf({ key, part, rows }: AdaptedWeight): readonly (PlacedChange & { readonly offset: number })[] {
    return (this.#changes.get(key) ?? []).flatMap((placed) => {
      const own = placed.target.part;
      if (own === undefined) return [{ ...placed, offset: (part?.index ?? 0) * rows }];
      return own.index === part?.index ? [{ ...placed, offset: 0 }] : [];
    });
  }
}

export type Feeds = Readonly<Record<string, Tensor>>;

/** Infinite where there are no factors. */
function rankOf({ added, magnitude }: LoraChange): number {
  return isFactors(added) && magnitude === undefined ? added.down.rows : Number.POSITIVE_INFINITY;
}

function byWeight(changes: readonly PlacedChange[]): ReadonlyMap<string, readonly PlacedChange[]> {
  const sorted = new Map<string, PlacedChange[]>();
  for (const change of changes) {
    const { key } = change.target;
    sorted.set(key, [...(sorted.get(key) ?? []), change]);
  }
  return sorted;
}
