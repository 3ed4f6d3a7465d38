/**
 * What each optional step of the fill gives: all cases with all steps, then without each of them.
 *
 *     npx tsx tests/bench/fill/ablation.ts --folder PICTURES [--without seam-finish,…|none] [--sides 512] [--kinds …]
 *
 * Prints a table for docs/fill.md: scores and times as multiples of those with all steps, above 1 where the step helps
 * or costs nothing. With `--without none` only the fill as it is, case by case against what the bar left in the folder
 * (sheets.ts or bench.ts): how to score a change.
 */
import { parseArgs } from 'node:util';
import { type FillStep, fillSteps } from '../../../engine/fill/fill-step.ts';
import { FillThreads } from '../../../engine/fill/fill-threads.ts';
import { type CaseKind, caseKinds, type FillCase, readCases } from './cases.ts';
import { BAR } from './engines.ts';
import { FillStore } from './fill-store.ts';
import { scoreCase } from './measures.ts';
import { runOperation } from './operation.ts';
import { geometricMean, scoreRatio } from './ratios.ts';
import type { DefectScore } from './score.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    without: { type: 'string', default: '' },
    sides: { type: 'string', default: '512' },
    kinds: { type: 'string', default: caseKinds.join(',') },
    threads: { type: 'string', default: '2' },
    seeds: { type: 'string', default: '1' },
  },
});
if (!values.folder) throw new Error('Expected --folder with the pictures that fetch_pictures.py made');

interface Outcome {
  readonly kind: CaseKind;
  readonly score: DefectScore;
  readonly seconds: number;
}

const kinds = values.kinds.split(',') as CaseKind[];
const seeds = values.seeds.split(',').map(Number);
const asked = values.without.split(',');
const steps = fillSteps.filter((step) => values.without === '' || asked.includes(step));
const threads = new FillThreads(Number(values.threads));
const store = new FillStore(values.folder);
const selection = { folder: values.folder, sides: values.sides.split(',').map(Number), kinds };

async function fillWithout(fillCase: FillCase, { seed, left }: { seed: number; left: FillStep | null }) {
  const options = { seed, threads, without: new Set(left === null ? [] : [left]) };
  const start = performance.now();
  const result = await runOperation(fillCase, options);
  const seconds = (performance.now() - start) / 1e3;
  return { result, outcome: { kind: fillCase.kind, seconds, score: scoreCase(result, fillCase) } };
}

const figures = ({ texture, layout, seam, structure, total }: DefectScore) =>
  [texture, layout, seam, structure, total].map((value) => value.toFixed(3).padStart(7)).join('');

async function compareToBar(fillCase: FillCase, ours: Outcome): Promise<number> {
  const bar = await store.get(fillCase, BAR);
  const barScore = bar && scoreCase(bar, fillCase);
  const ratio = barScore ? scoreRatio(ours.score, barScore) : Number.NaN;
  console.log(
    `${fillCase.name.padEnd(28)}${figures(ours.score)} |${barScore ? figures(barScore) : ''}${ratio.toFixed(2).padStart(7)}` +
      `${ours.seconds.toFixed(2).padStart(7)} s`,
  );
  return ratio;
}

const outcomes = new Map<FillStep | null, Outcome[]>();
if (steps.length === 0) {
  console.log(`${''.padEnd(28)}texture layout   seam struct  total | the same of ${BAR}, ours of the bar's`);
}
const barRatios = new Map<CaseKind, number[]>();
for await (const fillCase of readCases(selection)) {
  for (const left of [null, ...steps]) {
    for (const seed of seeds) {
      const { result, outcome } = await fillWithout(fillCase, { seed, left });
      outcomes.set(left, [...(outcomes.get(left) ?? []), outcome]);
      if (steps.length > 0) continue;
      await store.put(fillCase, 'inlay-2', result);
      const ratio = await compareToBar(fillCase, outcome);
      if (!Number.isNaN(ratio))
        barRatios.set(fillCase.kind, [...(barRatios.get(fillCase.kind) ?? []), ratio]);
    }
  }
}
await threads.close();

if (steps.length === 0) {
  for (const [kind, ratios] of barRatios) {
    console.log(`${kind.padEnd(14)} ${geometricMean(ratios).toFixed(2)} of the bar's defects`);
  }
} else {
  const all = outcomes.get(null)!;
  const found = caseKinds.filter((kind) => all.some((outcome) => outcome.kind === kind));
  console.log(`| without | ${found.join(' | ')} | time |\n|---${'|---'.repeat(found.length + 1)}|`);
  for (const step of steps) {
    const pairs = outcomes.get(step)!.map((outcome, index) => [outcome, all[index]!] as const);
    const scores = found.map((kind) =>
      geometricMean(
        pairs.filter(([outcome]) => outcome.kind === kind).map(([a, b]) => scoreRatio(a.score, b.score)),
      ),
    );
    const time = geometricMean(pairs.map(([a, b]) => a.seconds / b.seconds));
    console.log(`| ${step} | ${[...scores, time].map((value) => value.toFixed(2)).join(' | ')} |`);
  }
}
