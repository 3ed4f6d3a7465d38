/** Drawing with SDXL's ControlNets, one of them for several kinds of maps, against diffusers (`pipelines_xl.py`). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import type { ControlSettings, EngineTask, GenerateTask } from '../../../engine/api.ts';
import { decode } from '../../../engine/image/codec.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { writeHashedCheckpoint, writeHashedTensors } from '../hashed-checkpoint.ts';
import { type ControlCase, controlGoldens, controlPayload } from './control-goldens.ts';
import {
  generateSettingsOf,
  goldenPayload,
  goldenPicture,
  settingsOf,
  worstDifference,
} from './diffusion-goldens.ts';
import { pictureOf, startTestEngine } from './engine-fixture.ts';

type XlCase = Omit<ControlCase, 'checkpoint' | 'controls'> & {
  readonly checkpoint: 'base' | 'inpainting';
  readonly controls: readonly (Partial<ControlSettings> & { readonly net: 'plain' | 'union' | 'promax' })[];
};

const folder = path.join(controlGoldens, 'sdxl');
const cases = JSON.parse(readFileSync(path.join(folder, 'cases.json'), 'utf8')) as readonly XlCase[];

const engine = await startTestEngine({ after });
const models = await temporaryFolder({ after });
const file = (name: string) => path.join(models, `${name}.safetensors`);
await writeHashedCheckpoint(file('base'), 'sdxl');
await writeHashedCheckpoint(file('inpainting'), 'sdxl-inpainting');
for (const name of ['plain', 'union', 'promax']) {
  await writeHashedTensors(file(name), path.join(folder, `${name}.keys.json`));
}
const mask = await goldenPicture('mask');
const isMasked = (pixel: number) => mask.data[pixel * mask.channels]! > 0;

function taskOf(golden: XlCase): EngineTask {
  const { name, checkpoint, seed, width, height, strength = 1 } = golden;
  const output = { format: 'rgb8', quality: 90 } as const;
  const base = { model: { file: file(checkpoint) }, seed, count: 1, output } as const;
  const controls = golden.controls.map(({ net, ...settings }, index): ControlSettings => {
    // A map for inpainting is made of source and mask.
    const image = settings.kind === 'inpaint' ? {} : { image: controlPayload(`sketch-${index}-64`) };
    const model = { file: file(net) };
    return { ...image, strength: 1, start: 0, end: 1, mode: 'balanced', ...settings, model };
  });
  const settings = { ...golden, checkpoint: 'base' } as unknown as ControlCase;
  if (name.startsWith('generate')) {
    const diffusion = { ...generateSettingsOf(settings), controls };
    return { ...base, operation: 'generate', width, height, diffusion };
  }
  return {
    ...base,
    operation: 'fill',
    source: goldenPayload('source'),
    mask: goldenPayload('mask'),
    resultArea: 'picture',
    diffusion: { ...settingsOf(settings), strength, workingSize: 'native', context: 'whole', controls },
  };
}

for (const golden of cases) {
  test(`${golden.name}: diffusers' picture within 2 of 255`, async () => {
    const { results } = await engine.run(taskOf(golden));
    const bytes = new Uint8Array(readFileSync(path.join(folder, `${golden.name}.png`)));
    const expected = await decode({ format: 'png', bytes });
    const where = golden.name.startsWith('fill') ? isMasked : undefined;
    const worst = worstDifference(await pictureOf(results[0]!), expected, where);
    assert.ok(worst <= 2, `${worst} of 255 at worst`);
  });
}

test('a small one without transformers steers the same checkpoint', async () => {
  await writeHashedTensors(file('small'), path.join(folder, 'plain.keys.json'), {
    change: (key, values) => (/attentions|mid_block\.resnets\.1/.test(key) ? undefined : values),
  });
  const [small] = await engine.models.list([file('small')]);
  assert.deepEqual([small!.problem, small!.family], [undefined, 'sdxl']);
  const task = taskOf(cases.find(({ name }) => name === 'generate')!) as GenerateTask;
  const draw = async (strength: number) => {
    const [control] = task.diffusion.controls!;
    const controls = [{ ...control!, model: { file: file('small') }, strength }];
    const { results } = await engine.run({ ...task, diffusion: { ...task.diffusion, controls } });
    return pictureOf(results[0]!);
  };
  assert.ok(worstDifference(await draw(0), await draw(1)) > 20);
});

test('a ControlNet for several kinds of maps is listed with them, and has to be told which', async () => {
  const [union] = await engine.models.list([file('union')]);
  assert.equal(union!.architecture, 'ControlNet Union');
  assert.deepEqual(union!.controlKinds, [
    'canny',
    'lineart',
    'scribble',
    'softedge',
    'depth',
    'pose',
    'normal',
    'segmentation',
  ]);
  const task = taskOf(cases.find(({ name }) => name === 'generate-union')!) as GenerateTask;
  const { kind: _, ...untold } = task.diffusion.controls![0]!;
  for (const control of [untold, { ...untold, kind: 'tile' as const }]) {
    await assert.rejects(
      engine.run({ ...task, diffusion: { ...task.diffusion, controls: [control] } }),
      /Expected `kind` of control 1 .* to be one of canny, lineart/,
    );
  }
});
