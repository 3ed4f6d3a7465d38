import { boundsOf, maskBounds } from '../image/bounds.ts';
import type { CanvasLayout } from './fill-memory.ts';
import { viewCanvas } from './fill-memory.ts';
import { type FillPlan, planFill } from './fill-plan.ts';
import { adaptColours } from './kernels/adapt.ts';
import { blendSmooth } from './kernels/blend-smooth.ts';
import { compositeBand, compositeValues } from './kernels/composite.ts';
import { bandEnergy } from './kernels/energy.ts';
import { colourFeatures, downsample, lowBand, textureFeature } from './kernels/features.ts';
import { harmonicFill } from './kernels/harmonic.ts';
import { assignRoles, coarsenHole, distanceToKnown, holeOfMask, type RoleCounts } from './kernels/hole.ts';
import { scalarMembrane } from './kernels/membrane-nodes.ts';
import { growMask } from './kernels/object-mask.ts';
import type { OffsetPrior } from './kernels/offset-prior.ts';
import { onionPeel } from './kernels/peel.ts';
import { finishSeams, scalarSeams } from './kernels/seams.ts';
import { searchPass } from './kernels/search.ts';
import { smoothStart } from './kernels/smooth-start.ts';
import { scatterField, upsampleField } from './kernels/upsample.ts';
import { type VoteMode, voteBand } from './kernels/vote.ts';
import {
  bandAt,
  type FieldLayout,
  type FieldSelection,
  type LevelLayout,
  viewField,
  viewLevel,
} from './level.ts';

/**
 * One step of a fill: a kernel over all its bands. The jobs of a task (bands, or as noted) are independent of each
 * other; the next task begins when all are done.
 */
export type FillTask =
  /** One job: a `FillPlan`. */
  | { readonly kernel: 'plan'; readonly canvas: CanvasLayout }
  /** One job: the canvas's mask grown over its object; whether anything was added. */
  | { readonly kernel: 'object-mask'; readonly canvas: CanvasLayout; readonly reach: number }
  /** One job: roles and distances of all levels; a `RoleCounts` for each. */
  | {
      readonly kernel: 'roles';
      readonly canvas: CanvasLayout;
      readonly levels: readonly LevelLayout[];
    }
  | { readonly kernel: 'colours'; readonly canvas: CanvasLayout; readonly level: LevelLayout }
  | { readonly kernel: 'texture'; readonly level: LevelLayout }
  | { readonly kernel: 'downsample'; readonly fine: LevelLayout; readonly level: LevelLayout }
  | { readonly kernel: 'low-band'; readonly level: LevelLayout }
  /** A job a field: the sum of its costs. */
  | {
      readonly kernel: 'peel';
      readonly level: LevelLayout;
      readonly keys: readonly number[];
      readonly prior: OffsetPrior | undefined;
    }
  /** One job: a smooth surface's samples over the hole go to the field's `work`, the hole's features are its. */
  | {
      readonly kernel: 'smooth-start';
      readonly canvas: CanvasLayout;
      readonly level: LevelLayout;
      readonly field: FieldLayout;
      readonly surface: 'harmonic' | 'biharmonic';
    }
  /** After the composite: mixes the start in where the patches fit badly. */
  | {
      readonly kernel: 'blend-smooth';
      readonly canvas: CanvasLayout;
      readonly level: LevelLayout;
      readonly field: FieldLayout;
    }
  | {
      readonly kernel: 'scatter';
      readonly level: LevelLayout;
      readonly field: FieldLayout;
      readonly key: number;
    }
  | {
      readonly kernel: 'upsample';
      readonly coarse: FieldSelection;
      readonly level: LevelLayout;
      readonly field: FieldLayout;
      readonly key: number;
    }
  /** A number a job: changed targets. */
  | {
      readonly kernel: 'search';
      readonly selection: FieldSelection;
      readonly key: number;
      readonly forward: boolean;
      readonly searchRadius: number;
      readonly prior: OffsetPrior | undefined;
    }
  /** Before every split vote and the composite. */
  | { readonly kernel: 'adapt'; readonly selection: FieldSelection }
  /** A number a job: the sum of absolute changes. */
  | { readonly kernel: 'vote'; readonly selection: FieldSelection; readonly mode: VoteMode }
  /** A number a job: the sum of its targets' costs. */
  | { readonly kernel: 'energy'; readonly selection: FieldSelection }
  | {
      readonly kernel: 'composite';
      readonly selection: FieldSelection;
      readonly canvas: CanvasLayout;
      readonly copies: number;
    }
  /** One job, after the composite: `memory` is where the field and the levels were. */
  | {
      readonly kernel: 'seams';
      readonly level: LevelLayout;
      readonly canvas: CanvasLayout;
      readonly copies: number;
      readonly memory: number;
    }
  /** One job: the whole canvas without patches. */
  | { readonly kernel: 'harmonic-composite'; readonly canvas: CanvasLayout };

export interface JobContext {
  readonly buffer: SharedArrayBuffer;
  readonly cancelled: () => boolean;
}

/** Runs one job of a task on this thread. */
export function runJob(task: FillTask, index: number, { buffer, cancelled }: JobContext): unknown {
  switch (task.kernel) {
    case 'plan':
      return planFill(viewCanvas(buffer, task.canvas).mask, task.canvas) satisfies FillPlan;
    case 'object-mask': {
      const { canvas, reach } = task;
      return growMask({ ...canvas, ...viewCanvas(buffer, canvas) }, { reach, cancelled });
    }
    case 'roles':
      return prepareRoles(task, buffer);
    case 'colours': {
      const { samples, channels } = viewCanvas(buffer, task.canvas);
      const { pixels } = viewField(buffer, task.level, task.level.fields[0]!);
      const { width, height } = task.level;
      return colourFeatures(samples, { channels, width, band: bandAt(index, { top: 0, height }), pixels });
    }
    case 'texture': {
      const level = viewLevel(buffer, task.level);
      const { pixels } = viewField(buffer, task.level, task.level.fields[0]!);
      return textureFeature(pixels, { ...level, band: bandAt(index, { top: 0, height: level.height }) });
    }
    case 'downsample': {
      const fine = viewLevel(buffer, task.fine);
      const coarse = viewLevel(buffer, task.level);
      const band = bandAt(index, { top: 0, height: coarse.height });
      const { pixels } = viewField(buffer, task.fine, task.fine.fields[0]!);
      for (const field of task.level.fields) {
        downsample({ ...fine, pixels }, { ...coarse, ...viewField(buffer, task.level, field), band });
      }
      return;
    }
    case 'low-band': {
      const level = viewLevel(buffer, task.level);
      const { pixels } = viewField(buffer, task.level, task.level.fields[0]!);
      const band = bandAt(index, { top: 0, height: level.height });
      return lowBand(pixels, { ...level, low: level.low!, band });
    }
    case 'peel': {
      const field = viewField(buffer, task.level, task.level.fields[index]!);
      const { keys, prior } = task;
      return onionPeel(viewLevel(buffer, task.level), field, { key: keys[index]!, cancelled, prior });
    }
    case 'smooth-start': {
      const { canvas, level, field, surface } = task;
      return smoothStart(viewLevel(buffer, level), {
        canvas: viewCanvas(buffer, canvas),
        pixels: viewField(buffer, level, field).pixels,
        smooth: viewCanvas(buffer, { ...canvas, samples: field.work }).samples,
        surface,
        cancelled,
      });
    }
    case 'blend-smooth': {
      const { canvas, level, field } = task;
      return blendSmooth(viewLevel(buffer, level), viewField(buffer, level, field), {
        canvas: viewCanvas(buffer, canvas),
        smooth: viewCanvas(buffer, { ...canvas, samples: field.work }).samples,
        band: bandAt(index, level.targets),
      });
    }
    case 'scatter': {
      const band = bandAt(index, task.level.targets);
      const field = viewField(buffer, task.level, task.field);
      return scatterField(viewLevel(buffer, task.level), field, { band, key: task.key });
    }
    case 'upsample': {
      const { coarse, level, field, key } = task;
      return upsampleField(
        { ...viewSelection(buffer, coarse), front: coarse.front },
        {
          level: viewLevel(buffer, level),
          field: viewField(buffer, level, field),
          band: bandAt(index, level.targets),
          key,
        },
      );
    }
    case 'search': {
      const { selection, key, forward, searchRadius, prior } = task;
      const { level, field } = viewSelection(buffer, selection);
      const band = bandAt(index, level.targets);
      return searchPass(level, field, { band, front: selection.front, key, forward, searchRadius, prior });
    }
    case 'adapt': {
      const { level, field } = viewSelection(buffer, task.selection);
      const band = bandAt(index, level.targets);
      return adaptColours(level, field, { band, front: task.selection.front });
    }
    case 'vote': {
      const { selection, mode } = task;
      const { level, field } = viewSelection(buffer, selection);
      return voteBand(level, field, { band: bandAt(index, level.targets), front: selection.front, mode });
    }
    case 'energy': {
      const { level, field } = viewSelection(buffer, task.selection);
      return bandEnergy(level, field, { band: bandAt(index, level.targets) });
    }
    case 'composite': {
      const { level, field } = viewSelection(buffer, task.selection);
      const canvas = viewCanvas(buffer, task.canvas);
      const band = bandAt(index, level.targets);
      const copies = viewCopies(buffer, task.selection.level, task.copies);
      return compositeBand(level, field, { canvas, band, front: task.selection.front, copies });
    }
    case 'seams': {
      const { level, copies, memory } = task;
      const { width, height } = level.targets;
      const seams = scalarSeams(buffer, {
        level: viewLevel(buffer, level),
        canvas: viewCanvas(buffer, task.canvas),
        copies: viewCopies(buffer, level, copies),
      });
      const kernels = { ...scalarMembrane(buffer), ...seams };
      return finishSeams(kernels, { copies, width, height, memory, cancelled });
    }
    case 'harmonic-composite': {
      const canvas = viewCanvas(buffer, task.canvas);
      const { data: hole } = holeOfMask(canvas.mask, {
        ...task.canvas,
        bounds: boundsOf(task.canvas),
      });
      const values = Float32Array.from(canvas.samples);
      harmonicFill({ ...task.canvas, values, hole, cancelled });
      return compositeValues(canvas, values);
    }
  }
}

function viewCopies(buffer: SharedArrayBuffer, { targets }: LevelLayout, offset: number): Int32Array {
  return new Int32Array(buffer, offset, targets.width * targets.height);
}

function viewSelection(buffer: SharedArrayBuffer, { level, field }: FieldSelection) {
  return { level: viewLevel(buffer, level), field: viewField(buffer, level, field) };
}

function prepareRoles(task: Extract<FillTask, { kernel: 'roles' }>, buffer: SharedArrayBuffer): RoleCounts[] {
  const { canvas, levels } = task;
  const counts: RoleCounts[] = [];
  const { mask } = viewCanvas(buffer, canvas);
  // A fill has a mask with something in it.
  const bounds = maskBounds({ width: canvas.width, height: canvas.height, data: mask })!;
  let hole = holeOfMask(mask, { ...canvas, bounds });
  for (const [index, layout] of levels.entries()) {
    if (index > 0) hole = coarsenHole(hole);
    const level = viewLevel(buffer, layout);
    counts.push(assignRoles(hole, level));
    distanceToKnown(hole, level.distance);
  }
  return counts;
}
