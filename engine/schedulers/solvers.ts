import { DdimScheduler } from './ddim.ts';
import { DdpmScheduler } from './ddpm.ts';
import { DeisScheduler } from './deis.ts';
import { DpmSolver2SAncestralScheduler } from './dpm-solver-2s-ancestral.ts';
import { DpmSolverMultistepScheduler } from './dpm-solver-multistep.ts';
import { DpmSolverSdeScheduler } from './dpm-solver-sde.ts';
import { Dpm2Scheduler } from './dpm2.ts';
import { EulerScheduler } from './euler.ts';
import { EulerAncestralScheduler } from './euler-ancestral.ts';
import { HeunScheduler } from './heun.ts';
import { LcmScheduler } from './lcm.ts';
import { LmsScheduler } from './lms.ts';
import { PndmScheduler } from './pndm.ts';
import type { Scheduler } from './scheduler.ts';
import type { SolverName } from './scheduler-name.ts';
import type { SolverKind, SolverOptions } from './solver-options.ts';
import { TcdScheduler } from './tcd.ts';
import { UniPcScheduler } from './unipc.ts';

interface SolverOf<Kind extends SolverKind> {
  readonly kind: Kind;
  /** Model calls of a step, but for the last. */
  readonly callsPerStep: 1 | 2;
  make(options: SolverOptions<Kind>): Scheduler;
}

export type Solver = { readonly [Kind in SolverKind]: SolverOf<Kind> }[SolverKind];

type Make<Kind extends SolverKind> = SolverOf<Kind>['make'];

const onTimesteps = (make: Make<'timestep'>) => ({ kind: 'timestep', callsPerStep: 1, make }) as const;
const onDistilled = (make: Make<'distilled'>) => ({ kind: 'distilled', callsPerStep: 1, make }) as const;
const onSigmas = (make: Make<'sigma'>) => ({ kind: 'sigma', callsPerStep: 1, make }) as const;
const twiceOnSigmas = (make: Make<'sigma'>) => ({ kind: 'sigma', callsPerStep: 2, make }) as const;

/** Every solver, by its own name. */
export const solvers: Readonly<Record<SolverName, Solver>> = {
  ddim: onTimesteps((options) => new DdimScheduler(options)),
  ddpm: onTimesteps((options) => new DdpmScheduler(options)),
  pndm: onTimesteps((options) => new PndmScheduler(options)),
  lms: onSigmas((options) => new LmsScheduler(options)),
  euler: onSigmas((options) => new EulerScheduler(options)),
  'euler-ancestral': onSigmas((options) => new EulerAncestralScheduler(options)),
  heun: twiceOnSigmas((options) => new HeunScheduler(options)),
  dpm2: twiceOnSigmas((options) => new Dpm2Scheduler({ ...options, ancestral: false })),
  'dpm2-ancestral': twiceOnSigmas((options) => new Dpm2Scheduler({ ...options, ancestral: true })),
  'dpmpp-2m': onSigmas(
    (options) => new DpmSolverMultistepScheduler({ ...options, order: 2, stochastic: false }),
  ),
  'dpmpp-2m-sde': onSigmas(
    (options) => new DpmSolverMultistepScheduler({ ...options, order: 2, stochastic: true }),
  ),
  'dpmpp-3m-sde': onSigmas(
    (options) => new DpmSolverMultistepScheduler({ ...options, order: 3, stochastic: true }),
  ),
  'dpmpp-sde': twiceOnSigmas((options) => new DpmSolverSdeScheduler(options)),
  'dpmpp-2s-ancestral': twiceOnSigmas((options) => new DpmSolver2SAncestralScheduler(options)),
  unipc: onSigmas((options) => new UniPcScheduler(options)),
  deis: onSigmas((options) => new DeisScheduler(options)),
  lcm: onDistilled((options) => new LcmScheduler(options)),
  tcd: onDistilled((options) => new TcdScheduler(options)),
};
