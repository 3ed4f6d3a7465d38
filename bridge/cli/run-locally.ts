import path from 'node:path';
import type { EngineTask, ModelInfo, ResultPicture } from '../../engine/api.ts';
import type { Config } from '../config.ts';
import { openHome } from '../home.ts';
import { modelKinds } from '../jobs/default-models.ts';
import { requestOfPicture, resolveRequest, toEngineTask } from '../jobs/resolve-request.ts';
import { defaultLimits } from '../protocol/limits.ts';
import type { Limits, Operation } from '../protocol/messages.ts';
import { startEngine } from './engine-start.ts';
import type { FinishedPicture, JobOptions, PictureJob } from './picture-job.ts';
import { openSpool } from './spool-folder.ts';

/** Of sizes only the engine's own limits hold, which writes large results straight to disk. */
const limits: Limits = {
  ...defaultLimits,
  maxImageSide: Number.POSITIVE_INFINITY,
  maxImagePixels: Number.POSITIVE_INFINITY,
};

export interface LocalOptions extends JobOptions {
  readonly config: Config;
  /** A model that is no installed one but this file. */
  readonly modelFile?: string | undefined;
}

/** Runs a job in an engine of its own, which ends with it. */
export async function runLocally({ request, images }: PictureJob, options: LocalOptions): Promise<void> {
  const { config, modelFile, signal, onProgress, onNotice, deliver } = options;
  const home = await openHome(config.homeFolder);
  const spool = await openSpool(home.spoolFolder);
  try {
    const engine = await startEngine(config, { home, spoolFolder: spool.folder, signal });
    try {
      engine.onNotice(onNotice);
      const installed = await engine.models();
      const models = modelFile === undefined ? installed : [modelOfFile(modelFile, request.operation)];
      const resolved = resolveRequest(
        modelFile === undefined ? request : { ...request, model: nameOf(modelFile) },
        images,
        { models, limits },
      );
      const task: EngineTask = {
        ...toEngineTask(resolved, images, ({ bytes }) => bytes),
        ...(modelFile !== undefined && { model: { file: modelFile } }),
      };
      const results: ResultPicture[] = [];
      const onResult = (result: ResultPicture) => results.push(result);
      await engine.run(task, { onProgress, onPreview: () => {}, onResult }, signal);
      await deliver(
        results.map(
          ({ bounds: { width, height }, seed, content }): FinishedPicture => ({
            width,
            height,
            ...(seed !== undefined && { seed }),
            request: requestOfPicture(resolved, seed),
            content,
          }),
        ),
      );
    } finally {
      await engine.close();
    }
  } finally {
    await spool.remove();
  }
}

function nameOf(modelFile: string): string {
  return path.basename(modelFile, '.safetensors');
}

/** What is known of a file that only the engine will open. */
function modelOfFile(file: string, operation: Operation): ModelInfo {
  return { name: nameOf(file), kind: modelKinds[operation], architecture: 'unknown', origin: 'user' };
}
