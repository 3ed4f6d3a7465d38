/**
 * Writes a full-size Stable Diffusion 1.5 checkpoint of random float16 weights (2.1 GB), the same from the same seed:
 *
 *     npx tsx tests/bench/stable-diffusion/write-checkpoint.ts FOLDER [--seed 1]
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { stableDiffusion15Layout } from './layout.ts';
import { writeRandomWeights } from './random-weights.ts';

const { values, positionals } = parseArgs({
  options: { seed: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const [folder] = positionals;
if (folder === undefined) throw new Error('Expected a folder to write the checkpoint into');

await mkdir(folder, { recursive: true });
const layout = stableDiffusion15Layout();
const file = path.join(folder, 'random-sd15.safetensors');
const bytes = await writeRandomWeights(file, layout, {
  seed: Number(values.seed),
  metadata: { 'modelspec.architecture': 'stable-diffusion-v1', 'modelspec.title': 'random weights' },
});
console.log(`${file}: ${layout.size} tensors, ${(bytes / 1e9).toFixed(2)} GB`);
