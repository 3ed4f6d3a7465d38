import type { EngineTask, ModelInfo, ModelKind, ModelReference, ResultPicture } from '../../engine/api.ts';
import type { Config } from '../config.ts';
import { openHome } from '../home.ts';
import { requestOfPicture, resolveRequest, toEngineTask } from '../jobs/resolve-request.ts';
import { listStyles, styleFolders } from '../jobs/style-list.ts';
import { defaultLimits, type Limits } from '../protocol/limits.ts';
import { startEngine } from './engine-start.ts';
import type { ModelFile } from './model-file.ts';
import { shippedStylesFolder } from './package-root.ts';
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
  /** Tell what any job takes, and do not run it. */
  readonly isEstimateOnly: boolean;
  /** Models that are no installed ones; they go before installed ones of their names. */
  readonly modelFiles: readonly ModelFile[];
}

/** Runs a job in an engine of its own, which ends with it. */
export async function runLocally({ request, images }: PictureJob, options: LocalOptions): Promise<void> {
  const { config, modelFiles, isEstimateOnly, signal, onProgress, onEstimate, onNotice, deliver } = options;
  const home = await openHome(config.homeFolder);
  const spool = await openSpool(home.spoolFolder);
  try {
    const engine = await startEngine(config, { home, spoolFolder: spool.folder, signal });
    try {
      engine.onNotice(onNotice);
      const listed = await engine.models(modelFiles.map(({ file }) => file));
      const models = listed.map((model, i) =>
        i < modelFiles.length ? modelOfFile(modelFiles[i]!, model) : model,
      );
      const styles = await listStyles(styleFolders(home.stylesFolder, shippedStylesFolder));
      const resolved = resolveRequest(request, images, { models, styles, limits });
      const task = withModelFiles(
        toEngineTask(resolved, images, ({ bytes }) => bytes),
        modelFiles,
      );
      if (isEstimateOnly || 'diffusion' in task) onEstimate(await engine.estimate(task));
      if (isEstimateOnly) return;
      const results: ResultPicture[] = [];
      const onResult = (result: ResultPicture) => results.push(result);
      const events = { onProgress, onPreview: () => {}, onWarning: onNotice, onResult };
      await engine.run(task, events, signal);
      await deliver(
        results.map(
          ({ bounds: { width, height }, seed, content, chosenWords }): FinishedPicture => ({
            width,
            height,
            ...(seed !== undefined && { seed }),
            request: requestOfPicture(resolved, seed),
            ...(chosenWords !== undefined && { chosenWords }),
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

/** Of a file that is not what it should be, the engine says what is wrong when it is to be used. */
function modelOfFile({ name, kind }: ModelFile, listed: ModelInfo): ModelInfo {
  if (listed.kind === kind) return { ...listed, name };
  return { name, kind, architecture: listed.architecture, origin: 'user' };
}

function withModelFiles(task: EngineTask, files: readonly ModelFile[]): EngineTask {
  const reference = (model: ModelReference, kinds: readonly ModelKind[]): ModelReference => {
    const own = files.find(
      (file) => 'name' in model && file.name === model.name && kinds.includes(file.kind),
    );
    return own === undefined ? model : { file: own.file };
  };
  if (task.operation === 'control-map') return task;
  const model = reference(task.model, ['fill', 'upscaler', 'checkpoint']);
  if (!('diffusion' in task) || task.diffusion === undefined) return { ...task, model };
  const { vae, upscaler, controls, loras, hypernetworks, refiner, ...settings } = task.diffusion;
  const diffusion = {
    ...settings,
    ...(vae !== undefined && { vae: reference(vae, ['vae']) }),
    ...(upscaler !== undefined && { upscaler: reference(upscaler, ['upscaler']) }),
    ...(controls !== undefined && {
      controls: controls.map((control) => ({ ...control, model: reference(control.model, ['controlnet']) })),
    }),
    ...(refiner !== undefined && {
      refiner: { ...refiner, model: reference(refiner.model, ['checkpoint']) },
    }),
    ...(loras !== undefined && {
      loras: loras.map((lora) => ({ ...lora, model: reference(lora.model, ['lora']) })),
    }),
    ...(hypernetworks !== undefined && {
      hypernetworks: hypernetworks.map(({ model: own, strength }) => ({
        model: reference(own, ['hypernetwork']),
        strength,
      })),
    }),
  };
  return { ...task, model, diffusion } as EngineTask;
}
