/** Decides what to compute on: a device counts only after it has computed a small network with the right numbers here. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Device, DeviceChoice, DeviceReport } from '../api.ts';
import { bundledDevices } from './session.ts';

/** What `auto` tries, best first. The CPU is not in it: it is what remains. */
const preferences: Partial<Record<NodeJS.Platform, readonly Device[]>> = {
  darwin: ['coreml', 'webgpu'],
  win32: ['directml', 'webgpu'],
  linux: ['cuda', 'webgpu'],
};

/**
 * A first run compiles shaders, on a busy processor for ten seconds and more; a driver that takes longer than this is not
 * one to rely on. A start waits for two of them at most.
 */
const trialTimeoutMs = 30_000;
/**
 * `auto` passes over a device that needs longer for the trial network: a real one answers in a few milliseconds, most of
 * them overhead; a software renderer takes hundreds.
 */
const maxTrialMs = 60;

/** What a trial prints: how the device did on the small network, against the CPU in the same process. */
export type TrialOutcome =
  | { readonly works: true; readonly deviceMs: number; readonly cpuMs: number }
  | { readonly works: false; readonly reason: string };

/** Runs the trial in a process of its own, because a driver may bring its process down. */
export async function tryDevice(device: Device): Promise<TrialOutcome> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [...trialEntry(), device], {
      timeout: trialTimeoutMs,
      killSignal: 'SIGKILL',
      windowsHide: true,
    });
    return JSON.parse(stdout) as TrialOutcome;
  } catch (error) {
    const { killed, signal, code } = error as { killed?: boolean; signal?: string | null; code?: unknown };
    const how = killed
      ? `no answer in ${trialTimeoutMs / 1000} s`
      : `its trial process ended with ${signal ?? `code ${code}`}`;
    return { works: false, reason: how };
  }
}

/** The device to use for a choice, with the reason in a sentence. Never throws: the CPU always remains. */
export async function chooseDevice(requested: DeviceChoice): Promise<DeviceReport> {
  if (requested === 'cpu') return { requested, device: 'cpu', reason: 'The CPU was asked for.' };
  const bundled = bundledDevices();
  const candidates = requested === 'auto' ? (preferences[process.platform] ?? []) : [requested];
  const refusals: string[] = [];
  for (const device of candidates) {
    if (!bundled.includes(device)) {
      refusals.push(`${device}: not available on ${process.platform}`);
      continue;
    }
    const outcome = await tryDevice(device);
    if (!outcome.works) {
      refusals.push(`${device}: ${outcome.reason}`);
    } else if (requested === 'auto' && outcome.deviceMs > Math.max(maxTrialMs, outcome.cpuMs)) {
      const times = `${outcome.deviceMs.toFixed(0)} ms against ${outcome.cpuMs.toFixed(0)} ms`;
      refusals.push(`${device}: works, but is far slower than the CPU (${times}; a software renderer?)`);
    } else {
      return { requested, device, reason: `${device} passed its trial run.` };
    }
  }
  const why = refusals.length === 0 ? 'no other device is known on this platform' : refusals.join('; ');
  return { requested, device: 'cpu', reason: `Using the CPU (${why}).` };
}

/** Node's arguments for the trial: the bundled file beside this code in a build, else the source with its loader. */
function trialEntry(): readonly string[] {
  const bundled = fileURLToPath(new URL('./provider-trial.js', import.meta.url));
  if (existsSync(bundled)) return [bundled];
  return [
    '--import',
    import.meta.resolve('tsx'),
    fileURLToPath(new URL('./provider-trial.ts', import.meta.url)),
  ];
}
