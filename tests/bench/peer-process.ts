/** A program that benchmarks are held against: asked a line, it answers a line. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export class PeerProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterableIterator<string>;

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>, lines: Interface) {
    this.#child = child;
    this.#answers = lines[Symbol.asyncIterator]();
  }

  /** Starts `command …args`; why not, where it cannot be had. */
  static async start(
    command: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv = process.env,
  ): Promise<PeerProcess | string> {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env: environment });
    const failed = once(child, 'error').then(([error]) => `${(error as Error).message}`);
    const peer = new PeerProcess(child, createInterface(child.stdout));
    const greeting = await Promise.race([failed, peer.#next()]);
    return greeting === 'ready' ? peer : greeting;
  }

  async ask(...fields: readonly (string | number)[]): Promise<readonly string[]> {
    this.#child.stdin.write(`${fields.join('\t')}\n`);
    return (await this.#next()).split('\t');
  }

  end(): void {
    this.#child.stdin.end();
  }

  async #next(): Promise<string> {
    const { value, done } = await this.#answers.next();
    return done ? 'it ended without a word' : (value as string);
  }
}
