/** What `inlay doctor` looks at, one subject after the other; a part that fails is a finding, not an error. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { type DeviceChoice, type DeviceReport, deviceChoices, type ModelInfo } from '../../engine/api.ts';
import { toEngineError } from '../../engine/errors.ts';
import type { Config } from '../config.ts';
import { toFailure } from '../errors.ts';
import { findRunningServer, type Home, openHome } from '../home.ts';
import { listen } from '../listen.ts';
import type { Failure } from '../protocol/messages.ts';
import { startEngine } from './engine-start.ts';
import { oldestNode, pluginsFolder } from './package-root.ts';
import { openSpool } from './spool-folder.ts';
import { formatBytes } from './terminal.ts';

export interface Finding {
  readonly subject: 'node' | 'memory' | 'home' | 'device' | 'models' | 'plugins' | 'server';
  /** With a `problem` Inlay cannot be used; a `warning` asks for something to be done; a `note` for nothing. */
  readonly state: 'ok' | 'note' | 'warning' | 'problem';
  readonly message: string;
  /** What to do, where something is to be done. */
  readonly hint?: string;
  /** Of a problem: the error that every other command would end with. */
  readonly code?: string;
}

/** Less than this free, and larger pictures will not fit. */
const enoughMemoryBytes = 2 * 2 ** 30;

export async function examine(config: Config, signal: AbortSignal): Promise<readonly Finding[]> {
  const findings: Finding[] = [examineNode(), examineMemory()];
  const home = await examineHome(config.homeFolder, findings);
  if (home === undefined) return findings;
  await examineEngine(config, { home, signal, findings });
  findings.push(examinePlugins(pluginsFolder));
  findings.push(await examineServer(home, config.ports));
  return findings;
}

function examineNode(): Finding {
  const { node } = process.versions;
  if (!isOlder(node, oldestNode)) return { subject: 'node', state: 'ok', message: `Node.js ${node}` };
  return {
    subject: 'node',
    state: 'problem',
    message: `Expected Node.js ${oldestNode} or newer, found ${node}.`,
    hint: 'Install a newer one from https://nodejs.org.',
    code: 'device-failed',
  };
}

/** Compares versions such as `20.9.1` and `20.15`, by the numbers that both have. */
export function isOlder(version: string, other: string): boolean {
  const wanted = other.split('.').map(Number);
  const found = version.split('.').map(Number);
  const index = wanted.findIndex((part, i) => part !== found[i]);
  return index >= 0 && (found[index] ?? 0) < (wanted[index] ?? 0);
}

function examineMemory(): Finding {
  const free = process.availableMemory();
  const message = `${formatBytes(free)} of ${formatBytes(os.totalmem())} free`;
  if (free >= enoughMemoryBytes) return { subject: 'memory', state: 'ok', message };
  return {
    subject: 'memory',
    state: 'warning',
    message,
    hint: 'Close other programs before you work on large pictures.',
  };
}

async function examineHome(folder: string, findings: Finding[]): Promise<Home | undefined> {
  try {
    const home = await openHome(folder);
    await (await openSpool(home.spoolFolder)).remove();
    findings.push({ subject: 'home', state: 'ok', message: folder });
    return home;
  } catch (error) {
    findings.push({ subject: 'home', ...problemOf(toFailure(error)) });
    return undefined;
  }
}

interface EngineExamination {
  readonly home: Home;
  readonly signal: AbortSignal;
  readonly findings: Finding[];
}

/** Starts an engine on the device chosen, and one on each of the others. */
async function examineEngine(config: Config, { home, signal, findings }: EngineExamination): Promise<void> {
  const start = (device: DeviceChoice) =>
    startEngine(config, { home, spoolFolder: home.spoolFolder, signal, device });
  try {
    const engine = await start(config.device);
    try {
      findings.push(examineDevice(engine.device));
      findings.push(...examineModels(await engine.models(), home));
    } finally {
      await engine.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    findings.push({ subject: 'device', ...problemOf(toEngineError(error)) });
    return;
  }
  const others = deviceChoices.filter((choice) => choice !== 'auto' && choice !== config.device);
  const tried = others.map(async (choice): Promise<Finding> => {
    const engine = await start(choice);
    const { device, reason } = engine.device;
    await engine.close();
    return device === choice
      ? { subject: 'device', state: 'ok', message: `${choice} works: --device ${choice}` }
      : { subject: 'device', state: 'note', message: `${choice} cannot be used here. ${reason}` };
  });
  findings.push(...(await Promise.all(tried)));
}

/** A device that was asked for by name and does not work is one to do something about. */
function examineDevice({ requested, device, reason }: DeviceReport): Finding {
  const message = `${device} is used: ${reason}`;
  if (requested === 'auto' || requested === device) return { subject: 'device', state: 'ok', message };
  return {
    subject: 'device',
    state: 'warning',
    message,
    hint: `Leave --device out, or make ${requested} work: its driver may be missing or too old.`,
  };
}

function examineModels(models: readonly ModelInfo[], home: Home): Finding[] {
  const usable = models.filter(({ problem }) => problem === undefined);
  const names = usable.map(({ name }) => name).join(', ');
  const broken = models.flatMap(({ name, problem }): Finding[] =>
    problem === undefined
      ? []
      : [
          {
            subject: 'models',
            state: 'warning',
            message: `${name}: ${problem}`,
            hint: 'Get the file again, or move it away.',
          },
        ],
  );
  return [
    {
      subject: 'models',
      state: 'ok',
      message: `${usable.length} (${names}); yours go into ${home.modelsFolder}`,
    },
    ...broken,
  ];
}

/** Where the editors' plugins are, to be installed from there. */
export function examinePlugins(folder: string): Finding {
  const [photoshop, figma] = [
    path.join(folder, 'inlay-photoshop.ccx'),
    path.join(folder, 'figma/manifest.json'),
  ];
  if (existsSync(photoshop) && existsSync(figma)) {
    return { subject: 'plugins', state: 'ok', message: `Photoshop: ${photoshop}; Figma: ${figma}` };
  }
  return {
    subject: 'plugins',
    state: 'note',
    message: 'the plugins for Photoshop and Figma have not been built',
    hint: 'Run npm run build:plugins in the checkout.',
  };
}

async function examineServer(home: Home, ports: readonly number[]): Promise<Finding> {
  const running = await findRunningServer(home);
  if (running !== undefined) {
    return {
      subject: 'server',
      state: 'ok',
      message: `runs at http://localhost:${running.port} (process ${running.pid})`,
    };
  }
  try {
    const { port, servers } = await listen(() => createServer(), ports);
    for (const server of servers) server.close();
    return { subject: 'server', state: 'ok', message: `does not run; port ${port} is free for it` };
  } catch (error) {
    const { message, hint } = toFailure(error);
    // Without a server the other commands work.
    return { subject: 'server', state: 'warning', message, hint };
  }
}

function problemOf({ code, message, hint }: Failure): Omit<Finding, 'subject'> {
  return { state: 'problem', code, message, hint };
}
