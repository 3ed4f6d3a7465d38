import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Capabilities,
  type ModelCapability,
  predictionTypes,
  randomGenerators,
} from '../../../../bridge/protocol/messages.ts';
import {
  type DiffusionSettings,
  drawingModel,
  drawingModels,
  expandFields,
  fillFields,
  generateFields,
  type PromptOperation,
  settingsOf,
  titleOf,
  varyFields,
} from '../../../../plugins/shared/store/diffusion-settings.ts';
import { isTagged } from '../../../../plugins/shared/store/extra-networks.ts';
import { shapedSize } from '../../../../plugins/shared/store/picture-size.ts';
import { usableSettings } from '../../../../plugins/shared/store/usable-settings.ts';

const base: ModelCapability = {
  name: 'paint',
  kind: 'checkpoint',
  architecture: 'Stable Diffusion 1.x',
  origin: 'user',
};
const models: readonly ModelCapability[] = [
  { ...base, name: 'patch-match', kind: 'fill' },
  { ...base, name: 'broken', problem: 'cut short' },
  { ...base, name: 'edit', variant: 'pix2pix' },
  { ...base, name: 'mend', variant: 'inpainting' },
  base,
];
const operations = [{ operation: 'generate', defaultModel: 'paint', promptModel: 'paint' }] as const;

test('only checkpoints that work are offered, and those that follow instructions where there is a picture', () => {
  const names = (operation: PromptOperation) => drawingModels({ models }, operation).map(({ name }) => name);
  for (const operation of ['generate', 'expand'] as const)
    assert.deepEqual(names(operation), ['mend', 'paint']);
  for (const operation of ['fill', 'vary'] as const)
    assert.deepEqual(names(operation), ['edit', 'mend', 'paint']);
});

test('the chosen model is used while it is there, else that of the server', () => {
  const named = (model?: string) =>
    drawingModel({ models, operations }, 'generate', model === undefined ? {} : { model })?.name;
  assert.equal(named('mend'), 'mend');
  assert.equal(named('gone'), 'paint');
  assert.equal(named(), 'paint');
  assert.equal(drawingModel({ models, operations: [] }, 'generate', { model: 'mend' }), undefined);
  const wordless = [{ operation: 'expand', defaultModel: 'patch-match' }] as const;
  assert.equal(drawingModel({ models, operations: wordless }, 'expand', { model: 'mend' }), undefined);
});

test('what a request carries gives the settings again', () => {
  const text = fc.string({ minLength: 1 }).map((value) => `a${value}a`);
  const settings = fc.record(
    {
      prompt: text,
      negativePrompt: fc.oneof(fc.constant(''), text),
      model: fc.constant('paint'),
      scheduler: fc.constant('euler'),
      numInferenceSteps: fc.integer({ min: 1, max: 150 }),
      guidanceScale: fc.integer({ min: 0, max: 60 }).map((halves) => halves / 2),
      guidanceRescale: fc.constantFrom(0, 0.7, 1),
      vae: fc.constant('soft'),
      rng: fc.constantFrom(...randomGenerators),
      clipSkip: fc.integer({ min: 1, max: 12 }),
      predictionType: fc.constantFrom(...predictionTypes),
      loras: fc.constant([{ model: 'ink', strength: 0.6, textEncoderStrength: 0.2 }]),
      hypernetworks: fc.constant([{ model: 'mood', strength: -2 }, { model: 'mood' }]),
    },
    { requiredKeys: ['prompt', 'negativePrompt'], noNullPrototype: true },
  );
  const workingSize = { width: 512, height: 384 };
  const place = { context: 'whole', workingSize } as const;
  const passes = { highResolution: 'on', highResolutionStrength: 0.3 } as const;
  const own = { ...place, ...passes, imageGuidanceScale: 1.2, fillStrength: 0.4, varyStrength: 0.7 };
  fc.assert(
    fc.property(settings, (drawn) => {
      const kept = drawn as DiffusionSettings;
      const all = { ...kept, ...own };
      const generate = settingsOf({ operation: 'generate', ...generateFields(all) });
      assert.deepEqual(generate, { ...kept, ...passes });
      const fill = settingsOf({ operation: 'fill', ...fillFields(all) });
      assert.deepEqual(fill, { ...kept, ...place, imageGuidanceScale: 1.2, fillStrength: 0.4 });
      const expand = settingsOf({ operation: 'expand', ...expandFields(all) });
      assert.deepEqual(expand, { ...kept, workingSize });
      const vary = settingsOf({ operation: 'vary', ...varyFields(all) });
      assert.deepEqual(vary, { ...kept, workingSize, imageGuidanceScale: 1.2, varyStrength: 0.7 });
    }),
  );
  assert.equal(settingsOf({ operation: 'fill', seed: 3 }), undefined);
});

test('a layer is called by the beginning of its prompt, cut between words', () => {
  assert.equal(titleOf('  a red\thouse \nby the sea'), 'a red house');
  const long = 'a small wooden cabin in a snowy forest under the northern lights';
  assert.equal(titleOf(long), 'a small wooden cabin in a snowy forest under…');
  assert.equal(titleOf('x'.repeat(48)), 'x'.repeat(48));
  assert.equal(titleOf('x'.repeat(49)), `${'x'.repeat(48)}…`);
});

test('a refiner goes with SDXL alone, and a scheduler may have a spacing behind it', () => {
  const checkpoint = { kind: 'checkpoint', architecture: 'x', origin: 'user' } as const;
  const models = [
    { ...checkpoint, name: 'large', family: 'sdxl' },
    { ...checkpoint, name: 'small', family: 'sd1' },
    { ...checkpoint, name: 'finish', family: 'sdxl-refiner' },
  ] as const;
  const operations = [{ operation: 'generate', defaultModel: 'large', promptModel: 'large' }] as const;
  const capabilities = { models, operations, schedulers: ['euler', 'ddim'] } as unknown as Capabilities;
  const refiner = { model: 'finish', ratio: 0.7 };
  const used = (settings: Partial<DiffusionSettings>) =>
    usableSettings(
      { prompt: 'a', negativePrompt: '', refiner, ...settings },
      { capabilities, operation: 'generate' },
    );
  assert.deepEqual(used({ model: 'large' }).refiner, refiner);
  assert.equal(used({ model: 'small' }).refiner, undefined);
  assert.equal(used({ model: 'large', refiner: { model: 'gone' } }).refiner, undefined);
  for (const scheduler of ['euler', 'euler-trailing', 'ddim-karras']) {
    assert.equal(used({ scheduler }).scheduler, scheduler);
  }
  assert.equal(used({ scheduler: 'eulerish' }).scheduler, undefined);
});

test('LoRAs and hypernetworks are of the family of the model, or of none that their files tell', () => {
  const checkpoint = { kind: 'checkpoint', architecture: 'x', origin: 'user' } as const;
  const networks = (['lora', 'hypernetwork'] as const).flatMap((kind) => [
    { ...checkpoint, kind, name: `${kind}-xl`, family: 'sdxl' } as const,
    { ...checkpoint, kind, name: `${kind}-any` },
    { ...checkpoint, kind, name: `${kind}-cut`, problem: 'cut short' },
  ]);
  const models = [
    { ...checkpoint, name: 'large', family: 'sdxl' } as const,
    { ...checkpoint, name: 'small', family: 'sd1' } as const,
    ...networks,
  ];
  const operations = [{ operation: 'generate', defaultModel: 'large', promptModel: 'large' }] as const;
  const capabilities = { models, operations } as unknown as Capabilities;
  const named = ({ name }: Pick<ModelCapability, 'name'>) => ({ model: name, strength: 0.5 });
  const all = networks.map(named);
  for (const [model, fitting] of [
    ['large', ['xl', 'any']],
    ['small', ['any']],
  ] as const) {
    const settings = { prompt: 'a', negativePrompt: '', model, loras: all, hypernetworks: all };
    const used = usableSettings(settings, { capabilities, operation: 'generate' });
    const expected = (kind: string) => fitting.map((name) => named({ name: `${kind}-${name}` }));
    assert.deepEqual(used, { ...settings, loras: expected('lora'), hypernetworks: expected('hypernetwork') });
  }
});

test('a prompt names one by its tag, not by a part of its name, nor where a backslash makes that text', () => {
  const lora = { kind: 'lora', name: 'inky' } as const;
  assert.equal(isTagged('a cat <lora: inky :0.5>', lora), true);
  assert.equal(isTagged('a cat <LyCO:inky>', lora), true);
  assert.equal(isTagged(String.raw`a \<lora:inky> <lora:inkydink> <hypernet:inky>`, lora), false);
  assert.equal(isTagged('<hypernet:inky:1>', { kind: 'hypernetwork', name: 'inky' }), true);
});

test('a shape is one of the sizes that a model proposes, the nearest to a photo', () => {
  const sizes = [
    { width: 1024, height: 1024 },
    { width: 1216, height: 832 },
    { width: 1536, height: 640 },
    { width: 832, height: 1216 },
  ];
  const model = { resolution: sizes[0]!, hints: { prompt: '', sizes } };
  assert.deepEqual(shapedSize(model, 'square'), sizes[0]);
  assert.deepEqual(shapedSize(model, 'wide'), sizes[1]);
  assert.deepEqual(shapedSize(model, 'tall'), sizes[3]);
  assert.deepEqual(shapedSize({}, 'wide'), { width: 768, height: 512 });
});
