const fround = Math.fround;

/** How much noise each training step added. */
export interface Betas {
  /** `scaled_linear`: the square roots are evenly spaced. */
  readonly schedule: 'linear' | 'scaled_linear';
  readonly start: number;
  readonly end: number;
  readonly trainSteps: number;
}

/** What every Stable Diffusion 1.x and 2.x checkpoint was trained with. */
export const stableDiffusionBetas: Betas = {
  schedule: 'scaled_linear',
  start: 0.00085,
  end: 0.012,
  trainSteps: 1000,
};

/** Schedulers that divide by alpha take this for a zero at the last training step (as diffusers does: 2^-24). */
const leastAlphasCumprod = 2 ** -24;

/** The noise levels of training, by timestep. Single precision with torch's roundings: small timesteps are sensitive to them. */
export interface NoiseSchedule {
  readonly trainSteps: number;
  /** Share of the clean picture's variance that is left: a latent is sqrt(a) * original + sqrt(1 - a) * noise. */
  readonly alphasCumprod: Float32Array;
  /** Noise over picture, sqrt((1 - a) / a); finite also where a is 0. */
  readonly sigmas: Float32Array;
}

/** @param rescaleZeroTerminalSnr shifts the schedule so that its last step is pure noise (arXiv 2305.08891, algorithm 1) */
export function noiseSchedule(betas: Betas, rescaleZeroTerminalSnr: boolean): NoiseSchedule {
  const alphas = trainedBetas(betas).map((beta) => 1 - beta);
  const alphasCumprod = cumulativeProduct(
    rescaleZeroTerminalSnr ? rescaledAlphas(cumulativeProduct(alphas)) : alphas,
  );
  const sigmas = alphasCumprod.map((value) => {
    const alpha = Math.max(value, leastAlphasCumprod);
    return Math.sqrt(fround(fround(1 - alpha) / alpha));
  });
  return { trainSteps: betas.trainSteps, alphasCumprod, sigmas };
}

function trainedBetas({ schedule, start, end, trainSteps }: Betas): Float32Array {
  if (schedule === 'linear') return evenlySpaced(start, end, trainSteps);
  return evenlySpaced(Math.sqrt(start), Math.sqrt(end), trainSteps).map((root) => root * root);
}

/** torch.linspace in float32: from both ends to the middle, one rounding a value. */
function evenlySpaced(start: number, end: number, count: number): Float32Array {
  const [first, last] = [fround(start), fround(end)];
  const step = fround(fround(last - first) / (count - 1));
  return Float32Array.from({ length: count }, (_, i) =>
    i < count / 2 ? first + step * i : last - step * (count - 1 - i),
  );
}

/** torch.cumprod in float32: the product runs on in double precision. */
function cumulativeProduct(factors: Float32Array): Float32Array {
  let product = 1;
  return factors.map((factor) => {
    product *= factor;
    return product;
  });
}

/** The factors whose cumulative product has its square root shifted to 0 at the end and scaled to stay at the start. */
function rescaledAlphas(alphasCumprod: Float32Array): Float32Array {
  const roots = alphasCumprod.map(Math.sqrt);
  const first = roots[0]!;
  const last = roots.at(-1)!;
  const scale = fround(first / fround(first - last));
  const rescaled = roots.map((root) => fround(root - last) * scale).map((root) => root * root);
  // Back and forth through beta = 1 - alpha, for the same roundings as a scheduler that keeps betas.
  return rescaled.map((value, i) => 1 - fround(1 - (i === 0 ? value : fround(value / rescaled[i - 1]!))));
}
