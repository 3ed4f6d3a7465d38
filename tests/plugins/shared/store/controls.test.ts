import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelCapability } from '../../../../bridge/protocol/messages.ts';
import { controlImageIds } from '../../../../plugins/shared/store/control-images.ts';
import {
  controlModels,
  isControl,
  isMap,
  isUsedControl,
  lackOfControl,
  newControl,
  withKind,
  withMap,
  withSource,
} from '../../../../plugins/shared/store/controls.ts';
import { proposedDefaults } from '../../../../plugins/shared/store/proposed-defaults.ts';

function modelOf(fields: Partial<ModelCapability> & Pick<ModelCapability, 'name' | 'kind'>): ModelCapability {
  return { architecture: 'any', origin: 'user', family: 'sd1', ...fields };
}

const checkpoint = modelOf({ name: 'dreams', kind: 'checkpoint', defaults: { numInferenceSteps: 30 } });
const mini = modelOf({ name: 'inlay-mini', kind: 'checkpoint', origin: 'built-in' });
const models: readonly ModelCapability[] = [
  modelOf({ name: 'inlay-mini-control-edges', kind: 'controlnet', controlKinds: ['canny'] }),
  modelOf({ name: 'depth-sd15', kind: 'controlnet', controlKinds: ['depth'] }),
  modelOf({ name: 'depth-xl', kind: 'controlnet', controlKinds: ['depth'], family: 'sdxl' }),
  modelOf({ name: 'cut-short', kind: 'controlnet', controlKinds: ['canny'], problem: 'It is cut short.' }),
  modelOf({ name: 'quick', kind: 'lora', defaults: { numInferenceSteps: 4, guidanceScale: 1 } }),
  modelOf({ name: 'ink', kind: 'lora' }),
];
const layer = { id: 'layer-7', label: 'Lines' };

test('a ControlNet is of the family, works, and is shipped only for what is shipped with it', () => {
  const names = (model: ModelCapability) => controlModels({ models }, model).map(({ name }) => name);
  assert.deepEqual(names(checkpoint), ['depth-sd15']);
  assert.deepEqual(names(mini), ['inlay-mini-control-edges']);
});

test('a new control follows what a ControlNet is there for, else edges, and says what is missing', () => {
  assert.deepEqual(newControl({ models }, { model: checkpoint }), { kind: 'depth', preprocessor: 'depth' });
  const control = newControl({ models: [] }, { model: checkpoint, source: layer });
  assert.deepEqual(control, {
    kind: 'canny',
    preprocessor: 'canny',
    imageId: 'layer-7',
    imageName: 'Lines',
  });
  const options = { capabilities: { models }, model: checkpoint };
  assert.match(
    lackOfControl(control, options)!,
    /^No ControlNet for edges is here\. .*Stable Diffusion 1\.x/,
  );
  assert.equal(lackOfControl(withKind(control, 'depth'), options), undefined);
});

test('another picture or kind keeps the rest; a map has no preprocessor, and what is there is never one', () => {
  const control = { ...newControl({ models }, { model: mini, source: layer }), strength: 0.5, model: 'x' };
  const map = withMap(control, true);
  assert.deepEqual([isMap(control), isMap(map)], [false, true]);
  assert.deepEqual(withMap(map, false).preprocessor, 'canny');
  assert.equal(withKind(map, 'depth').preprocessor, undefined);
  assert.deepEqual(withKind(control, 'depth'), {
    kind: 'depth',
    preprocessor: 'depth',
    imageId: 'layer-7',
    imageName: 'Lines',
    strength: 0.5,
  });
  const own = withSource(map, undefined);
  assert.deepEqual([own.imageId, own.preprocessor, isMap(own)], [undefined, 'canny', false]);
});

test('a control without its picture is left out: what is there is none for a new picture', () => {
  const own = { kind: 'canny' } as const;
  const ofLayer = { kind: 'canny', imageId: 'layer-7' } as const;
  const isUsed = (control: typeof own | typeof ofLayer, operation: 'fill' | 'generate') =>
    isUsedControl(control, { operation, controlSources: [layer] });
  assert.deepEqual([isUsed(own, 'fill'), isUsed(own, 'generate')], [true, false]);
  assert.equal(isUsed(ofLayer, 'generate'), true);
  assert.equal(isUsedControl(ofLayer, { operation: 'fill', controlSources: [] }), false);
});

test('each picture is needed once, on white for a sketch and on black for a map', () => {
  const controls = [
    { kind: 'canny', imageId: 'a', preprocessor: 'canny' },
    { kind: 'canny' },
    { kind: 'depth', imageId: 'b' },
    { kind: 'tile', imageId: 'a', preprocessor: 'tile' },
  ] as const;
  assert.deepEqual(controlImageIds({ operation: 'fill', prompt: 'a kite', controls }), [
    { imageId: 'a', backdrop: 'white' },
    { imageId: 'b', backdrop: 'black' },
  ]);
  assert.deepEqual(controlImageIds({ operation: 'remove' }), []);
});

test('of what was kept only controls are taken', () => {
  for (const good of [{ kind: 'canny' }, { preprocessor: { name: 'canny' }, end: 0.5, mode: 'prompt' }])
    assert.ok(isControl(good), JSON.stringify(good));
  for (const bad of [null, 'canny', { kind: 'gone' }, { strength: '1' }, { mode: 'any' }, { imageId: 7 }])
    assert.ok(!isControl(bad), JSON.stringify(bad));
});

test('few steps are proposed by the first LoRA that asks for them, else by the checkpoint', () => {
  const options = { model: checkpoint, models };
  assert.deepEqual(proposedDefaults({}, options), { numInferenceSteps: 30 });
  assert.deepEqual(proposedDefaults({ loras: [{ model: 'ink' }, { model: 'quick' }] }, options), {
    numInferenceSteps: 4,
    guidanceScale: 1,
  });
});
