import { EngineError } from '../errors.ts';
import type { Spacing } from './sigma-ladder.ts';
import { sigmaSpacings } from './sigma-spacing.ts';
import { timestepSpacings } from './timestep-spacing.ts';

/** Solvers, by their own name; a spacing may follow, as in `dpmpp-2m-karras`. */
export const solverNames = [
  'ddim',
  'ddpm',
  'pndm',
  'lms',
  'euler',
  'euler-ancestral',
  'heun',
  'dpm2',
  'dpm2-ancestral',
  'dpmpp-2m',
  'dpmpp-2m-sde',
  'dpmpp-3m-sde',
  'dpmpp-sde',
  'dpmpp-2s-ancestral',
  'unipc',
  'deis',
  'lcm',
  'tcd',
] as const;

export type SolverName = (typeof solverNames)[number];

export const spacings: readonly Spacing[] = [...timestepSpacings, ...sigmaSpacings];

export interface SchedulerName {
  readonly solver: SolverName;
  /** Undefined where the name did not say. */
  readonly spacing: Spacing | undefined;
}

/** Other names of the solvers: diffusers' classes (without "Scheduler"), A1111's labels, ComfyUI's names, all spelt as `normalised` does. */
const solverAliases: ReadonlyMap<string, SolverName> = new Map([
  ['lmsdiscrete', 'lms'],
  ['plms', 'pndm'],
  ['eulerdiscrete', 'euler'],
  ['eulerancestraldiscrete', 'euler-ancestral'],
  ['euler-a', 'euler-ancestral'],
  ['heundiscrete', 'heun'],
  ['kdpm2discrete', 'dpm2'],
  ['dpm-2', 'dpm2'],
  ['kdpm2ancestraldiscrete', 'dpm2-ancestral'],
  ['dpm2-a', 'dpm2-ancestral'],
  ['dpm-2-ancestral', 'dpm2-ancestral'],
  ['dpmsolvermultistep', 'dpmpp-2m'],
  ['dpmpp-2m-sde-gpu', 'dpmpp-2m-sde'],
  ['dpmpp-3m-sde-gpu', 'dpmpp-3m-sde'],
  ['dpmsolversde', 'dpmpp-sde'],
  ['dpmpp-sde-gpu', 'dpmpp-sde'],
  ['dpmpp-2s-a', 'dpmpp-2s-ancestral'],
  ['unipcmultistep', 'unipc'],
  ['uni-pc', 'unipc'],
  ['uni-pc-bh2', 'unipc'],
  ['deismultistep', 'deis'],
]);

const spacingAliases: Readonly<Record<string, Spacing>> = { normal: 'linspace', uniform: 'linspace' };

/**
 * The solver and spacing that a name stands for: `euler-karras`, or what diffusers, A1111 or ComfyUI call it
 * (`EulerDiscreteScheduler`, `Euler a`, `dpmpp_2m_karras`).
 * @throws EngineError invalid-option
 */
export function parseSchedulerName(text: string): SchedulerName {
  const name = normalised(text);
  const whole = solverOf(name);
  if (whole !== undefined) return { solver: whole, spacing: undefined };
  const spacingNames = new Map<string, Spacing>([
    ...spacings.map((spacing) => [spacing, spacing] as const),
    ...Object.entries(spacingAliases),
  ]);
  for (const [suffix, spacing] of spacingNames) {
    if (!name.endsWith(`-${suffix}`)) continue;
    const solver = solverOf(name.slice(0, -suffix.length - 1));
    if (solver !== undefined) return { solver, spacing };
  }
  throw new EngineError('invalid-option', `There is no scheduler named "${text}".`, {
    hint: `Use one of ${solverNames.join(', ')}; a spacing may follow, as in euler-karras: ${spacings.join(', ')}.`,
  });
}

/** The name that `parseSchedulerName` reads back. */
export function nameOfScheduler({ solver, spacing }: SchedulerName): string {
  return spacing === undefined ? solver : `${solver}-${spacing}`;
}

function normalised(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll('++', 'pp')
    .replace(/[\s_]+/g, '-')
    .replace(/scheduler$/, '');
}

function solverOf(name: string): SolverName | undefined {
  return solverNames.find((solver) => solver === name) ?? solverAliases.get(name);
}
