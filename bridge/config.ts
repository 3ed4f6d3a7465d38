/** The settings of a server: flags of the command line, then the environment, then defaults. */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { type DeviceChoice, deviceChoices } from '../engine/api.ts';
import { EngineError } from '../engine/errors.ts';
import { defaultHomeFolder } from './home.ts';
import { type LogLevel, logLevels } from './log.ts';
import { defaultPorts } from './protocol/ports.ts';

/** Models unused this long are unloaded. */
const defaultIdleUnloadMs = 300_000;

/** What the command line says, as it was typed. */
export interface ConfigFlags {
  readonly home?: string;
  readonly port?: string;
  readonly device?: string;
  readonly models?: readonly string[];
  readonly threads?: string;
  readonly logLevel?: string;
}

export interface Config {
  readonly homeFolder: string;
  /** Tried in this order; one alone when it was asked for. */
  readonly ports: readonly number[];
  readonly device: DeviceChoice;
  /** Searched before the home's own models folder. */
  readonly modelFolders: readonly string[];
  /** Threads for the fill; 0 = one for each core. */
  readonly threads: number;
  readonly idleUnloadMs: number;
  readonly logLevel: LogLevel;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws `invalid-option`, naming the flag and the variable. */
export function readConfig(flags: ConfigFlags, environment: Environment): Config {
  const port = flags.port ?? environment.INLAY_PORT;
  const models = flags.models ?? environment.INLAY_MODELS?.split(path.delimiter) ?? [];
  return {
    homeFolder: path.resolve(flags.home ?? environment.INLAY_HOME ?? defaultHomeFolder()),
    ports: port === undefined ? defaultPorts : [wholeNumber('port', port, { min: 1, max: 65_535 })],
    device: oneOf('device', flags.device ?? environment.INLAY_DEVICE ?? 'auto', deviceChoices),
    modelFolders: models.filter((folder) => folder !== '').map((folder) => path.resolve(folder)),
    threads: wholeNumber('threads', flags.threads ?? environment.INLAY_THREADS ?? '0', {
      min: 0,
      max: availableParallelism(),
    }),
    idleUnloadMs: defaultIdleUnloadMs,
    logLevel: oneOf('log-level', flags.logLevel ?? environment.INLAY_LOG_LEVEL ?? 'info', logLevels),
  };
}

function wholeNumber(
  name: string,
  text: string,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw invalid(name, `a whole number from ${min} to ${max}`, text);
}

function oneOf<Choice extends string>(name: string, text: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw invalid(name, `one of ${choices.join(', ')}`, text);
  return choice;
}

function invalid(name: string, expected: string, received: string): EngineError {
  const variable = `INLAY_${name.toUpperCase().replaceAll('-', '_')}`;
  return new EngineError(
    'invalid-option',
    `Expected --${name} (or ${variable}) to be ${expected}, received "${received}".`,
  );
}
