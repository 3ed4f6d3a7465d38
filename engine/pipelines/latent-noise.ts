import type { DiffusionSettings } from '../api.ts';
import type { NoiseSource } from '../random/noise-source.ts';
import { PhiloxGenerator } from '../random/philox.ts';
import { TorchCpuGenerator } from '../random/torch-cpu-generator.ts';

/** The random numbers of one picture: its first latent, and whatever the scheduler draws after it. */
export function noiseSource(seed: number, rng: DiffusionSettings['rng']): NoiseSource {
  return rng === 'cpu' ? new TorchCpuGenerator(seed) : new PhiloxGenerator(seed);
}
