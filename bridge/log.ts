/** The log file. It never holds codes, tokens, prompts or pictures: only what an entry's call site names. */
import { renameSync, statSync } from 'node:fs';
import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** A log larger than this is put aside as `<file>.1` at the next start. */
export const maxLogBytes = 10 * 1024 * 1024;

/** Opens the log for appending. Lines are JSON; every one is written before the call returns. */
export function openLog(file: string, { level = 'info' }: { readonly level?: LogLevel } = {}): Log {
  if (fileSize(file) > maxLogBytes) renameSync(file, `${file}.1`);
  const destination: DestinationStream = pino.destination({ dest: file, sync: true, mode: 0o600 });
  return pino({ level, base: { pid: process.pid } }, destination);
}

export function silentLog(): Log {
  return pino({ level: 'silent' });
}

function fileSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
