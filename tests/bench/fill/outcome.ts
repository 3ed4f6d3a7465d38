/** What was measured of one engine at one case, and the table's figures out of all of them. */
import type { CaseKind, FillCase } from './cases.ts';
import { BAR, type EngineName, type FillSample } from './engines.ts';
import { changedOutsideMask, psnr, scoreCase, textureEnergyRatio } from './measures.ts';
import { geometricMean, scoreRatio } from './ratios.ts';
import type { DefectScore } from './score.ts';
import type { TargetName } from './targets.ts';

export interface Outcome {
  readonly engine: EngineName;
  readonly caseName: string;
  readonly kind: CaseKind;
  readonly side: number;
  /** Of the rounds the best. */
  readonly seconds: number;
  readonly previewSeconds: number;
  readonly memoryBytes: number;
  readonly score: DefectScore;
  readonly changed: number;
  /** NaN without a truth. */
  readonly psnr: number;
  readonly energy: number;
  /** Of the rounds of one engine, how many returned other bytes than the first. */
  readonly otherBytes: number;
  readonly hash: string;
}

export interface Rounds {
  readonly engine: EngineName;
  readonly samples: readonly FillSample[];
  readonly hashes: readonly string[];
}

export function outcomeOf(fillCase: FillCase, { engine, samples, hashes }: Rounds): Outcome {
  const { name, kind, side, mask, truth } = fillCase;
  const { result } = samples[0]!;
  const least = (of: (sample: FillSample) => number) => Math.min(...samples.map(of));
  return {
    engine,
    caseName: name,
    kind,
    side,
    seconds: least(({ seconds }) => seconds),
    previewSeconds: least(({ previewSeconds }) => previewSeconds),
    // The first round also pays for what a warm engine keeps.
    memoryBytes: Math.max(...samples.map(({ memoryBytes }) => memoryBytes)),
    score: scoreCase(result, fillCase),
    // A removal covers more than was painted, which is what it is for.
    changed: kind === 'removal' ? 0 : changedOutsideMask(result, fillCase),
    psnr: truth ? psnr(result, { mask, truth }) : Number.NaN,
    energy: truth ? textureEnergyRatio(result, { mask, truth }) : Number.NaN,
    otherBytes: hashes.filter((hash) => hash !== hashes[0]).length,
    hash: hashes[0]!,
  };
}

type Pair = readonly [ours: Outcome, theirs: Outcome];

const DIFFUSIONS: readonly EngineName[] = ['opencv-telea', 'opencv-ns', 'opencv-fsr', 'biharmonic'];
/** Where the scores are taken. */
const SCORE_SIDE = 512;

export function tableOf(outcomes: readonly Outcome[]): Record<TargetName, number> {
  const pairs = (ours: EngineName, theirs: EngineName): Pair[] =>
    outcomes.flatMap((a) => {
      const b = outcomes.find(({ engine, caseName }) => engine === theirs && caseName === a.caseName);
      return a.engine === ours && b ? [[a, b] as const] : [];
    });
  const bar = pairs('inlay-2', BAR);
  const atScoreSide = bar.filter(([{ side }]) => side === SCORE_SIDE);
  const time = (chosen: readonly Pair[]) => geometricMean(chosen.map(([a, b]) => a.seconds / b.seconds));
  const wide = ({ kind }: Outcome) => kind !== 'strokes';
  const timeAt = (chosen: readonly Pair[], side: number) =>
    time(chosen.filter(([a]) => a.side === side && wide(a)));
  const oneThread = pairs('inlay-1', BAR);
  const sides = [...new Set(oneThread.map(([{ side }]) => side))];
  const defects = (kind: CaseKind) =>
    geometricMean(atScoreSide.filter(([a]) => a.kind === kind).map(([a, b]) => scoreRatio(a.score, b.score)));
  const wides = bar.filter(([a]) => wide(a));
  const ours = outcomes.filter(({ engine }) => engine === 'inlay-2');
  const energies = ours.filter(({ energy, kind }) => kind !== 'strokes' && !Number.isNaN(energy));
  const threadPairs = pairs('inlay-1', 'inlay-2');
  return {
    'time-512': timeAt(bar, 512),
    'time-1024': timeAt(bar, 1024),
    'time-2000': timeAt(bar, 2000),
    'time-1-thread': Math.max(...sides.map((side) => timeAt(oneThread, side))),
    'time-gmic': timeAt(pairs('inlay-2', 'gmic-matchpatch'), 1024),
    'time-resynthesizer': timeAt(pairs('inlay-2', 'resynthesizer'), 1024),
    'time-cython': timeAt(pairs('inlay-2', 'patchmatch-cython'), 1024),
    'time-strokes': time(bar.filter(([a]) => a.kind === 'strokes')),
    preview: geometricMean(
      wides.filter(([a]) => !Number.isNaN(a.previewSeconds)).map(([a, b]) => a.previewSeconds / b.seconds),
    ),
    // A warm engine reuses what it was given before: only the most that it ever took tells.
    memory: mostMemory('inlay-2', outcomes) / mostMemory(BAR, outcomes),
    object: defects('object'),
    rectangle: defects('rectangle'),
    'rectangle-peers': rectanglePeers(pairs),
    'outpaint-one': defects('outpaint-one'),
    'outpaint-all': defects('outpaint-all'),
    strokes: defects('strokes'),
    'strokes-psnr': psnrLead(ours, outcomes),
    removal: defects('removal'),
    worse:
      atScoreSide.length === 0
        ? Number.NaN
        : atScoreSide.filter(([a, b]) => a.score.total > b.score.total).length / atScoreSide.length,
    energy: geometricMean(energies.map(({ energy }) => energy)),
    changed: ours.reduce((sum, { changed }) => sum + changed, 0),
    'other-bytes':
      outcomes.filter(({ engine }) => engine.startsWith('inlay')).reduce((sum, o) => sum + o.otherBytes, 0) +
      threadPairs.filter(([a, b]) => a.hash !== b.hash).length,
  };
}

function mostMemory(name: EngineName, outcomes: readonly Outcome[]): number {
  return Math.max(...outcomes.filter(({ engine }) => engine === name).map(({ memoryBytes }) => memoryBytes));
}

/** Against the one that does better in the mean. */
function rectanglePeers(pairs: (ours: EngineName, theirs: EngineName) => Pair[]): number {
  const ratios = (['resynthesizer', 'gmic-matchpatch'] as const).flatMap((peer) => {
    const chosen = pairs('inlay-2', peer).filter(([a]) => a.kind === 'rectangle' && a.side === SCORE_SIDE);
    return chosen.length === 0 ? [] : [geometricMean(chosen.map(([a, b]) => scoreRatio(a.score, b.score)))];
  });
  return ratios.length === 0 ? Number.NaN : Math.max(...ratios);
}

/** Mean over the strokes of our PSNR less that of the best diffusion there. */
function psnrLead(ours: readonly Outcome[], outcomes: readonly Outcome[]): number {
  const leads = ours
    .filter(({ kind }) => kind === 'strokes')
    .flatMap((own) => {
      const theirs = outcomes.filter((o) => o.caseName === own.caseName && DIFFUSIONS.includes(o.engine));
      return theirs.length === 0 ? [] : [own.psnr - Math.max(...theirs.map((outcome) => outcome.psnr))];
    });
  return leads.length === 0 ? Number.NaN : leads.reduce((sum, lead) => sum + lead, 0) / leads.length;
}
