import type { EngineTask } from '../api.ts';
import type { PipelineContext } from './context.ts';
import { runExpand } from './expand.ts';
import { runFill } from './fill.ts';
import { runGenerate } from './generate.ts';
import { runPromptExpand } from './prompt-expand.ts';
import { runPromptFill } from './prompt-fill.ts';
import { runRemove } from './remove.ts';
import { runUpscale } from './upscale.ts';
import { runVary } from './vary.ts';

/** Runs one task to its end. Results are reported as they are finished; resolves when there are no more. */
export function runTask(task: EngineTask, context: PipelineContext): Promise<void> {
  // While the source is decoded.
  if (usesFillThreads(task)) context.fillThreads.start();
  switch (task.operation) {
    case 'fill':
      return task.diffusion === undefined
        ? runFill(task, context)
        : runPromptFill({ ...task, diffusion: task.diffusion }, context);
    case 'remove':
      return runRemove(task, context);
    case 'expand':
      return task.diffusion === undefined
        ? runExpand(task, context)
        : runPromptExpand({ ...task, diffusion: task.diffusion }, context);
    case 'upscale':
      return runUpscale(task, context);
    case 'generate':
      return runGenerate(task, context);
    case 'vary':
      return runVary(task, context);
  }
}

function usesFillThreads(task: EngineTask): boolean {
  return task.operation !== 'upscale' && !('diffusion' in task);
}
