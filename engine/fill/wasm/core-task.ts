import { type FillTask, type JobContext, runJob } from '../fill-task.ts';
import { bandAt } from '../level.ts';
import type { FillCore } from './fill-core.ts';
import { peel } from './peel.ts';

/**
 * Runs one job of a task on the core. What has no case here runs the scalar kernel on the same bytes, with the same
 * result: a kernel whose TypeScript has changed is taken out until its port has followed.
 */
export function runCoreJob(core: FillCore, task: FillTask, index: number, context: JobContext): unknown {
  switch (task.kernel) {
    case 'peel':
      return peel(core, { level: task.level, index, key: task.keys[index]!, cancelled: context.cancelled });
    case 'search': {
      const { top, bottom } = bandAt(index, task.selection.level.targets);
      const { key, forward, searchRadius } = task;
      return core.select(task.selection).searchPass(top, bottom, key, forward, searchRadius);
    }
    case 'adapt': {
      const { top, bottom } = bandAt(index, task.selection.level.targets);
      return core.select(task.selection).adaptColours(top, bottom);
    }
    case 'vote': {
      const { level } = task.selection;
      const { top, bottom } = bandAt(index, level.targets);
      return core.select(task.selection).voteBand(top, bottom, task.mode === 'split' && level.low !== -1);
    }
    case 'composite': {
      const { top, bottom } = bandAt(index, task.selection.level.targets);
      const { samples, mask, channels, bytesPerSample } = task.canvas;
      return core.select(task.selection).compositeBand(top, bottom, samples, mask, channels, bytesPerSample);
    }
    default:
      return runJob(task, index, context);
  }
}
