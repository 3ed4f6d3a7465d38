import { SingleBar } from 'cli-progress';
import { EngineError, toEngineError } from '../../engine/errors.ts';
import { exitCodeFor } from './exit-codes.ts';
import type { JobProgress } from './picture-job.ts';

/**
 * How a command speaks: results on stdout, everything else on stderr; with `--json` exactly one JSON object on stdout,
 * for a success and for a failure alike. A failure is always said on stderr as well.
 */
export class Terminal {
  readonly #json: boolean;
  readonly #bar: SingleBar;
  #barShown = false;

  constructor({ json }: { readonly json: boolean }) {
    this.#json = json;
    this.#bar = new SingleBar({
      format: '{phase} [{bar}] {percentage}% {left}',
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
      barsize: 30,
    });
  }

  progress({ phase, step, steps, etaMs }: JobProgress): void {
    if (this.#json || !process.stderr.isTTY) return;
    const labels = {
      phase: phase.padEnd(9),
      left: etaMs === undefined ? '' : `${formatDuration(etaMs)} left`,
    };
    if (this.#barShown) {
      this.#bar.setTotal(steps);
      this.#bar.update(step, labels);
    } else {
      this.#bar.start(steps, step, labels);
      this.#barShown = true;
    }
  }

  /** The command's result: `value` for machines, `text` for people. */
  result(value: unknown, text: string): void {
    this.#endProgress();
    process.stdout.write(this.#json ? `${JSON.stringify(value)}\n` : `${text}\n`);
  }

  /** A line on stdout, for a command whose output is a conversation. */
  print(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  note(text: string): void {
    this.#endProgress();
    process.stderr.write(`${text}\n`);
  }

  /** Says what went wrong and what to do about it, and sets the exit code. */
  failure(error: unknown): void {
    this.#endProgress();
    const { code, message, hint } = hasCode(error) ? error : toEngineError(error);
    if (this.#json) process.stdout.write(`${JSON.stringify({ error: { code, message, hint } })}\n`);
    process.stderr.write(code === 'cancelled' ? 'Cancelled.\n' : `inlay: ${message}\n${hint}\n`);
    process.exitCode = exitCodeFor(code);
  }

  #endProgress(): void {
    if (!this.#barShown) return;
    this.#bar.stop();
    this.#barShown = false;
  }
}

/** Failures told by a server have the engine's shape without being its class. */
function hasCode(error: unknown): error is Pick<EngineError, 'message' | 'hint'> & { code: string } {
  return error instanceof EngineError || (error instanceof Error && 'code' in error && 'hint' in error);
}

export function formatDuration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 2 ** 20) return `${Math.ceil(bytes / 2 ** 10)} KiB`;
  if (bytes < 2 ** 30) return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
