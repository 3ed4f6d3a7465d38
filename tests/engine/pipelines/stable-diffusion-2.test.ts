/** Stable Diffusion 2.x in one file, against diffusers (`tests/golden/stable-diffusion-2/dump.py`). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { decode } from '../../../engine/image/codec.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { writeHashedCheckpoint } from '../hashed-checkpoint.ts';
import { type GoldenCase, generateSettingsOf, worstDifference } from './diffusion-goldens.ts';
import { pictureOf, startTestEngine } from './engine-fixture.ts';

const goldenFolder = path.join(import.meta.dirname, '../../golden/stable-diffusion-2');
const cases = JSON.parse(
  readFileSync(path.join(goldenFolder, 'cases.json'), 'utf8'),
) as readonly GoldenCase[];

const engine = await startTestEngine({ after });
const file = path.join(await temporaryFolder({ after }), 'sd2.safetensors');
await writeHashedCheckpoint(file, 'sd2');

for (const golden of cases) {
  const { name, seed, width, height } = golden;
  test(`${name}: diffusers' picture within 2 of 255`, async () => {
    const { results } = await engine.run({
      operation: 'generate',
      model: { file },
      diffusion: generateSettingsOf(golden),
      seed,
      width,
      height,
      count: 1,
      output: { format: 'rgb8', quality: 90 },
    });
    const bytes = new Uint8Array(readFileSync(path.join(goldenFolder, `${name}.png`)));
    const worst = worstDifference(await pictureOf(results[0]!), await decode({ format: 'png', bytes }));
    assert.ok(worst <= 2, `${worst} apart`);
  });
}
