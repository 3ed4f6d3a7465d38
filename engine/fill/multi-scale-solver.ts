import type { Bounds } from '../image/bounds.ts';
import type { Picture } from '../image/picture.ts';
import { deriveKey } from '../random/keyed-hash.ts';
import type { FillMemory } from './fill-memory.ts';
import { type FillPlan, type LevelSchedule, scheduleLevel } from './fill-plan.ts';
import type { FillStep } from './fill-step.ts';
import type { FillTask } from './fill-task.ts';
import type { FillThreads } from './fill-threads.ts';
import type { RoleCounts } from './kernels/hole.ts';
import type { OffsetPrior } from './kernels/offset-prior.ts';
import { bandCount, type FieldLayout, type FieldSelection, type LevelLayout } from './level.ts';
import { previewLevel } from './preview-level.ts';

/** A level is done early when fewer targets than this share change, or the hole's mean change in grey levels. */
const MIN_CHANGED_SHARE = 0.01;
const MIN_MEAN_CHANGE = 0.3;

/** Where the prior has had its effect. */
const PRIORLESS_LEVELS = 2;

/** What the random keys of a fill's parts differ in. */
const KEYS = { peel: 1, search: 2, upsample: 3 } as const;

export interface SolverOptions {
  readonly plan: FillPlan;
  readonly seed: number;
  /** Steps to leave out, for the benchmark's ablation. */
  readonly without: ReadonlySet<FillStep>;
  readonly threads: FillThreads;
  /** In the working area. */
  readonly holeBounds: Bounds;
  /** In the working area, for a picture that grows: where it was before. */
  readonly grownFrom: Bounds | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((step: number, steps: number) => void) | undefined;
  readonly onPreview: ((fill: Picture) => void) | undefined;
}

/**
 * The multi-scale loop (Wexler et al. 2007; Newson et al. 2014): from the coarsest level to the finest, match (E) and
 * vote (M) by turns. Only awaits: all pixels are touched on the threads, a barrier after every task.
 */
export class MultiScaleSolver {
  readonly #memory: FillMemory;
  readonly #options: SolverOptions;
  readonly #schedules: readonly LevelSchedule[];
  readonly #steps: number;
  #counts: readonly RoleCounts[] = [];
  #step = 0;

  constructor(memory: FillMemory, options: SolverOptions) {
    this.#memory = memory;
    this.#options = options;
    this.#schedules = memory.levels.map((_, index) => scheduleLevel(options.plan, index));
    // Preparation, the start, every round, the composite.
    this.#steps = this.#schedules.reduce((sum, { rounds }) => sum + rounds, 3);
  }

  /**
   * Leaves the filled samples in the memory's canvas.
   *
   * @returns The energy of the finest level: the mean cost of a target, or 0 where there are no patches.
   */
  async solve(): Promise<number> {
    const { canvas, copies, levels, membrane } = this.#memory;
    if (this.#options.plan.method === 'harmonic') {
      await this.#run({ kernel: 'harmonic-composite', canvas }, 1);
      this.#advance(this.#steps);
      return 0;
    }
    await this.#prepare();
    this.#advance(1);
    let selection = await this.#start();
    for (let index = levels.length - 1; index >= 0; index--) {
      if (index < levels.length - 1) selection = await this.#upsample(selection, index);
      selection = await this.#refine(selection, index);
      this.#preview(selection, index);
    }
    const bands = bandCount(levels[0]!.targets.height);
    const energy = sum(await this.#run({ kernel: 'energy', selection }, bands));
    await this.#run({ kernel: 'adapt', selection }, bands);
    await this.#run({ kernel: 'composite', selection, canvas, copies }, bands);
    const { level, field } = selection;
    const { plan, without } = this.#options;
    if (plan.method === 'thin') {
      // What passes through a thin hole unbroken has no seams; the finish would take the mix apart again.
      if (!without.has('thin-blend')) {
        await this.#run({ kernel: 'blend-smooth', canvas, level, field }, bands);
      }
    } else if (!without.has('seam-finish')) {
      await this.#run({ kernel: 'seams', level, canvas, copies, memory: membrane }, 1);
    }
    this.#advance(this.#steps);
    return energy / this.#counts[0]!.targets;
  }

  async #prepare(): Promise<void> {
    const { canvas, levels } = this.#memory;
    const [counts] = await this.#run({ kernel: 'roles', canvas, levels }, 1);
    this.#counts = counts as RoleCounts[];
    const [finest] = levels;
    await this.#run({ kernel: 'colours', canvas, level: finest! }, bandCount(finest!.height));
    await this.#run({ kernel: 'texture', level: finest! }, bandCount(finest!.height));
    for (const [index, level] of levels.entries()) {
      const bands = bandCount(level.height);
      if (index > 0) await this.#run({ kernel: 'downsample', fine: levels[index - 1]!, level }, bands);
      if (level.low !== -1) await this.#run({ kernel: 'low-band', level }, bands);
    }
  }

  /** A first estimate at the coarsest level: the best of several onion peels, or for thin holes a harmonic one. */
  async #start(): Promise<FieldSelection> {
    const { levels } = this.#memory;
    const { plan, seed } = this.#options;
    const level = levels[levels.length - 1]!;
    const [field] = level.fields;
    if (plan.method === 'thin') {
      const surface = this.#options.without.has('thin-plate') ? 'harmonic' : 'biharmonic';
      const { canvas } = this.#memory;
      await this.#run({ kernel: 'smooth-start', canvas, level, field: field!, surface }, 1);
      const key = deriveKey(seed, KEYS.upsample, 0);
      await this.#run({ kernel: 'scatter', level, field: field!, key }, bandCount(level.targets.height));
      return { level, field: field!, front: 0 };
    }
    const prior = this.#offsetPrior(levels.length - 1);
    const keys = level.fields.map((_, trial) => deriveKey(seed, KEYS.peel, trial));
    const energies = (await this.#run({ kernel: 'peel', level, keys, prior }, keys.length)) as number[];
    const best = energies.indexOf(Math.min(...energies));
    this.#advance(this.#step + 1);
    return { level, field: level.fields[best]!, front: 0 };
  }

  async #upsample(coarse: FieldSelection, index: number): Promise<FieldSelection> {
    const level = this.#memory.levels[index]!;
    const field: FieldLayout = level.fields[0]!;
    const key = deriveKey(this.#options.seed, KEYS.upsample, index);
    const bands = bandCount(level.targets.height);
    await this.#run({ kernel: 'upsample', coarse, level, field, key }, bands);
    const selection: FieldSelection = { level, field, front: 0 };
    await this.#vote(selection, index);
    return selection;
  }

  /** Sets the hole's pixels from its neighbours; the sum of the absolute changes. */
  async #vote(selection: FieldSelection, index: number): Promise<number> {
    const { vote: mode } = this.#schedules[index]!;
    const bands = bandCount(selection.level.targets.height);
    if (mode === 'split') await this.#run({ kernel: 'adapt', selection }, bands);
    return sum(await this.#run({ kernel: 'vote', selection, mode }, bands));
  }

  /** The two finest levels only polish, and have none. */
  #offsetPrior(index: number): OffsetPrior | undefined {
    const { grownFrom, without } = this.#options;
    if (grownFrom === undefined || index < PRIORLESS_LEVELS || without.has('offset-prior')) return undefined;
    const { left, top, width, height } = grownFrom;
    return {
      known: { left: left >> index, top: top >> index, width: width >> index, height: height >> index },
    };
  }

  /** The rounds of one level. */
  async #refine(start: FieldSelection, index: number): Promise<FieldSelection> {
    const { level, field } = start;
    const { rounds, passes, searchRadius } = this.#schedules[index]!;
    const bands = bandCount(level.targets.height);
    const { hole, targets } = this.#counts[index]!;
    const stepAfter = this.#step + rounds;
    const prior = this.#offsetPrior(index);
    let { front } = start;
    for (let round = 0; round < rounds; round++) {
      let changed = 0;
      for (let pass = 0; pass < passes; pass++) {
        const selection: FieldSelection = { level, field, front };
        const key = deriveKey(this.#options.seed, KEYS.search, index, round, pass);
        const forward = pass % 2 === 0;
        changed += sum(
          await this.#run({ kernel: 'search', selection, key, forward, searchRadius, prior }, bands),
        );
        front = front === 0 ? 1 : 0;
      }
      // The finest level's last vote is the composite; the others' would change nothing, as the next level takes
      // neighbours and costs alone.
      if (round === rounds - 1) break;
      const selection: FieldSelection = { level, field, front };
      const change = await this.#vote(selection, index);
      this.#advance(this.#step + 1);
      if (changed < MIN_CHANGED_SHARE * targets || change < 3 * MIN_MEAN_CHANGE * hole) break;
    }
    this.#advance(stepAfter);
    return { level, field, front };
  }

  #preview({ level, field }: { level: LevelLayout; field: FieldLayout }, index: number): void {
    const { onPreview, holeBounds } = this.#options;
    if (onPreview === undefined || index === 0) return;
    onPreview(previewLevel(this.#memory, { level, field, index, bounds: holeBounds }));
  }

  async #run(task: FillTask, jobs: number): Promise<unknown[]> {
    const { threads, signal } = this.#options;
    return threads.run(task, { jobs, memory: this.#memory.shared, signal });
  }

  #advance(step: number): void {
    if (step <= this.#step) return;
    this.#step = step;
    this.#options.onProgress?.(step, this.#steps);
  }
}

function sum(values: readonly unknown[]): number {
  return (values as readonly number[]).reduce((total, value) => total + value, 0);
}
