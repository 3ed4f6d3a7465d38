/** What all commands that make pictures have in common: their options, where they run, and what they say at the end. */
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { EngineError } from '../../engine/errors.ts';
import type { JobImage } from '../../plugins/shared/client/client-job.ts';
import { modelKindOf } from '../jobs/default-models.ts';
import type { JobRequest } from '../protocol/messages.ts';
import { miniModelName } from '../protocol/mini-model.ts';
import type { AdapterFlags } from './adapter-options.ts';
import { readAdapters } from './adapters.ts';
import { readSettings } from './engine-start.ts';
import { estimateText, savingsLine } from './estimate-text.ts';
import { readInputPicture } from './input-picture.ts';
import { interruptible } from './interruption.ts';
import { findModelFile } from './model-file.ts';
import {
  addDeviceOption,
  addHomeOption,
  addJsonOption,
  addModelsOption,
  type EngineFlags,
  wholeNumber,
} from './options.ts';
import type { FinishedPicture, JobOptions, PictureJob } from './picture-job.ts';
import { checkOutputFile, formatOfFile, numberedFile, writeResult } from './result-file.ts';
import { runLocally } from './run-locally.ts';
import { formatBytes, formatDuration, Terminal } from './terminal.ts';

/** Said of every picture by the model that comes with Inlay. */
const miniModelNote =
  `Drawn by ${miniModelName}, which comes with Inlay and draws simple, flat landscapes only. For anything else, copy a ` +
  'Stable Diffusion checkpoint (.safetensors) into the models folder (`inlay doctor` tells where), or name one with --model.';

/** Options of every command that makes pictures. */
export interface PictureFlags extends EngineFlags, AdapterFlags {
  readonly output: string;
  readonly model?: string;
  readonly vae?: string;
  readonly upscaler?: string;
  readonly quality?: number;
  readonly estimate?: boolean;
  readonly server?: string;
  readonly token?: string;
}

export function addPictureOptions(command: Command): Command {
  command.option('--model <name|file>', 'a name of `inlay models`, or a .safetensors file');
  return addResultOptions(command);
}

/** Those that say nothing of a model. */
export function addResultOptions(command: Command): Command {
  command
    .requiredOption('-o, --output <file>', 'where to write the result; its ending decides the format')
    .option('--quality <1..100>', 'of JPEG and WebP results (default: 90)', wholeNumber({ min: 1, max: 100 }))
    .option('--estimate', 'say what it will take, and do not run it')
    .option('--server <url>', 'run on this server instead of in this process, e.g. http://localhost:41730')
    .option('--token <token>', 'for --server (env: INLAY_TOKEN)');
  addDeviceOption(addModelsOption(command));
  return addHomeOption(addJsonOption(command));
}

export interface PictureCommand {
  readonly flags: PictureFlags;
  readonly source?: string;
  readonly mask?: string;
  /** All but models and output, which the flags give. */
  readonly request: JobRequest;
}

/** Runs a picture command from its files to its files. Never rejects: a failure is said, and sets the exit code. */
export async function runPictureCommand(command: PictureCommand): Promise<void> {
  const terminal = new Terminal({ json: command.flags.json === true });
  try {
    await interruptible((signal) => runToFiles(command, terminal, signal));
  } catch (error) {
    terminal.failure(error);
  }
}

async function runToFiles(command: PictureCommand, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { flags, source, mask } = command;
  const startedAt = performance.now();
  const format = formatOfFile(flags.output);
  await checkOutputFile(flags.output);
  const config = await readSettings(flags);
  const modelFile =
    command.request.operation === 'control-map'
      ? undefined
      : await findModelFile('--model', flags.model, modelKindOf(command.request));
  const vaeFile = await findModelFile('--vae', flags.vae, 'vae');
  const upscalerFile = await findModelFile('--upscaler', flags.upscaler, 'upscaler');
  const { operation } = command.request;
  const adapters = await readAdapters(flags, { isSized: operation === 'generate' });
  const images: JobImage[] = [...adapters.images];
  if (source !== undefined) images.push(await readInputPicture(source, 'source'));
  if (mask !== undefined) images.push(await readInputPicture(mask, 'mask'));
  const request: JobRequest = {
    ...command.request,
    ...adapters.fields,
    ...(flags.model !== undefined && { model: modelFile?.name ?? flags.model }),
    ...(flags.vae !== undefined && { vae: vaeFile?.name ?? flags.vae }),
    ...(flags.upscaler !== undefined && { upscaler: upscalerFile?.name ?? flags.upscaler }),
    output: { format, ...(flags.quality !== undefined && { quality: flags.quality }) },
  };
  const job: PictureJob = { request, images };
  const isEstimateOnly = flags.estimate === true;
  const options: JobOptions = {
    signal,
    onEstimate: (estimate) => {
      if (isEstimateOnly) return terminal.result({ operation, estimate }, estimateText(estimate));
      const line = savingsLine(estimate);
      if (line !== undefined) terminal.note(line);
    },
    onProgress: (progress) => terminal.progress(progress),
    onNotice: (text) => terminal.note(text),
    deliver: async (pictures) => {
      const files = await writeAll(flags.output, pictures);
      const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
      const lines = files.map(
        ({ file, width, height, byteLength, seed }) =>
          `${file}  ${width} × ${height}, ${formatBytes(byteLength)}${seed === undefined ? '' : `, seed ${seed}`}`,
      );
      terminal.result(
        { operation, files, seconds },
        `${lines.join('\n')}\nDone in ${formatDuration(seconds * 1000)}.`,
      );
      if (pictures.some(({ request: made }) => 'model' in made && made.model === miniModelName))
        terminal.note(miniModelNote);
    },
  };
  const named = [modelFile, vaeFile, upscalerFile].filter((file) => file !== undefined);
  const modelFiles = [...named, ...adapters.modelFiles];
  if (flags.server === undefined) return runLocally(job, { ...options, config, modelFiles, isEstimateOnly });
  if (isEstimateOnly) {
    throw new EngineError(
      'invalid-option',
      'Expected --estimate without --server, received both: what is free here says nothing of what is free there.',
      { hint: 'Leave --server out.' },
    );
  }
  if (modelFiles.length > 0) {
    throw new EngineError(
      'invalid-option',
      `Expected the name of a model together with --server, received the file ${modelFiles[0]!.file}.`,
      { hint: "Copy the file into the server's models folder and give its name, or leave --server out." },
    );
  }
  const { runOnServer } = await import('./run-on-server.ts');
  const token = flags.token ?? process.env.INLAY_TOKEN;
  return runOnServer(job, { ...options, server: flags.server, token, homeFolder: config.homeFolder });
}

interface WrittenFile {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly byteLength: number;
  readonly seed?: number;
  readonly request: JobRequest;
  readonly chosenWords?: NonNullable<FinishedPicture['chosenWords']>;
}

async function writeAll(output: string, pictures: readonly FinishedPicture[]): Promise<WrittenFile[]> {
  const written: WrittenFile[] = [];
  for (const [index, { content, ...picture }] of pictures.entries()) {
    const file = numberedFile(output, index, pictures.length);
    await writeResult(file, content);
    written.push({ file, ...picture, byteLength: (await stat(file)).size });
  }
  return written;
}
