import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '../../../engine/errors.ts';
import { PhiloxGenerator } from '../../../engine/random/philox.ts';
import {
  createScheduler,
  maxInferenceSteps,
  type SchedulerOptions,
} from '../../../engine/schedulers/create-scheduler.ts';
import { parseSchedulerName, solverNames, spacings } from '../../../engine/schedulers/scheduler-name.ts';

function create(name: string, options: Partial<SchedulerOptions> = {}) {
  return createScheduler(name, {
    numInferenceSteps: 8,
    predictionType: 'v_prediction',
    rescaleZeroTerminalSnr: false,
    noise: new PhiloxGenerator(1),
    ...options,
  });
}

function refused(pattern: RegExp) {
  return (error: unknown) =>
    error instanceof EngineError &&
    error.code === 'invalid-option' &&
    pattern.test(`${error.message} ${error.hint}`);
}

test('every solver runs to the end with every spacing it has, at 1 step and at many', () => {
  for (const solver of solverNames) {
    for (const spacing of spacings) {
      for (const numInferenceSteps of [1, 2, 3, 8, 50]) {
        let scheduler: ReturnType<typeof create>;
        try {
          scheduler = create(`${solver}-${spacing}`, { numInferenceSteps });
        } catch (error) {
          assert.ok(refused(/has no .* spacing/)(error), `${solver}-${spacing}: ${error}`);
          continue;
        }
        let sample: Float32Array = Float32Array.of(1, -1, 0.5).map(
          (value) => value * scheduler.initNoiseSigma,
        );
        for (const [index, timestep] of scheduler.timesteps.entries()) {
          const input = scheduler.scaleModelInput(sample, index);
          assert.ok(timestep >= 0 && timestep <= 999, `${solver}-${spacing}: timestep ${timestep}`);
          sample = scheduler.step(
            input.map((value) => value / 2),
            sample,
            index,
          );
          assert.ok(sample.every(Number.isFinite), `${solver}-${spacing} of ${numInferenceSteps}: ${sample}`);
          assert.ok(scheduler.predictedOriginal?.every(Number.isFinite));
        }
      }
    }
  }
});

/** These stop short of no noise, as in diffusers: DDIM and PNDM at timestep 0, and with linspace a stride's remainder above it. */
const nearlyClean = ['ddim', 'pndm', 'deis', 'tcd'];

test('a model that knows the picture leads every solver, with every spacing, to that picture', () => {
  const picture = Float32Array.from({ length: 20 }, (_, i) => Math.sin(i));
  for (const solver of solverNames) {
    for (const spacing of [undefined, ...spacings]) {
      const name = spacing === undefined ? solver : `${solver}-${spacing}`;
      let scheduler: ReturnType<typeof create>;
      try {
        scheduler = create(name, { predictionType: 'sample', numInferenceSteps: 6 });
      } catch {
        continue;
      }
      let sample: Float32Array = new PhiloxGenerator(2)
        .normal(20)
        .map((value) => value * scheduler.initNoiseSigma);
      for (const index of scheduler.timesteps.keys()) sample = scheduler.step(picture, sample, index);
      const within = nearlyClean.includes(solver) ? 0.6 : 1e-4;
      for (const [i, value] of picture.entries()) {
        const difference = Math.abs(sample[i]! - value);
        assert.ok(difference < within, `${name}: ${difference} from the picture at ${i}`);
      }
    }
  }
});

test('what a step gives out may be changed without changing what comes after', () => {
  for (const solver of solverNames) {
    const results = [false, true].map((disturb) => {
      const scheduler = create(solver, { numInferenceSteps: 5 });
      let sample: Float32Array = Float32Array.of(1, -1, 0.5);
      for (const index of scheduler.timesteps.keys()) {
        const given = sample.slice();
        sample = scheduler.step(given.map(Math.sin), given, index);
        const kept = sample.slice();
        if (disturb) sample.fill(Number.NaN);
        sample = kept;
      }
      return { sample, predicted: scheduler.predictedOriginal };
    });
    assert.deepEqual(results[0], results[1], solver);
  }
});

test('a strength leaves the first steps out: 0.6 of 10 runs 6, 1 runs all, and none left is refused', () => {
  assert.equal(create('ddim', { numInferenceSteps: 10, strength: 0.6 }).timesteps.length, 6);
  assert.equal(create('ddim', { numInferenceSteps: 10, strength: 1 }).timesteps.length, 10);
  assert.throws(
    () => create('ddim', { numInferenceSteps: 10, strength: 0.05 }),
    refused(/at least 20 steps/),
  );
  for (const strength of [0, -1, 1.01, Number.NaN]) {
    assert.throws(() => create('ddim', { strength }), refused(/over 0 and at most 1/));
  }
});

test('the number of steps is a whole number within the limit', () => {
  assert.equal(create('euler', { numInferenceSteps: maxInferenceSteps }).timesteps.length, maxInferenceSteps);
  for (const numInferenceSteps of [0, -3, 2.5, maxInferenceSteps + 1, Number.NaN]) {
    assert.throws(() => create('euler', { numInferenceSteps }), refused(/from 1 to 500/));
  }
});

test('zero terminal SNR starts at the last training step, and is refused for noise prediction', () => {
  assert.equal(create('ddim').timesteps[0], 876);
  assert.equal(create('ddim', { rescaleZeroTerminalSnr: true }).timesteps[0], 999);
  assert.equal(create('ddim-leading', { rescaleZeroTerminalSnr: true }).timesteps[0], 876);
  assert.throws(
    () => create('ddim', { rescaleZeroTerminalSnr: true, predictionType: 'epsilon' }),
    refused(/v prediction/),
  );
});

test('a solver of whole timesteps refuses noise level spacings and says what it has', () => {
  assert.throws(() => create('ddim-karras'), refused(/ddim has no karras spacing.*trailing.*euler-karras/));
});

test('a solver of distilled models takes no spacing and no more steps than were distilled', () => {
  for (const solver of ['lcm', 'tcd']) {
    assert.throws(() => create(`${solver}-trailing`), refused(/has no trailing spacing.*alone/));
    assert.equal(create(solver, { numInferenceSteps: 50 }).timesteps.length, 50);
    assert.throws(() => create(solver, { numInferenceSteps: 51 }), refused(/at most 50/));
  }
});

test('timesteps of the request take the place of those of the spacing, where a scheduler takes them', () => {
  for (const solver of solverNames) {
    const takes = () => create(solver, { timesteps: [999, 800, 0], numInferenceSteps: 3 });
    if (
      ['lcm', 'tcd', 'euler', 'heun', 'dpmpp-2m', 'dpmpp-2m-sde', 'dpmpp-3m-sde', 'ddpm'].includes(solver)
    ) {
      assert.deepEqual([...new Set(takes().timesteps)], [999, 800, 0], solver);
    } else assert.throws(takes, refused(/takes `timesteps`, received .*Use one of lcm, tcd, euler/), solver);
  }
  for (const name of ['euler-trailing', 'dpmpp-2m-linspace']) {
    assert.equal(create(name, { timesteps: [800], numInferenceSteps: 1 }).timesteps[0], 800);
  }
  assert.throws(
    () => create('dpmpp-2m-karras', { timesteps: [800], numInferenceSteps: 1 }),
    refused(/no karras spacing .*received dpmpp-2m-karras.*Use dpmpp-2m alone/),
  );
});

test('timesteps fall, are whole and of training, and one a step', () => {
  const refusal = (timesteps: readonly number[], pattern: RegExp) =>
    assert.throws(
      () => create('lcm', { timesteps, numInferenceSteps: Math.max(1, timesteps.length) }),
      refused(pattern),
      String(timesteps),
    );
  refusal([1000, 5], /whole numbers from 0 to 999, received 1000/);
  refusal([5, -1], /received -1/);
  refusal([5, 2.5], /received 2.5/);
  refusal([Number.NaN], /received NaN/);
  refusal([5, 5], /below the one before, received 5 after 5/);
  refusal([5, 4, 9], /received 9 after 4/);
  refusal([], /for each of 1 steps, received 0/);
  assert.throws(
    () => create('lcm', { timesteps: [9, 8], numInferenceSteps: 3 }),
    refused(/for each of 3 steps, received 2/),
  );
  assert.deepEqual(
    [...create('lcm', { timesteps: [900, 600, 300], numInferenceSteps: 3, strength: 0.7 }).timesteps],
    [600, 300],
  );
});

test('an unknown name is one error that lists the names', () => {
  for (const name of [
    '',
    'nonsense',
    'euler-nonsense',
    'karras',
    '-karras',
    'constructor',
    'toString-karras',
  ]) {
    assert.throws(() => create(name), refused(/no scheduler named.*ddim, .*euler.*karras/));
  }
});

const names = {
  DDIMScheduler: 'ddim',
  DDPMScheduler: 'ddpm',
  PNDMScheduler: 'pndm',
  LMSDiscreteScheduler: 'lms',
  EulerDiscreteScheduler: 'euler',
  EulerAncestralDiscreteScheduler: 'euler-ancestral',
  HeunDiscreteScheduler: 'heun',
  KDPM2DiscreteScheduler: 'dpm2',
  KDPM2AncestralDiscreteScheduler: 'dpm2-ancestral',
  DPMSolverMultistepScheduler: 'dpmpp-2m',
  DPMSolverSDEScheduler: 'dpmpp-sde',
  UniPCMultistepScheduler: 'unipc',
  DEISMultistepScheduler: 'deis',
  LCMScheduler: 'lcm',
  TCDScheduler: 'tcd',
  'DPM++ 2M': 'dpmpp-2m',
  'DPM++ 2M Karras': 'dpmpp-2m-karras',
  'DPM++ SDE Karras': 'dpmpp-sde-karras',
  'DPM++ 2M SDE Exponential': 'dpmpp-2m-sde-exponential',
  'DPM++ 3M SDE': 'dpmpp-3m-sde',
  'DPM++ 2S a Karras': 'dpmpp-2s-ancestral-karras',
  'Euler a': 'euler-ancestral',
  Euler: 'euler',
  LMS: 'lms',
  Heun: 'heun',
  DPM2: 'dpm2',
  'DPM2 a Karras': 'dpm2-ancestral-karras',
  DDIM: 'ddim',
  PLMS: 'pndm',
  UniPC: 'unipc',
  LCM: 'lcm',
  'Euler SGM Uniform': 'euler-sgm-uniform',
  'Euler Uniform': 'euler-linspace',
  euler_ancestral: 'euler-ancestral',
  dpm_2: 'dpm2',
  dpm_2_ancestral: 'dpm2-ancestral',
  dpmpp_2s_ancestral: 'dpmpp-2s-ancestral',
  dpmpp_sde_gpu: 'dpmpp-sde',
  dpmpp_2m_sde_gpu: 'dpmpp-2m-sde',
  dpmpp_3m_sde_gpu_karras: 'dpmpp-3m-sde-karras',
  uni_pc: 'unipc',
  uni_pc_bh2: 'unipc',
  euler_normal: 'euler-linspace',
  euler_sgm_uniform: 'euler-sgm-uniform',
} as const;

test('names of diffusers, A1111 and ComfyUI stand for the same solvers', () => {
  for (const [alias, name] of Object.entries(names)) {
    assert.deepEqual(parseSchedulerName(alias), parseSchedulerName(name), alias);
  }
});
