import type { EngineTask } from '../api.ts';
import type { PipelineContext } from './context.ts';
import { runExpand } from './expand.ts';
import { runFill } from './fill.ts';
import { runGenerate } from './generate.ts';
import { runControlMap } from './map-picture.ts';
import { tasksOfChoices } from './prompt-choices.ts';
import { runPromptExpand } from './prompt-expand.ts';
import { runPromptFill } from './prompt-fill.ts';
import { runRemove } from './remove.ts';
import { runUpscale } from './upscale.ts';
import { runVary } from './vary.ts';

/**
 * Runs one task to its end, its pictures one by one where their prompts differ by choice. Results are reported as they are
 * finished; resolves when there are no more.
 */
export async function runTask(task: EngineTask, context: PipelineContext): Promise<void> {
  const tasks = await tasksOfChoices(task, context.wildcardsFolder);
  if (tasks === undefined) return runOperation(task, context);
  const { length: count } = tasks;
  for (const [index, { task: own, words }] of tasks.entries()) {
    context.signal.throwIfAborted();
    await runOperation(own, {
      ...context,
      onProgress: (phase, step, steps) => context.onProgress(phase, index * steps + step, count * steps),
      onResult: (result) => context.onResult({ ...result, index, chosenWords: words }),
    });
  }
}

function runOperation(task: EngineTask, context: PipelineContext): Promise<void> {
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
    case 'control-map':
      return runControlMap(task, context);
  }
}

function usesFillThreads(task: EngineTask): boolean {
  return task.operation !== 'upscale' && task.operation !== 'control-map' && !('diffusion' in task);
}
