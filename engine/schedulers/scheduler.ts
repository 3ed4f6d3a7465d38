/** What a checkpoint's UNet predicts: the noise, the velocity (arXiv 2202.00512), or the clean latent itself. */
export type PredictionType = 'epsilon' | 'v_prediction' | 'sample';

/**
 * Takes a latent from noise to picture. An object serves one run: `step` is called once for each entry of `timesteps`,
 * in order, since most solvers remember what was before. Arrays given in are not changed, but may be remembered: the
 * caller does not change them either. What `step` and `addNoise` give out is the caller's.
 */
export interface Scheduler {
  /** The timestep to give to the UNet at each model call, falling; may be fractional. */
  readonly timesteps: Float64Array;
  /** Standard deviation of the noise that a run from nothing starts with: multiply standard normal noise by it. */
  readonly initNoiseSigma: number;
  /** What the UNet is given at model call `index` instead of the latent itself. */
  scaleModelInput(sample: Float32Array, index: number): Float32Array;
  /** The latent after model call `index`, for which `modelOutput` came back. */
  step(modelOutput: Float32Array, sample: Float32Array, index: number): Float32Array;
  /** A clean latent brought to the noise level that model call `index` starts from. */
  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array;
  /** The clean latent as the last step expected it, for previews. */
  readonly predictedOriginal: Float32Array | undefined;
}
