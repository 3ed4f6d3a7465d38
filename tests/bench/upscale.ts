/**
 * Our upscaling against PyTorch and ncnn, with the same weights on the same cores, in turns:
 *
 *     npx tsx tests/bench/upscale.ts [--python python3] [--rounds 3] [--models realesr-general-x4v3:256,…]
 *
 * All three are asked the same: rgb8 in, rgb8 out, the network loaded before. docs/benchmarks.md says what to install.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { drawPicture } from '../engine/pipelines/engine-fixture.ts';
import { describeMachine, median } from './figures.ts';
import { PeerProcess } from './peer-process.ts';
import type { UpscaleAnswer, UpscaleQuestion } from './upscale-runner.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    rounds: { type: 'string', default: '3' },
    models: {
      type: 'string',
      default:
        'realesr-animevideov3:256,realesr-general-x4v3:256,realesrgan-x4plus-anime:256,realesrgan-x4plus:128',
    },
  },
});

const here = path.dirname(fileURLToPath(import.meta.url));
const threads = os.availableParallelism();
const folder = await mkdtemp(path.join(os.tmpdir(), 'inlay-bench-'));

/** Upscales a picture; nothing where it has no such network. */
interface Contender {
  readonly name: string;
  run(question: UpscaleQuestion): Promise<UpscaleAnswer | undefined>;
  end(): void;
}

async function startOurs(): Promise<Contender> {
  const child: ChildProcess = fork(path.join(here, 'upscale-runner.ts'), {
    execArgv: ['--import', 'tsx'],
    serialization: 'advanced',
  });
  await once(child, 'message');
  return {
    name: 'Inlay',
    async run(question) {
      child.send(question);
      return (await once(child, 'message'))[0] as UpscaleAnswer;
    },
    end: () => child.disconnect(),
  };
}

async function startPeer(kind: 'torch' | 'ncnn'): Promise<Contender | undefined> {
  const peer = await PeerProcess.start(values.python, [
    path.join(here, 'upscale_peer.py'),
    kind,
    String(threads),
  ]);
  if (typeof peer === 'string') {
    console.log(`${kind} left out: ${peer}`);
    return undefined;
  }
  const file = path.join(folder, `${kind}.rgb8`);
  return {
    name: kind,
    async run({ model, size, bytes }) {
      await writeFile(file, bytes);
      const weights = path.join(here, '..', '..', 'models', `${model}.safetensors`);
      const [seconds, cpuSeconds, peakBytes] = await peer.ask(weights, size, file);
      if (peakBytes === undefined) return undefined;
      return {
        seconds: Number(seconds),
        cpuSeconds: Number(cpuSeconds),
        peakBytes: Number(peakBytes),
        bytes: await readFile(file),
      };
    },
    end: () => peer.end(),
  };
}

function largestDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((largest, value, index) => Math.max(largest, Math.abs(value - b[index]!)), 0);
}

async function compare(model: string, size: number): Promise<void> {
  const { data } = drawPicture({ width: size, height: size, channels: 3, depth: 8 });
  const question = { model, size, bytes: data as Uint8Array };
  // New processes for each network, so that each one's memory is its own.
  const started = [await startOurs(), await startPeer('torch'), await startPeer('ncnn')];
  const contenders = started.filter((contender) => contender !== undefined);
  const samples = new Map<string, UpscaleAnswer[]>();
  // The first round loads and warms up.
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const { name, run } of contenders) {
      const answer = await run(question);
      if (answer === undefined || round === 0) continue;
      samples.set(name, [...(samples.get(name) ?? []), answer]);
    }
  }
  for (const contender of contenders) contender.end();
  const ours = samples.get('Inlay')!;
  const best = (answers: readonly UpscaleAnswer[], of: 'seconds' | 'cpuSeconds') =>
    Math.min(...answers.map((answer) => answer[of]));
  const ratio = (answers: readonly UpscaleAnswer[], of: 'seconds' | 'cpuSeconds') =>
    (best(answers, of) / best(ours, of)).toFixed(2);
  console.log(`${model}, ${size} x ${size}, ${threads} threads`);
  for (const [name, answers] of samples) {
    const { peakBytes, bytes } = answers.at(-1)!;
    const typical = median(answers.map(({ seconds }) => seconds));
    console.log(
      `  ${name.padEnd(6)} best ${best(answers, 'seconds').toFixed(2)} s (${ratio(answers, 'seconds')} of ours), ` +
        `median ${typical.toFixed(2)} s, CPU ${best(answers, 'cpuSeconds').toFixed(2)} s ` +
        `(${ratio(answers, 'cpuSeconds')}), peak ${(peakBytes / 2 ** 20).toFixed(0)} MiB, ` +
        `off ours by ${largestDifference(ours.at(-1)!.bytes, bytes)}/255 at most`,
    );
  }
}

console.log(describeMachine());
for (const entry of values.models.split(',')) {
  const [model, size] = entry.split(':');
  await compare(model!, Number(size));
}
await rm(folder, { recursive: true, force: true });
