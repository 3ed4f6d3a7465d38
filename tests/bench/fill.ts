/**
 * The fill by its own, with one thread and with two, against PyPatchMatch (which has one), in turns:
 *
 *     npx tsx tests/bench/fill.ts [--python python3] [--rounds 3] [--sides 512,1024,2000]
 *
 * The event loop's lag is how long a cancel may go unheard in the engine's process.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fillPicture } from '../../engine/fill/fill-picture.ts';
import { FillThreads } from '../../engine/fill/fill-threads.ts';
import type { Mask, Picture } from '../../engine/image/picture.ts';
import { describeMachine, median } from './figures.ts';
import { PythonPeer } from './python-peer.ts';
import { brickTexture, discMask } from './texture.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    rounds: { type: 'string', default: '3' },
    sides: { type: 'string', default: '512,1024,2000' },
  },
});
const threadCounts = [1, 2];

interface Sample {
  readonly seconds: number;
  /** The longest that the event loop had to wait. */
  readonly lagMs?: number;
}

const lagResolutionMs = 5;

async function fillOnce(picture: Picture, mask: Mask, threads: FillThreads): Promise<Sample> {
  const lag = monitorEventLoopDelay({ resolution: lagResolutionMs });
  lag.enable();
  const start = performance.now();
  await fillPicture(picture, mask, { seed: 1, threads });
  const seconds = (performance.now() - start) / 1e3;
  lag.disable();
  return { seconds, lagMs: lag.max / 1e6 };
}

console.log(describeMachine());
const here = path.dirname(fileURLToPath(import.meta.url));
const peer = await PythonPeer.start(values.python, [path.join(here, 'fill_peer.py')]);
if (typeof peer === 'string') console.log(`PyPatchMatch left out: ${peer}`);
const folder = await mkdtemp(path.join(os.tmpdir(), 'inlay-bench-'));
const pools = threadCounts.map((count) => new FillThreads(count));

for (const side of values.sides.split(',').map(Number)) {
  const picture: Picture = { width: side, height: side, channels: 3, data: brickTexture(side) };
  const mask: Mask = { width: side, height: side, data: discMask(side) };
  const pictureFile = path.join(folder, 'picture.rgb8');
  const maskFile = path.join(folder, 'mask.gray8');
  await writeFile(pictureFile, picture.data);
  await writeFile(maskFile, mask.data);
  const samples = new Map<string, Sample[]>();
  const keep = (name: string, sample: Sample) => samples.set(name, [...(samples.get(name) ?? []), sample]);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [index, threads] of pools.entries()) {
      keep(`Inlay, threads: ${threadCounts[index]}`, await fillOnce(picture, mask, threads));
    }
    if (typeof peer === 'string') continue;
    const [seconds] = await peer.ask(side, pictureFile, maskFile);
    keep('PyPatchMatch', { seconds: Number(seconds) });
  }
  console.log(`${side} x ${side}, a disc of ${side / 4} px`);
  const best = (name: string) => Math.min(...samples.get(name)!.map(({ seconds }) => seconds));
  const ours = best(`Inlay, threads: ${threadCounts[0]}`);
  for (const [name, taken] of samples) {
    const lags = taken.flatMap(({ lagMs }) => (lagMs === undefined ? [] : [lagMs]));
    const lag = lags.length === 0 ? '' : `, event loop lag at most ${Math.max(...lags).toFixed(0)} ms`;
    console.log(
      `  ${name.padEnd(17)} best ${best(name).toFixed(2)} s, median ` +
        `${median(taken.map(({ seconds }) => seconds)).toFixed(2)} s, ` +
        `${(best(name) / ours).toFixed(2)} of ours with one thread${lag}`,
    );
  }
}
if (typeof peer !== 'string') peer.end();
await Promise.all(pools.map((pool) => pool.close()));
await rm(folder, { recursive: true, force: true });
