/**
 * The engine process: takes the messages of `api.ts` from its host, runs one job at a time, reports. It ends with its
 * host: when the channel closes there is nobody left to work for.
 */
import type { DeviceReport, EngineMessage, EngineOptions, EngineTask, HostMessage } from './api.ts';
import { AssistiveModels } from './control/assistive-models.ts';
import { EngineError, toEngineError } from './errors.ts';
import { FillThreads } from './fill/fill-threads.ts';
import { LoadedModels } from './models/loaded-models.ts';
import { ModelLibrary } from './models/model-library.ts';
import { StableDiffusionLoader } from './models/stable-diffusion.ts';
import { UpscalerLoader } from './models/upscaler.ts';
import { estimateTask } from './pipelines/estimate.ts';
import { runTask } from './pipelines/run-task.ts';
import { EtaClock } from './runtime/eta.ts';
import { chooseDevice } from './runtime/providers.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as EngineOptions;

// Ctrl-C reaches the whole process group; the host decides when the engine ends.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));

const models = new ModelLibrary(options.modelFolders);
const fillThreads = new FillThreads(options.threads);
let device: DeviceReport = options.knownDevice ?? (await chooseDevice(options.device));
const loaded = new LoadedModels();
const upscalers = new UpscalerLoader(() => device.device, loaded);
const diffusion = new StableDiffusionLoader(() => device.device, loaded);
const assistive = new AssistiveModels(models.folderPaths, loaded);
const running = new Map<string, AbortController>();

process.on('message', (message: HostMessage) => {
  switch (message.type) {
    case 'start':
      void runJob(message.jobId, message.task);
      return;
    case 'cancel':
      running.get(message.jobId)?.abort();
      return;
    case 'list-models':
      void models
        .list(message.files)
        .then((list) => send({ type: 'models', requestId: message.requestId, models: list }));
      return;
    case 'estimate':
      void estimateTask(message.task, {
        engine: { models, upscalers, diffusion, assistive },
        ...(options.wildcardsFolder !== undefined && { wildcardsFolder: options.wildcardsFolder }),
        ...(message.maskBounds !== undefined && { maskBounds: message.maskBounds }),
      })
        .catch(failureOf)
        .then((outcome) => send({ type: 'estimated', requestId: message.requestId, outcome }));
      return;
  }
});
send({ type: 'ready', device, models: await models.list() });

async function runJob(jobId: string, task: EngineTask): Promise<void> {
  const controller = new AbortController();
  running.set(jobId, controller);
  try {
    await runOnWorkingDevice(jobId, task, controller.signal);
    send({ type: 'done', jobId });
  } catch (error) {
    // Whatever an aborted job failed of, it was cancelled.
    if (controller.signal.aborted) send({ type: 'cancelled', jobId });
    else send({ type: 'failed', jobId, ...failureOf(error) });
  } finally {
    running.delete(jobId);
  }
}

/** A device that fails in the middle is given up once and for all; the job starts again on the CPU. */
async function runOnWorkingDevice(jobId: string, task: EngineTask, signal: AbortSignal): Promise<void> {
  try {
    await runTask(task, pipelineContext(jobId, signal));
  } catch (error) {
    if (!(error instanceof EngineError && error.code === 'device-failed') || device.device === 'cpu')
      throw error;
    const message = `${device.device} stopped working (${error.message}); using the CPU from now on.`;
    device = { ...device, device: 'cpu', reason: message };
    await loaded.unloadAll();
    send({ type: 'notice', message, device });
    await runTask(task, pipelineContext(jobId, signal));
  }
}

function pipelineContext(jobId: string, signal: AbortSignal): Parameters<typeof runTask>[1] {
  const clock = new EtaClock();
  return {
    signal,
    models,
    upscalers,
    diffusion,
    assistive,
    fillThreads,
    spoolFolder: options.spoolFolder,
    ...(options.wildcardsFolder !== undefined && { wildcardsFolder: options.wildcardsFolder }),
    onProgress: (phase, step, steps) => {
      const etaMs = clock.timeLeftMs(phase, step, steps);
      send({ type: 'progress', jobId, phase, step, steps, ...(etaMs === undefined ? {} : { etaMs }) });
    },
    onWarning: (message) => send({ type: 'warning', jobId, message }),
    onPreview: (preview) => send({ type: 'preview', jobId, ...preview }),
    onResult: (result) => send({ type: 'result', jobId, ...result }),
  };
}

function failureOf(error: unknown): Pick<EngineError, 'code' | 'message' | 'hint'> {
  const { code, message, hint } = toEngineError(error);
  if (code === 'internal') console.error(error);
  return { code, message, hint };
}

function send(message: EngineMessage): void {
  process.send?.(message);
}
