import { stat } from 'node:fs/promises';
import type { DeviceChoice, ModelFolder } from '../../engine/api.ts';
import { EngineError } from '../../engine/errors.ts';
import { type Config, type ConfigFlags, readConfig } from '../config.ts';
import { EngineHost } from '../engine-host.ts';
import type { Home } from '../home.ts';
import { untilAborted } from './interruption.ts';
import { shippedModelsFolder } from './package-root.ts';

/** The settings of a command. Throws `invalid-option`, also when a models folder that was named is not there. */
export async function readSettings(flags: ConfigFlags): Promise<Config> {
  const config = readConfig(flags, process.env);
  for (const folder of config.modelFolders) {
    const found = await stat(folder).catch(() => undefined);
    if (found?.isDirectory()) continue;
    throw new EngineError(
      'invalid-option',
      `Expected --models (or INLAY_MODELS) to be a folder, but ${folder} is ${found === undefined ? 'not there' : 'a file'}.`,
      { hint: 'Name the folder in which the .safetensors files are, or leave the option out.' },
    );
  }
  return config;
}

export interface StartEngineOptions {
  readonly home: Home;
  readonly spoolFolder: string;
  readonly signal: AbortSignal;
  readonly device?: DeviceChoice;
  readonly onLog?: (line: string) => void;
}

/** Starts an engine; its caller closes it. */
export async function startEngine(config: Config, options: StartEngineOptions): Promise<EngineHost> {
  const { home, spoolFolder, signal, device = config.device, onLog } = options;
  const modelFolders: readonly ModelFolder[] = [
    ...config.modelFolders.map((folder) => ({ folder, origin: 'user' }) as const),
    { folder: home.modelsFolder, origin: 'user' },
    { folder: shippedModelsFolder, origin: 'built-in' },
  ];
  const { threads, idleUnloadMs } = config;
  const starting = EngineHost.start({
    device,
    modelFolders,
    spoolFolder,
    wildcardsFolder: home.wildcardsFolder,
    idleUnloadMs,
    threads,
    ...(onLog && { onLog }),
  });
  try {
    return await untilAborted(starting, signal);
  } catch (error) {
    // An engine that comes up after all has nobody to work for.
    starting.then((engine) => engine.close()).catch(() => {});
    throw error;
  }
}
