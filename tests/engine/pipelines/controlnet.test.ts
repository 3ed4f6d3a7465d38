/** Drawing with ControlNets, beside diffusers' own pipelines. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import type { EngineTask } from '../../../engine/api.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { writeHashedCheckpoint } from '../hashed-checkpoint.ts';
import {
  type ControlCase,
  controlCases,
  controlPicture,
  controlsOf,
  writeGoldenControlNet,
} from './control-goldens.ts';
import {
  generateSettingsOf,
  goldenPayload,
  goldenPicture,
  settingsOf,
  worstDifference,
} from './diffusion-goldens.ts';
import { pictureOf, startTestEngine } from './engine-fixture.ts';

const engine = await startTestEngine({ after });
const folder = await temporaryFolder({ after });
const file = (name: string) => path.join(folder, `${name}.safetensors`);
const files = { base: file('base'), inpainting: file('inpainting'), pix2pix: file('pix2pix') };
const nets = { cldm: file('control_v11p_sd15_canny'), diffusers: file('controlnet-depth') };
const metadata = { 'modelspec.resolution': '64x64' };
await Promise.all([
  writeHashedCheckpoint(files.base, 'base', { metadata }),
  writeHashedCheckpoint(files.inpainting, 'inpainting', { metadata }),
  writeGoldenControlNet(nets.cldm, 'cldm'),
  writeGoldenControlNet(nets.diffusers, 'diffusers'),
]);

const output = { format: 'rgb8', quality: 90 } as const;

function taskOf(golden: ControlCase): EngineTask {
  const { name, checkpoint, seed, width, height, strength = 1 } = golden;
  const base = { model: { file: files[checkpoint] }, seed, count: 1, output } as const;
  const controls = controlsOf(golden, nets);
  const drawn = { ...settingsOf(golden), strength, workingSize: 'native', controls } as const;
  if (name.startsWith('generate')) {
    return {
      ...base,
      operation: 'generate',
      width,
      height,
      diffusion: { ...generateSettingsOf(golden), controls },
    };
  }
  const source = goldenPayload('source');
  if (name.startsWith('vary')) return { ...base, operation: 'vary', source, diffusion: drawn };
  return {
    ...base,
    operation: 'fill',
    source,
    mask: goldenPayload('mask'),
    resultArea: 'picture',
    diffusion: { ...drawn, context: 'whole' },
  };
}

const run = async (task: EngineTask) => pictureOf((await engine.run(task)).results[0]!);

const mask = await goldenPicture('mask');
const isMasked = (pixel: number) => mask.data[pixel * mask.channels]! > 0;

for (const golden of controlCases) {
  test(`${golden.name}: diffusers' picture within 2 of 255`, async () => {
    const isFill = golden.name.startsWith('fill');
    const worst = worstDifference(
      await run(taskOf(golden)),
      await controlPicture(golden.name),
      isFill ? isMasked : undefined,
    );
    assert.ok(worst <= 2, `${worst} of 255 at worst`);
  });
}
