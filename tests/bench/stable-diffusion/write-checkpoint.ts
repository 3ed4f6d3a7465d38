/**
 * Writes a full-size checkpoint of random float16 weights, Stable Diffusion 1.5's (2.1 GB) or SDXL's (6.9 GB), the same
 * from the same seed:
 *
 *     npx tsx tests/bench/stable-diffusion/write-checkpoint.ts FOLDER [--family sd15|sdxl] [--seed 1]
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { sdxlLayout, stableDiffusion15Layout } from './layout.ts';
import { writeRandomWeights } from './random-weights.ts';

const { values, positionals } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, family: { type: 'string', default: 'sd15' } },
  allowPositionals: true,
});
const [folder] = positionals;
if (folder === undefined) throw new Error('Expected a folder to write the checkpoint into');

await mkdir(folder, { recursive: true });
const isXl = values.family === 'sdxl';
const layout = isXl ? sdxlLayout() : stableDiffusion15Layout();
const file = path.join(folder, `random-${isXl ? 'sdxl' : 'sd15'}.safetensors`);
const bytes = await writeRandomWeights(file, layout, {
  seed: Number(values.seed),
  metadata: {
    'modelspec.architecture': isXl ? 'stable-diffusion-xl-v1-base' : 'stable-diffusion-v1',
    'modelspec.title': 'random weights',
  },
});
console.log(`${file}: ${layout.size} tensors, ${(bytes / 1e9).toFixed(2)} GB`);
