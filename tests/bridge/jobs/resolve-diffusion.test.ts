import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clientMessageSchema } from '../../../bridge/connection/client-message.ts';
import { checkOutlines } from '../../../bridge/jobs/check-images.ts';
import { defaultModel } from '../../../bridge/jobs/default-models.ts';
import { schedulers } from '../../../bridge/jobs/resolve-diffusion.ts';
import { requestOfPicture, resolveRequest, toEngineTask } from '../../../bridge/jobs/resolve-request.ts';
import { defaultLimits } from '../../../bridge/protocol/limits.ts';
import type { FillRequest, GenerateRequest, VaryRequest } from '../../../bridge/protocol/messages.ts';
import type { ModelInfo } from '../../../engine/api.ts';
import { EngineError } from '../../../engine/errors.ts';

const checkpoint = {
  kind: 'checkpoint',
  architecture: 'Stable Diffusion 1.x',
  family: 'sd1',
  origin: 'user',
} as const;
const models: readonly ModelInfo[] = [
  { ...checkpoint, name: 'instruct', variant: 'pix2pix' },
  {
    ...checkpoint,
    name: 'hole',
    variant: 'inpainting',
    resolution: { width: 128, height: 96 },
    defaults: { guidanceScale: 3 },
  },
  { ...checkpoint, name: 'plain', variant: 'base' },
  { ...checkpoint, name: 'second', variant: 'base', family: 'sd2' },
  {
    ...checkpoint,
    name: 'one-step',
    variant: 'base',
    defaults: { scheduler: 'lcm', numInferenceSteps: 1, guidanceScale: 1, timesteps: [800] },
  },
  { name: 'sharp-x4', kind: 'upscaler', architecture: 'RRDBNet', origin: 'user', scale: 4 },
  { name: 'colours', kind: 'vae', architecture: 'AutoencoderKL', origin: 'user' },
];
const options = { models, limits: defaultLimits, randomSeed: () => 77 };
const words = { operation: 'generate', prompt: 'a house' } as const;

function resolve(request: Partial<GenerateRequest> = {}) {
  return resolveRequest({ ...words, ...request }, [], options) as Required<GenerateRequest>;
}

function code(request: Partial<GenerateRequest>): string {
  try {
    resolve(request);
    return 'none';
  } catch (error) {
    return error instanceof EngineError ? error.code : String(error);
  }
}

test('[J4] what is left out is what the model likes, else usual', () => {
  const { width, height, model, seed, count, rng, clipSkip, negativePrompt, ...rest } = resolve();
  assert.deepEqual(
    [model, width, height, seed, count, rng, clipSkip, negativePrompt],
    ['plain', 512, 512, 77, 1, 'cpu', 1, ''],
  );
  assert.deepEqual(rest.output, { format: 'png', quality: 90 });
  assert.deepEqual(['vae' in rest, 'predictionType' in rest], [false, false]);
  const sizeOf = (name: string) => [resolve({ model: name }).width, resolve({ model: name }).height];
  assert.deepEqual(
    [sizeOf('hole'), sizeOf('second')],
    [
      [128, 96],
      [768, 768],
    ],
  );
  const guidanceOf = (request: Partial<GenerateRequest>) => resolve(request).guidanceScale;
  assert.deepEqual(
    [guidanceOf({}), guidanceOf({ model: 'hole' }), guidanceOf({ model: 'hole', guidanceScale: 0 })],
    [7.5, 3, 0],
  );
});

test('every limit holds at its value and one past it', () => {
  const { maxPromptLength, maxGenerateSide, maxInferenceSteps, maxGuidanceScale, maxClipSkip, maxCount } =
    defaultLimits;
  const cases: readonly [Partial<GenerateRequest>, Partial<GenerateRequest>][] = [
    [{ prompt: 'a'.repeat(maxPromptLength) }, { prompt: 'a'.repeat(maxPromptLength + 1) }],
    [{ negativePrompt: 'a'.repeat(maxPromptLength) }, { negativePrompt: 'a'.repeat(maxPromptLength + 1) }],
    [{ width: maxGenerateSide }, { width: maxGenerateSide + 8 }],
    [{ height: 64 }, { height: 56 }],
    [{ height: 72 }, { height: 73 }],
    [{ numInferenceSteps: maxInferenceSteps }, { numInferenceSteps: maxInferenceSteps + 1 }],
    [{ numInferenceSteps: 1 }, { numInferenceSteps: 0 }],
    [{ guidanceScale: maxGuidanceScale }, { guidanceScale: maxGuidanceScale + 0.1 }],
    [{ guidanceScale: 0 }, { guidanceScale: -0.1 }],
    [{ guidanceRescale: 1 }, { guidanceRescale: 1.01 }],
    [{ guidanceRescale: 0 }, { guidanceRescale: -0.01 }],
    [{ highResolutionStrength: 1 }, { highResolutionStrength: 1.01 }],
    [{ highResolutionStrength: 0.01 }, { highResolutionStrength: 0 }],
    [{ clipSkip: maxClipSkip }, { clipSkip: maxClipSkip + 1 }],
    [{ count: maxCount }, { count: maxCount + 1 }],
    [{ vae: 'colours' }, { vae: 'sharp-x4' }],
    [{ vae: 'plain' }, { vae: 'sharp-x4' }],
    [{ upscaler: 'sharp-x4' }, { upscaler: 'plain' }],
    [{ model: 'hole' }, { model: 'sharp-x4' }],
  ];
  for (const [within, beyond] of cases) {
    assert.equal(code(within), 'none', JSON.stringify(within).slice(0, 80));
    assert.equal(code(beyond), 'invalid-option', JSON.stringify(beyond).slice(0, 80));
  }
  assert.deepEqual([code({ model: 'nope' }), code({ vae: 'nope' })], ['model-not-found', 'model-not-found']);
});

test('pictures from words are drawn by a base checkpoint where there is one, and never by pix2pix', () => {
  assert.equal(defaultModel('generate', models)?.name, 'plain');
  assert.equal(defaultModel('generate', models.slice(0, 2))?.name, 'hole');
  assert.equal(defaultModel('generate', models.slice(0, 1)), undefined);
});

test('[U2] a picture from words takes no image', () => {
  checkOutlines(words, [], defaultLimits);
  const image = { role: 'source', format: 'png' } as const;
  assert.throws(
    () => checkOutlines(words, [image], defaultLimits),
    /Expected no image for generate, received source/,
  );
});

test("[J4] a resolved request is one of the protocol, resolves to itself, and is the engine's task", () => {
  const side = fc.integer({ min: 8, max: 256 }).map((units) => 8 * units);
  const optional = {
    negativePrompt: fc.string(),
    model: fc.constantFrom('plain', 'hole'),
    vae: fc.constant('colours'),
    upscaler: fc.constant('sharp-x4'),
    scheduler: fc.constantFrom('ddim', 'euler'),
    numInferenceSteps: fc.integer({ min: 1, max: 150 }),
    guidanceScale: fc.double({ min: 0, max: 30, noNaN: true }),
    guidanceRescale: fc.double({ min: 0, max: 1, noNaN: true }),
    highResolution: fc.constantFrom('auto' as const, 'on' as const, 'off' as const),
    highResolutionStrength: fc.double({ min: 0.01, max: 1, noNaN: true }),
    seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    rng: fc.constantFrom('cpu' as const, 'philox' as const),
    clipSkip: fc.integer({ min: 1, max: 12 }),
    predictionType: fc.constantFrom('epsilon' as const, 'v_prediction' as const, 'sample' as const),
    width: side,
    height: side,
    count: fc.integer({ min: 1, max: 8 }),
  };
  const requests = fc.record({ prompt: fc.string(), ...optional }, { requiredKeys: ['prompt'] });
  fc.assert(
    fc.property(requests, (request) => {
      const resolved = resolveRequest({ operation: 'generate', ...request }, [], options);
      assert.deepEqual(resolveRequest(resolved, [], { ...options, randomSeed: () => 1 }), resolved);
      assert.deepEqual(requestOfPicture(resolved, 5), { ...resolved, seed: 5, count: 1 });
      const submit = { type: 'submit', jobId: 'j', request: resolved, images: [] };
      assert.deepEqual(clientMessageSchema.parse(submit), submit);
      const task = toEngineTask(resolved, [], () => new Uint8Array());
      assert.ok(resolved.operation === 'generate' && task.operation === 'generate');
      const { model, recipe, diffusion, ...rest } = task;
      assert.deepEqual([model, recipe], [{ name: resolved.model }, resolved]);
      const { vae } = request;
      const upscaler = 'sharp-x4';
      const flat = {
        ...rest,
        ...diffusion,
        model: resolved.model,
        upscaler,
        ...(vae !== undefined && { vae }),
      };
      assert.deepEqual(flat, resolved);
    }),
  );
});

test('[J27] timesteps say the number of steps, and are proposed for the steps that a model was distilled for', () => {
  const stepsOf = (request: Partial<GenerateRequest>) => {
    const { scheduler, numInferenceSteps, timesteps } = resolve(request);
    return [scheduler, numInferenceSteps, timesteps];
  };
  const model = 'one-step';
  assert.deepEqual(stepsOf({ model }), ['lcm', 1, [800]]);
  assert.deepEqual(stepsOf({ model, scheduler: 'LCMScheduler', numInferenceSteps: 1 }), ['lcm', 1, [800]]);
  assert.deepEqual(stepsOf({ model, numInferenceSteps: 2 }), ['lcm', 2, undefined]);
  assert.deepEqual(stepsOf({ model, scheduler: 'tcd' }), ['tcd', 1, undefined]);
  assert.deepEqual(stepsOf({ model, timesteps: [999] }), ['lcm', 1, [999]]);
  assert.deepEqual(stepsOf({ model, timesteps: [999, 0] }), ['lcm', 2, [999, 0]]);
  assert.deepEqual(stepsOf({ scheduler: 'euler', timesteps: [7] }), ['euler', 1, [7]]);
  const resolved = resolve({ model });
  assert.deepEqual(resolve(resolved), resolved);
  const submit = { type: 'submit', jobId: 'j', request: resolved, images: [] };
  assert.deepEqual(clientMessageSchema.parse(submit), submit);
  const task = toEngineTask(resolved as Parameters<typeof toEngineTask>[0], [], () => new Uint8Array());
  assert.ok(task.operation === 'generate');
  assert.deepEqual(task.diffusion.timesteps, [800]);
});

test('timesteps that cannot be are refused, each with what is wrong', () => {
  const { maxInferenceSteps } = defaultLimits;
  const falling = (count: number) => Array.from({ length: count }, (_, i) => 999 - i);
  const model = 'one-step';
  assert.equal(code({ model, timesteps: falling(maxInferenceSteps) }), 'none');
  for (const [request, message] of [
    [{ timesteps: [] }, /one of `timesteps` at least, received none/],
    [{ timesteps: [1000] }, /from 0 to 999, received 1000/],
    [{ timesteps: [8, 9] }, /received 9 after 8/],
    [{ timesteps: falling(maxInferenceSteps + 1) }, /`numInferenceSteps` to be 1\.\.150, received 151/],
    [{ timesteps: [9, 8], numInferenceSteps: 3 }, /for each of 3 steps, received 2/],
    [{ timesteps: [9], scheduler: 'ddim' }, /a scheduler that takes `timesteps`, received ddim/],
    [{ timesteps: [9], scheduler: 'euler-karras' }, /no karras spacing/],
  ] as const) {
    assert.throws(() => resolve({ model, ...request }), message);
  }
});

const outline = { format: 'rgb8', width: 20, height: 10 } as const;
const pictures = [
  { role: 'source', ...outline },
  { role: 'mask', ...outline, format: 'gray8' },
] as const;

test('a fill with a prompt goes to an inpainting checkpoint, one without it stays what it was', () => {
  const withFill = [
    ...models,
    { name: 'patches', kind: 'fill', architecture: 'PatchMatch', origin: 'built-in' },
  ] as const;
  const fill = (request: Partial<FillRequest>) =>
    resolveRequest({ operation: 'fill', ...request }, pictures, { ...options, models: withFill });
  const plain = fill({});
  assert.deepEqual(plain, {
    operation: 'fill',
    model: 'patches',
    output: { format: 'rgb8', quality: 90 },
    seed: 77,
    count: 1,
    resultArea: 'picture',
  });
  const prompted = fill({ prompt: '' }) as Required<FillRequest>;
  const { model, prompt, strength, context, workingSize } = prompted;
  assert.deepEqual([model, prompt, strength, context, workingSize], ['hole', '', 1, 'auto', 'auto']);
  assert.throws(() => fill({ strength: 0.5 }), /Expected a `prompt` together with `strength`/);
  assert.throws(() => fill({ prompt: 'a', model: 'patches' }), /kind checkpoint/);
  assert.throws(() => fill({ model: 'hole' }), /kind fill/);
  const task = toEngineTask(prompted as Parameters<typeof toEngineTask>[0], pictures, () => new Uint8Array());
  assert.ok(task.operation === 'fill' && task.diffusion?.context === 'auto');
  const same = toEngineTask(plain, pictures, () => new Uint8Array());
  assert.ok(same.operation === 'fill' && same.diffusion === undefined);
});

test('a strength above 0 up to 1 leaves a step to run', () => {
  const vary = (strength: number, numInferenceSteps = 20) =>
    resolveRequest(
      { operation: 'vary', prompt: 'a', strength, numInferenceSteps },
      pictures.slice(0, 1),
      options,
    );
  vary(1);
  vary(0.05);
  for (const strength of [0, -1, 1.01, Number.NaN])
    assert.throws(() => vary(strength), /`strength` to be above 0 and at most 1/);
  assert.throws(() => vary(0.04), /received 20, of which none is left/);
  assert.equal(
    (
      resolveRequest(
        { operation: 'vary', prompt: 'a' },
        pictures.slice(0, 1),
        options,
      ) as Required<VaryRequest>
    ).strength,
    0.6,
  );
});

test('a pix2pix checkpoint is guided by the picture and starts from nothing of it; no other takes that option', () => {
  const vary = (request: Partial<VaryRequest>) =>
    resolveRequest({ operation: 'vary', prompt: 'a', ...request }, pictures.slice(0, 1), options);
  const instructed = vary({ model: 'instruct' }) as Required<VaryRequest>;
  assert.deepEqual([instructed.strength, instructed.imageGuidanceScale], [1, 1.5]);
  assert.deepEqual(vary(instructed), instructed);
  const task = toEngineTask(vary(instructed), pictures, () => new Uint8Array());
  assert.ok(task.operation === 'vary' && task.diffusion.imageGuidanceScale === 1.5);
  const { maxGuidanceScale } = defaultLimits;
  vary({ model: 'instruct', imageGuidanceScale: 0 });
  vary({ model: 'instruct', imageGuidanceScale: maxGuidanceScale });
  for (const imageGuidanceScale of [-0.1, maxGuidanceScale + 0.1])
    assert.throws(() => vary({ model: 'instruct', imageGuidanceScale }), /`imageGuidanceScale` to be 0..30/);
  assert.throws(
    () => vary({ imageGuidanceScale: 1.5 }),
    /pix2pix checkpoint together with `imageGuidanceScale`/,
  );
  assert.equal('imageGuidanceScale' in vary({}), false);
});

test('what enlarges a drawing is what upscales, and nothing where there is none', () => {
  const upscalerOf = (list: readonly ModelInfo[]) =>
    (
      resolveRequest({ operation: 'generate', prompt: 'a' }, [], {
        ...options,
        models: list,
      }) as GenerateRequest
    ).upscaler;
  const usual: ModelInfo = {
    ...models.find(({ kind }) => kind === 'upscaler')!,
    name: 'realesr-general-x4v3',
  };
  assert.equal(upscalerOf(models), 'sharp-x4');
  assert.equal(upscalerOf([...models, usual]), usual.name);
  assert.equal(upscalerOf(models.filter(({ kind }) => kind !== 'upscaler')), undefined);
});

test('a working size in pixels has sides that can be drawn', () => {
  const vary = (workingSize: NonNullable<VaryRequest['workingSize']>) =>
    resolveRequest({ operation: 'vary', prompt: 'a', workingSize }, pictures.slice(0, 1), options);
  const { maxGenerateSide: max } = defaultLimits;
  for (const size of [
    { width: 64, height: max },
    { width: max, height: 64 },
  ]) {
    const resolved = vary(size);
    assert.deepEqual((resolved as VaryRequest).workingSize, size);
    const submit = { type: 'submit', jobId: 'j', request: resolved, images: [] };
    assert.deepEqual(clientMessageSchema.parse(submit), submit);
    const task = toEngineTask(resolved, pictures, () => new Uint8Array());
    assert.deepEqual(task.operation === 'vary' && task.diffusion.workingSize, size);
  }
  for (const side of [56, 73, max + 8]) {
    assert.throws(() => vary({ width: side, height: 64 }), /`workingSize.width` to be/);
    assert.throws(() => vary({ width: 64, height: side }), /`workingSize.height` to be/);
  }
});

test('a scheduler is kept under its own name, whatever it is called, and an unknown one is refused at once', () => {
  const own = (scheduler: string) => resolve({ scheduler }).scheduler;
  assert.deepEqual(
    [own('DDIMScheduler'), own('dpmpp_2m_karras'), own('Euler a')],
    ['ddim', 'dpmpp-2m-karras', 'euler-ancestral'],
  );
  assert.equal(code({ scheduler: 'magic' }), 'invalid-option');
  for (const name of schedulers) assert.equal(own(name), name);
});
