/**
 * Stable Diffusion 1.5 or SDXL at full size against diffusers on PyTorch's CPU, the same file on the same cores, in turns:
 *
 *     npx tsx tests/bench/stable-diffusion/bench.ts --checkpoint FILE [--python python3] [--rounds 2] [--steps 2]
 *       [--side 512] [--contenders Inlay,float32,bfloat16]
 *
 * FILE is what write-checkpoint.ts writes; of which family it is its tensors tell. Each round starts each contender anew, one
 * at a time, so that starts are measured as often as steps and only one set of weights (some 5 GB, of SDXL some 16) is in
 * memory.
 */
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { engineEnvironment } from '../../../bridge/engine-host.ts';
import { recogniseFile } from '../../../engine/models/file-family.ts';
import { openCheckpoint } from '../../../engine/weights/open-checkpoint.ts';
import { describeMachine } from '../figures.ts';
import { PeerProcess } from '../peer-process.ts';

const { values } = parseArgs({
  options: {
    checkpoint: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    rounds: { type: 'string', default: '2' },
    steps: { type: 'string', default: '2' },
    side: { type: 'string', default: '512' },
    contenders: { type: 'string', default: 'Inlay,float32,bfloat16' },
  },
});
if (values.checkpoint === undefined)
  throw new Error('Expected --checkpoint FILE, as write-checkpoint.ts wrote it');
const checkpoint = path.resolve(values.checkpoint);
const here = path.dirname(fileURLToPath(import.meta.url));
const threads = os.availableParallelism();

/** What is measured, with the most that it may be of diffusers' in float32 for Stable Diffusion 1.5. */
const rows = {
  start: { title: 'start of the process to ready for a step', unit: 's', target: 0.5 },
  startCpu: { title: '  CPU time of loading', unit: 's', target: undefined },
  firstStep: { title: 'start to first step done, batch 2', unit: 's', target: 0.5 },
  guidedStep: { title: 'step, batch 2 (guidance)', unit: 's', target: 0.6 },
  guidedStepCpu: { title: '  CPU time', unit: 's', target: undefined },
  plainStep: { title: 'step, batch 1', unit: 's', target: 0.6 },
  plainStepCpu: { title: '  CPU time', unit: 's', target: undefined },
  decode: { title: 'VAE decode', unit: 's', target: undefined },
  decodeCpu: { title: '  CPU time', unit: 's', target: undefined },
  stepPeak: { title: 'peak resident memory, steps', unit: 'GB', target: 1 },
  peak: { title: 'peak resident memory, with decode', unit: 'GB', target: 1 },
} as const;
type Row = keyof typeof rows;
type Outcome = Record<Row, number>;

interface Answer {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

async function measure(contender: string): Promise<Outcome | string> {
  const begin = performance.now();
  const peer =
    contender === 'Inlay'
      ? await PeerProcess.start(
          process.execPath,
          ['--import', 'tsx', path.join(here, 'runner.ts')],
          engineEnvironment(process.env),
        )
      : await PeerProcess.start(values.python, [
          path.join(here, 'diffusers_peer.py'),
          contender,
          String(threads),
        ]);
  if (typeof peer === 'string') return peer;
  const ask = async (...fields: readonly string[]): Promise<Answer> => {
    const answer = await peer.ask(...fields);
    const [seconds = Number.NaN, cpuSeconds = Number.NaN, peakBytes = Number.NaN] = answer.map(Number);
    if (answer.length !== 3) throw new Error(`${contender} on ${fields.join(' ')}: ${answer.join(' ')}`);
    return { seconds, cpuSeconds, peakBytes };
  };
  const fastest = async (...fields: readonly string[]): Promise<Answer> => {
    const answers: Answer[] = [];
    while (answers.length < Number(values.steps)) answers.push(await ask(...fields));
    return answers.reduce((best, answer) => (answer.seconds < best.seconds ? answer : best));
  };
  try {
    const loaded = await ask('load', checkpoint);
    const start = (performance.now() - begin) / 1e3;
    await ask('step', values.side, '2');
    const firstStep = (performance.now() - begin) / 1e3;
    const guided = await fastest('step', values.side, '2');
    const plain = await fastest('step', values.side, '1');
    const decoded = await ask('decode', values.side);
    return {
      start,
      startCpu: loaded.cpuSeconds,
      firstStep,
      guidedStep: guided.seconds,
      guidedStepCpu: guided.cpuSeconds,
      plainStep: plain.seconds,
      plainStepCpu: plain.cpuSeconds,
      decode: decoded.seconds,
      decodeCpu: decoded.cpuSeconds,
      stepPeak: plain.peakBytes / 1e9,
      peak: decoded.peakBytes / 1e9,
    };
  } finally {
    peer.end();
  }
}

const recognised = recogniseFile(await openCheckpoint(checkpoint));
if (recognised?.kind !== 'checkpoint') throw new Error(`Expected a checkpoint, received ${checkpoint}`);
const { architecture, family } = recognised;
console.log(
  `${architecture}, ${path.basename(checkpoint)}; ${describeMachine()}; ${values.side} px, ${threads} threads`,
);
const best = new Map<string, Outcome>();
for (let round = 1; round <= Number(values.rounds); round++) {
  for (const contender of values.contenders.split(',')) {
    const outcome = await measure(contender);
    if (typeof outcome === 'string') {
      if (round === 1) console.log(`${contender} left out: ${outcome}`);
      continue;
    }
    const figures = (Object.keys(rows) as Row[]).map((row) => `${row} ${outcome[row].toFixed(2)}`);
    const [load = 0] = os.loadavg();
    console.log(`round ${round}, ${contender}, load ${load.toFixed(1)}: ${figures.join(', ')}`);
    const known = best.get(contender);
    const better = (row: Row) => Math.min(outcome[row], known?.[row] ?? Number.POSITIVE_INFINITY);
    best.set(
      contender,
      Object.fromEntries((Object.keys(rows) as Row[]).map((row) => [row, better(row)])) as Outcome,
    );
  }
}

const ours = best.get('Inlay');
const reference = best.get('float32');
console.log(`\n| best of ${values.rounds} | ${[...best.keys()].join(' | ')} | ours / float32 | target |`);
console.log(`|${'---|'.repeat(best.size + 3)}`);
for (const [row, { title, unit, target: target15 }] of Object.entries(rows)) {
  const target = family === 'sd1' ? target15 : undefined;
  const cells = [...best.values()].map((outcome) => `${outcome[row as Row].toFixed(2)} ${unit}`);
  const ratio = ours && reference ? ours[row as Row] / reference[row as Row] : Number.NaN;
  const verdict =
    target === undefined || Number.isNaN(ratio) ? '' : `${target}: ${ratio <= target ? 'met' : 'missed'}`;
  console.log(`| ${[title, ...cells, Number.isNaN(ratio) ? '' : ratio.toFixed(2), verdict].join(' | ')} |`);
}
