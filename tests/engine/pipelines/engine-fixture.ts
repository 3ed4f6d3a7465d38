/** The engine's parts put together in this process, as its worker does, and all that a job reports. */
import { readdir } from 'node:fs/promises';
import type { EngineTask, ImagePayload, ModelFolder, Phase, ResultPicture } from '../../../engine/api.ts';
import { AssistiveModels } from '../../../engine/control/assistive-models.ts';
import { FillThreads } from '../../../engine/fill/fill-threads.ts';
import { decode } from '../../../engine/image/codec.ts';
import type { Channels, Picture, Samples } from '../../../engine/image/picture.ts';
import { bytesOf } from '../../../engine/image/samples.ts';
import { LoadedModels, type LoadedModelsOptions } from '../../../engine/models/loaded-models.ts';
import { ModelLibrary } from '../../../engine/models/model-library.ts';
import { StableDiffusionLoader } from '../../../engine/models/stable-diffusion.ts';
import { UpscalerLoader } from '../../../engine/models/upscaler.ts';
import type { PipelineContext, Preview } from '../../../engine/pipelines/context.ts';
import { runTask } from '../../../engine/pipelines/run-task.ts';
import { type Cleanup, temporaryFolder } from '../../temporary-folder.ts';
import { shippedFolder } from '../checkpoints.ts';

export interface Report {
  readonly results: readonly ResultPicture[];
  readonly previews: readonly Preview[];
  readonly warnings: readonly string[];
  readonly progress: readonly { readonly phase: Phase; readonly step: number; readonly steps: number }[];
}

export interface TestRunOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: PipelineContext['onProgress'];
}

export interface TestEngine {
  readonly models: ModelLibrary;
  readonly upscalers: UpscalerLoader;
  readonly diffusion: StableDiffusionLoader;
  readonly assistive: AssistiveModels;
  readonly loaded: LoadedModels;
  readonly spoolFolder: string;
  run(task: EngineTask, options?: TestRunOptions): Promise<Report>;
  spooledFiles(): Promise<readonly string[]>;
}

export interface TestEngineOptions extends LoadedModelsOptions {
  /** Searched for models before the shipped ones. */
  readonly modelFolder?: string;
}

export async function startTestEngine(
  context: Cleanup,
  { modelFolder, ...options }: TestEngineOptions = {},
): Promise<TestEngine> {
  const spoolFolder = await temporaryFolder(context);
  const folders: readonly ModelFolder[] = [
    ...(modelFolder === undefined ? [] : [{ folder: modelFolder, origin: 'user' } as const]),
    { folder: shippedFolder, origin: 'built-in' },
  ];
  const models = new ModelLibrary(folders);
  const loaded = new LoadedModels(options);
  const upscalers = new UpscalerLoader(() => 'cpu', loaded);
  const diffusion = new StableDiffusionLoader(() => 'cpu', loaded);
  const assistive = new AssistiveModels(models.folderPaths, loaded);
  const fillThreads = new FillThreads(2);
  context.after(async () => {
    await loaded.unloadAll();
    await fillThreads.close();
  });
  return {
    models,
    upscalers,
    diffusion,
    assistive,
    loaded,
    spoolFolder,
    spooledFiles: () => readdir(spoolFolder),
    run: async (task, { signal = new AbortController().signal, onProgress } = {}) => {
      const results: ResultPicture[] = [];
      const previews: Preview[] = [];
      const warnings: string[] = [];
      const progress: { phase: Phase; step: number; steps: number }[] = [];
      const pipeline: PipelineContext = {
        signal,
        models,
        upscalers,
        diffusion,
        assistive,
        fillThreads,
        spoolFolder,
        onProgress: (phase, step, steps) => {
          progress.push({ phase, step, steps });
          onProgress?.(phase, step, steps);
        },
        onWarning: (message) => warnings.push(message),
        onPreview: (preview) => previews.push(preview),
        onResult: (result) => results.push(result),
      };
      await runTask(task, pipeline);
      return { results, previews, progress, warnings };
    },
  };
}

export interface DrawnPicture {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  readonly depth: 8 | 16;
}

/** Slopes, an edge and fine noise: something of all that a network treats differently. */
export function drawPicture({ width, height, channels, depth }: DrawnPicture): Picture {
  const max = 2 ** depth - 1;
  const length = width * height * channels;
  const data: Samples = depth === 8 ? new Uint8Array(length) : new Uint16Array(length);
  let state = 7;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++, i++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const slope = (x + 2 * y + 40 * c) / (width + 2 * height + 160);
        const edge = (x >> 4) % 2 === (y >> 3) % 2 ? 0.2 : 0;
        data[i] = Math.min(1, 0.7 * slope + edge + (state / 2 ** 32) * 0.1) * max;
      }
    }
  }
  return { width, height, channels, data };
}

/** A picture without loss on its way in, whatever its format. */
export function rawPayload(picture: Picture): ImagePayload {
  const depth = picture.data instanceof Uint16Array ? '16' : '8';
  const names = { 1: 'gray', 3: 'rgb', 4: 'rgba' } as const;
  const { width, height, channels } = picture;
  if (channels === 2) throw new Error('There is no raw format of grey with alpha: encode it as PNG.');
  return { format: `${names[channels]}${depth}`, width, height, bytes: bytesOf(picture.data) };
}

export function bytesOfResult({ content }: ResultPicture): Uint8Array {
  if ('file' in content) throw new Error('Expected a result in memory, received a file.');
  return content.bytes;
}

export function pictureOf(result: ResultPicture): Promise<Picture> {
  const { width, height } = result.bounds;
  return decode({ format: result.format, width, height, bytes: bytesOfResult(result) });
}
