import { type FillTask, type JobContext, runJob } from '../fill-task.ts';
import { finishSeams } from '../kernels/seams.ts';
import { bandAt } from '../level.ts';
import type { FillCore } from './fill-core.ts';
import { peel } from './peel.ts';

/**
 * Runs one job of a task on the core. What has no case here runs the scalar kernel on the same bytes, with the same
 * result: a kernel whose TypeScript has changed is taken out until its port has followed.
 */
export function runCoreJob(core: FillCore, task: FillTask, index: number, context: JobContext): unknown {
  switch (task.kernel) {
    case 'colours': {
      const { top, bottom } = bandAt(index, { top: 0, height: task.level.height });
      const { samples, channels, bytesPerSample } = task.canvas;
      return core.selectLevel(task.level).colourFeatures(top, bottom, samples, channels, bytesPerSample);
    }
    case 'texture': {
      const { top, bottom } = bandAt(index, { top: 0, height: task.level.height });
      return core.selectLevel(task.level).textureFeature(top, bottom);
    }
    case 'downsample': {
      const { fine, level } = task;
      const { top, bottom } = bandAt(index, { top: 0, height: level.height });
      const { pixels } = fine.fields[0]!;
      for (const field of level.fields) {
        core.selectLevel(level, field).downsample(top, bottom, pixels, fine.roles, fine.width, fine.height);
      }
      return;
    }
    case 'low-band': {
      const { top, bottom } = bandAt(index, { top: 0, height: task.level.height });
      return core.selectLevel(task.level).lowBand(top, bottom);
    }
    case 'peel':
      // The prior is for coarse levels, where the scalar kernels take no time.
      if (task.prior !== undefined) return runJob(task, index, context);
      return peel(core, { level: task.level, index, key: task.keys[index]!, cancelled: context.cancelled });
    case 'search': {
      if (task.prior !== undefined) return runJob(task, index, context);
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
      const { kernels } = core;
      core.select(task.selection);
      return kernels.compositeBand(top, bottom, samples, mask, channels, bytesPerSample, task.copies);
    }
    case 'seams': {
      const { level, copies, memory, canvas } = task;
      const { width, height } = level.targets;
      const { cancelled } = context;
      const kernels = core.selectLevel(level);
      kernels.setSeams(copies, canvas.samples, canvas.channels, canvas.bytesPerSample);
      return finishSeams(kernels, { copies, width, height, memory, cancelled });
    }
    default:
      return runJob(task, index, context);
  }
}
