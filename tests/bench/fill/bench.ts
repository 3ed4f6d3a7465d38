/**
 * The fill against its peers, on photographs, in turns:
 *
 *     npx tsx tests/bench/fill/bench.ts --folder PICTURES [--python python3] [--resynthesizer LIBRARY] [--quick]
 *         [--rounds 3] [--json FILE]
 *
 * docs/benchmarks.md says how to get the pictures and the peers, and what is measured. Peers that are not there are left
 * out, and said to be. Results are kept in the folder for sheets.ts and ablation.ts.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from '../figures.ts';
import { type CaseKind, type FillCase, readCases } from './cases.ts';
import { BAR, type EngineName, engineNames, FillEngine, type FillSample } from './engines.ts';
import { FillStore } from './fill-store.ts';
import { type Outcome, outcomeOf, tableOf } from './outcome.ts';
import { printTable } from './targets.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    resynthesizer: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    json: { type: 'string' },
  },
});
if (!values.folder) throw new Error('Expected --folder with the pictures that fetch_pictures.py made');

const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
const sides = values.quick ? [512, 1024] : [512, 1024, 2000];
/** Of a kind and size. */
const limit = values.quick ? 2 : Number.POSITIVE_INFINITY;

/** Which peers a case is for; each is slow where it is of no use. We and the bar take part in all. */
function peersOf({ kind, side }: FillCase): readonly EngineName[] {
  if (side === 1024) return ['gmic-matchpatch', 'resynthesizer', 'patchmatch-cython'];
  if (side !== 512) return [];
  const peers: Partial<Record<CaseKind, readonly EngineName[]>> = {
    rectangle: ['gmic-matchpatch', 'resynthesizer'],
    strokes: ['opencv-telea', 'opencv-ns', 'opencv-fsr', 'biharmonic'],
  };
  return peers[kind] ?? [];
}

/** All engines by turns. Peers of which only one figure is wanted get one round. */
async function measure(fillCase: FillCase, engines: readonly FillEngine[]): Promise<Outcome[]> {
  const peers = peersOf(fillCase);
  const runs = new Map<FillEngine, { samples: FillSample[]; hashes: string[] }>();
  for (let round = 0; round < rounds; round++) {
    for (const engine of engines) {
      const isMain = engine.name.startsWith('inlay') || engine.name === BAR;
      if (!isMain && (round > 0 || !peers.includes(engine.name))) continue;
      const sample = await engine.fill(fillCase);
      if (typeof sample === 'string') {
        console.log(`${engine.name} could not fill ${fillCase.name}: ${sample}`);
        continue;
      }
      const run = runs.get(engine) ?? { samples: [], hashes: [] };
      run.samples.push(sample);
      run.hashes.push(createHash('sha256').update(sample.result.data).digest('hex'));
      runs.set(engine, run);
    }
  }
  const outcomes: Outcome[] = [];
  for (const [engine, run] of runs) {
    await store.put(fillCase, engine.name, run.samples[0]!.result);
    outcomes.push(outcomeOf(fillCase, { engine: engine.name, ...run }));
  }
  return outcomes;
}

function print({ engine, caseName, seconds, memoryBytes, score }: Outcome): void {
  const { texture, layout, seam, structure, total } = score;
  const parts = [texture, layout, seam, structure, total].map((part) => part.toFixed(2)).join(' ');
  console.log(
    `${caseName.padEnd(28)} ${engine.padEnd(18)}${seconds.toFixed(2).padStart(7)} s` +
      `${(memoryBytes / 2 ** 20).toFixed(0).padStart(5)} MiB   ${parts}`,
  );
}

console.log(describeMachine());
const start = performance.now();
const scratch = await mkdtemp(path.join(os.tmpdir(), 'inlay-bench-'));
const store = new FillStore(values.folder);
const engines = await FillEngine.startAll(
  engineNames.filter((name) => name !== 'gmic-patch' && name !== 'opencv-shift-map'),
  { ...values, folder: scratch },
);
const outcomes: Outcome[] = [];
console.log('case, engine, best time, memory; defects: texture, layout, seam, structure, mean');
for await (const fillCase of readCases({ folder: values.folder, sides, limit })) {
  const measured = await measure(fillCase, engines);
  for (const outcome of measured) print(outcome);
  outcomes.push(...measured);
}
for (const engine of engines) engine.end();
await rm(scratch, { recursive: true, force: true });
if (values.json) await writeFile(values.json, JSON.stringify(outcomes, null, 1));
console.log(describeMachine());
console.log(`${outcomes.length} figures in ${((performance.now() - start) / 60e3).toFixed(1)} minutes`);
printTable(tableOf(outcomes));
