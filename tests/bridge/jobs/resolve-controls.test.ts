import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clientMessageSchema } from '../../../bridge/connection/client-message.ts';
import { checkOutlines } from '../../../bridge/jobs/check-images.ts';
import { resolveRequest, toEngineTask } from '../../../bridge/jobs/resolve-request.ts';
import { defaultLimits, maxHypernetworks } from '../../../bridge/protocol/limits.ts';
import {
  type ControlField,
  controlKinds,
  controlModes,
  type GenerateRequest,
  type HypernetworkField,
  type ImageOutline,
  type LoraField,
  type VaryRequest,
} from '../../../bridge/protocol/messages.ts';
import {
  controlKinds as engineKinds,
  controlModes as engineModes,
  type ModelInfo,
} from '../../../engine/api.ts';
import { completeSettings } from '../../../engine/control/preprocessor-list.ts';

const user = { origin: 'user' } as const;
const checkpoint = {
  ...user,
  kind: 'checkpoint',
  architecture: 'Stable Diffusion',
  variant: 'base',
} as const;
const controlnet = { ...user, kind: 'controlnet', architecture: 'ControlNet' } as const;
const lora = { ...user, kind: 'lora', architecture: 'LoRA' } as const;
const hypernetwork = { ...user, kind: 'hypernetwork', architecture: 'Hypernetwork' } as const;
const models: readonly ModelInfo[] = [
  { ...checkpoint, name: 'plain', family: 'sd1' },
  { ...checkpoint, name: 'large', family: 'sdxl' },
  { ...checkpoint, name: 'inlay-mini', family: 'sd1', resolution: { width: 128, height: 128 } },
  { ...controlnet, name: 'inlay-mini-control-edges', family: 'sd1', controlKinds: ['canny'] },
  { ...controlnet, name: 'union', family: 'sdxl', controlKinds: ['canny', 'depth'] },
  { ...controlnet, name: 'edges', family: 'sd1', controlKinds: ['canny'] },
  { ...controlnet, name: 'nameless', family: 'sd1' },
  { ...controlnet, name: 'damaged', family: 'sd1', controlKinds: ['depth'], problem: 'half a file' },
  { ...lora, name: 'film', family: 'sd1' },
  { ...lora, name: 'film-xl', family: 'sdxl' },
  { ...hypernetwork, name: 'old', family: 'sd1' },
  { ...hypernetwork, name: 'old-2', family: 'sd2' },
];
const options = { models, limits: defaultLimits, randomSeed: () => 7 };
const source: ImageOutline = { role: 'source', format: 'rgb8', width: 30, height: 20 };
const map: ImageOutline = { ...source, role: 'control', imageId: 'map' };

function vary(request: Partial<VaryRequest>, images: readonly ImageOutline[] = [source, map]): VaryRequest {
  return resolveRequest(
    { operation: 'vary', model: 'plain', prompt: 'a', ...request },
    images,
    options,
  ) as VaryRequest;
}

function control(field: ControlField): ControlField {
  return vary({ controls: [field] }).controls![0]!;
}

test('the protocol and the engine mean the same kinds and modes', () => {
  assert.deepEqual([controlKinds, controlModes], [engineKinds, engineModes]);
});

test('[J20] what a control leaves out is the whole strength over all steps, by the ControlNet for its kind', () => {
  assert.deepEqual(control({ kind: 'canny', imageId: 'map', imageName: 'sketch.png' }), {
    model: 'edges',
    kind: 'canny',
    imageId: 'map',
    imageName: 'sketch.png',
    strength: 1,
    start: 0,
    end: 1,
    mode: 'balanced',
  });
  const { kind, preprocessor } = control({ preprocessor: 'canny', imageId: 'map' });
  assert.deepEqual([kind, preprocessor], ['canny', completeSettings({ name: 'canny' })]);
  assert.equal(control({ model: 'edges', imageId: 'map' }).kind, 'canny');
  assert.equal('kind' in control({ model: 'nameless', imageId: 'map' }), false);
});

test('[J20] without an image of its own a control follows a map made of the source, or the source and its mask', () => {
  assert.deepEqual(control({ kind: 'canny' }).preprocessor, completeSettings({ name: 'canny' }));
  const { kind, preprocessor } = control({ model: 'nameless', kind: 'inpaint' });
  assert.deepEqual([kind, preprocessor], ['inpaint', undefined]);
});

test('each checkpoint gets a ControlNet that fits it, made for the kind where there is one', () => {
  const modelFor = (model: string, kind: ControlField['kind']) =>
    vary({ model, controls: [{ kind: kind!, imageId: 'map' }] }).controls![0]!.model;
  assert.equal(modelFor('plain', 'canny'), 'edges');
  assert.equal(modelFor('large', 'depth'), 'union');
  assert.equal(modelFor('inlay-mini', 'canny'), 'inlay-mini-control-edges');
});

test('what cannot be is one clear sentence that says what to do', () => {
  const cases: readonly [ControlField, RegExp][] = [
    [{ preprocessor: { name: 'canny', options: { low: 3 } }, imageId: 'map' }, /canny.*received.*low/],
    [{ imageId: 'map' }, /Expected `model`, `kind` or `preprocessor` of control 1, received none/],
    [
      { kind: 'depth' },
      /installed ControlNet for depth maps that fits "plain" \(Stable Diffusion 1\.x\), found none/,
    ],
    [
      { model: 'union', kind: 'canny' },
      /control 1 \(canny\) to be for Stable Diffusion 1\.x, as .*"plain" is, received "union", which is for SDXL/,
    ],
    [{ model: 'plain' }, /kind controlnet, received "plain"/],
    [{ model: 'damaged' }, /half a file/],
    [{ model: 'none' }, /installed model, received "none"/],
  ];
  for (const [field, message] of cases) assert.throws(() => control(field), message);
  assert.throws(
    () => vary({ model: 'large', controls: [{ model: 'union', imageId: 'map' }] }),
    /Expected `kind` of control 1, for "union" can follow several/,
  );
  const hint = (field: ControlField) => {
    try {
      control(field);
    } catch (error) {
      return (error as { hint: string }).hint;
    }
    return '';
  };
  assert.match(hint({ kind: 'depth' }), /Copy control_v11f1p_sd15_depth into the models folder/);
  assert.match(hint({ kind: 'palette' }), /Put one into the models folder, or name another with `model`/);
});

test('strengths and steps of a control hold at their limits and one past them', () => {
  const field = { kind: 'canny', imageId: 'map' } as const;
  for (const strength of [0, 2]) control({ ...field, strength });
  for (const strength of [-0.01, 2.01, Number.NaN]) {
    assert.throws(() => control({ ...field, strength }), /`strength` of control 1 \(canny\) to be 0\.\.2/);
  }
  for (const [start, end] of [
    [0, 1],
    [0, 0.01],
    [0.99, 1],
  ] as const)
    control({ ...field, start, end });
  for (const [start, end] of [
    [-0.01, 1],
    [0, 1.01],
    [0.5, 0.5],
    [0.6, 0.5],
  ] as const) {
    assert.throws(
      () => control({ ...field, start, end }),
      /`start` and `end` of control 1 \(canny\) to be 0\.\.1/,
    );
  }
});

test('as many controls and LoRAs as there may be, and one more', () => {
  const field = { kind: 'canny' } as const;
  const { maxControls, maxLoras } = defaultLimits;
  const controls = (count: number) => vary({ controls: new Array<ControlField>(count).fill(field) });
  assert.equal(controls(maxControls).controls!.length, maxControls);
  assert.throws(() => controls(maxControls + 1), /Expected 8 controls at most, received 9/);
  const loras = (count: number) => vary({ loras: new Array<LoraField>(count).fill({ model: 'film' }) });
  assert.equal(loras(maxLoras).loras!.length, maxLoras);
  assert.throws(() => loras(maxLoras + 1), /Expected 16 LoRAs at most, received 17/);
  assert.equal('controls' in controls(0), false);
});

test('[J21] a LoRA is of the family of its checkpoint, and its strengths are within their limits', () => {
  const resolved = (field: LoraField) => vary({ loras: [field] }).loras![0]!;
  assert.deepEqual(resolved({ model: 'film' }), { model: 'film', strength: 1 });
  assert.throws(
    () => resolved({ model: 'film-xl' }),
    /LoRA to be for Stable Diffusion 1\.x.* received "film-xl", which is for SDXL/,
  );
  assert.throws(() => resolved({ model: 'edges' }), /kind lora, received "edges"/);
  for (const strength of [-10, 10]) resolved({ model: 'film', strength, textEncoderStrength: strength });
  for (const strength of [-10.1, 10.1]) {
    assert.throws(
      () => resolved({ model: 'film', strength }),
      /`strength` of the LoRA "film" to be -10\.\.10/,
    );
    assert.throws(
      () => resolved({ model: 'film', textEncoderStrength: strength }),
      /`textEncoderStrength` of the LoRA "film"/,
    );
  }
});

test('[J26] a hypernetwork is of the family of its checkpoint, and its strength and their number are within limits', () => {
  const resolved = (...hypernetworks: readonly HypernetworkField[]) => vary({ hypernetworks });
  const request = resolved({ model: 'old' }, { model: 'old', strength: -10 });
  assert.deepEqual(request.hypernetworks, [
    { model: 'old', strength: 1 },
    { model: 'old', strength: -10 },
  ]);
  const message = { type: 'submit', jobId: 'j', request, images: [] };
  assert.deepEqual(clientMessageSchema.parse(message), message);
  assert.equal('hypernetworks' in resolved(), false);
  assert.throws(() => resolved({ model: 'old', strength: 10.1 }), /hypernetwork "old" to be -10\.\.10/);
  assert.throws(
    () => resolved({ model: 'old-2' }),
    /hypernetwork to be for Stable Diffusion 1\.x.* received "old-2"/,
  );
  assert.throws(() => resolved({ model: 'film' }), /kind hypernetwork, received "film"/);
  const many = new Array<HypernetworkField>(maxHypernetworks).fill({ model: 'old' });
  assert.equal(resolved(...many).hypernetworks!.length, maxHypernetworks);
  assert.throws(() => resolved(...many, ...many), /Expected 8 hypernetworks at most, received 16/);
});

test('[U2] control images are those that the controls name, as large as the source', () => {
  const check = (controls: readonly ControlField[], ...images: readonly ImageOutline[]) =>
    checkOutlines({ operation: 'vary', prompt: 'a', controls }, [source, ...images], defaultLimits);
  const field = { kind: 'canny', imageId: 'map' } as const;
  check([field], map);
  check([field, field], map);
  check([field], { role: 'control', imageId: 'map', format: 'png' });
  check([{ kind: 'canny' }]);
  assert.throws(
    () => check([{ ...field, imageName: 'sketch.png' }]),
    /image "map" of control 1 \(sketch\.png\), received none/,
  );
  assert.throws(() => check([], map), /that the request's controls name, received "map"/);
  assert.throws(() => check([field], map, { ...map, imageId: 'other' }), /received "other"/);
  assert.throws(
    () => check([field], { ...map, width: 31 }),
    /image of control 1 \(canny\) to be 30 × 20 pixels, as the picture, received 31 × 20/,
  );
  assert.throws(
    () => check([field], { ...map, width: 40_000 }),
    /image of control 1 \(canny\) to have sides of 32768/,
  );
});

test('a picture from words has none that a control could follow instead of an image', () => {
  const generate = (field: ControlField) =>
    resolveRequest({ operation: 'generate', model: 'plain', prompt: 'a', controls: [field] }, [map], options);
  generate({ kind: 'canny', imageId: 'map' });
  assert.throws(() => generate({ kind: 'canny' }), /Expected an image of control 1 \(canny\) for generate/);
});

test('without a prompt there is nothing to control', () => {
  assert.throws(
    () =>
      resolveRequest({ operation: 'expand', left: 8, controls: [{ kind: 'canny' }] }, [source], {
        ...options,
        models: [...models, { ...user, name: 'patches', kind: 'fill', architecture: 'PatchMatch' }],
      }),
    /Expected a `prompt` together with `controls`/,
  );
});

test("[J4] controls and LoRAs are of the protocol, resolve to themselves, and are the engine's", () => {
  const fields = fc.record(
    {
      kind: fc.constant('canny' as const),
      model: fc.constantFrom('edges', 'nameless'),
      imageId: fc.constant('map'),
      imageName: fc.string({ minLength: 1, maxLength: 128 }),
      preprocessor: fc.oneof(
        fc.constant('canny' as const),
        fc.record(
          { name: fc.constant('canny' as const), options: fc.constant({ lowThreshold: 3 }) },
          { noNullPrototype: true },
        ),
      ),
      strength: fc.double({ min: 0, max: 2, noNaN: true }),
      start: fc.double({ min: 0, max: 0.4, noNaN: true }),
      end: fc.double({ min: 0.5, max: 1, noNaN: true }),
      mode: fc.constantFrom(...controlModes),
    },
    { requiredKeys: ['kind'], noNullPrototype: true },
  );
  const loras = fc.record(
    { model: fc.constant('film'), strength: fc.double({ min: -10, max: 10, noNaN: true }) },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(
      fc.array(fields, { minLength: 1, maxLength: 8 }),
      fc.array(loras, { minLength: 1 }),
      (controls, own) => {
        const request = { operation: 'vary', model: 'plain', prompt: 'a', controls, loras: own } as const;
        const resolved = resolveRequest(request, [source, map], options);
        assert.deepEqual(resolveRequest(resolved, [source, map], options), resolved);
        const submit = { type: 'submit', jobId: 'j', request: resolved, images: [] };
        assert.deepEqual(clientMessageSchema.parse(submit), submit);
        const task = toEngineTask(resolved, [source, map], ({ role }) => Buffer.from(role));
        assert.ok(task.operation === 'vary');
        for (const [index, settings] of task.diffusion.controls!.entries()) {
          assert.equal(settings.image !== undefined, controls[index]!.imageId !== undefined);
          if (settings.image !== undefined)
            assert.equal(Buffer.from(settings.image.bytes).toString(), 'control');
        }
        assert.deepEqual(
          task.diffusion.loras,
          own.map(({ strength }) => ({ model: { name: 'film' }, strength })),
        );
      },
    ),
    { numRuns: 50 },
  );
});

function generateSize(
  request: Partial<GenerateRequest>,
  image: Partial<ImageOutline>,
): readonly [number, number] {
  const { width, height } = resolveRequest(
    {
      operation: 'generate',
      model: 'plain',
      prompt: 'a',
      controls: [{ kind: 'canny', imageId: 'map' }],
      ...request,
    },
    [{ role: 'control', imageId: 'map', format: 'png', ...image }],
    options,
  ) as Required<GenerateRequest>;
  return [width, height];
}

test('[J20] a picture from words has the proportions of its control image, at the size that the model knows', () => {
  assert.deepEqual(generateSize({}, { width: 3000, height: 3000 }), [512, 512]);
  assert.deepEqual(generateSize({}, { width: 10, height: 10 }), [512, 512]);
  assert.deepEqual(generateSize({ width: 640 }, { width: 300, height: 200 }), [640, 424]);
  assert.deepEqual(generateSize({ height: 512 }, { width: 300, height: 200 }), [768, 512]);
  assert.deepEqual(generateSize({ width: 256, height: 384 }, {}), [256, 384]);
  assert.throws(
    () => generateSize({}, {}),
    /Expected `width` and `height`, or the size of the image of control 1 \(canny\)/,
  );
});

test('proportions hold at what they may be off and one pixel past it', () => {
  generateSize({ width: 1024, height: 1024 }, { width: 1020, height: 1000 });
  assert.throws(
    () => generateSize({ width: 1024, height: 1024 }, { width: 1021, height: 1000 }),
    /control 1 \(canny\) to have the proportions of the picture, 1024 × 1024, received 1021 × 1000/,
  );
  assert.throws(
    () => generateSize({ width: 512, height: 512 }, { width: 300, height: 200 }),
    ({ hint }: { hint: string }) => /^Ask for \d+ × \d+ pixels, or leave the size out\.$/.test(hint),
  );
});

test('whatever the image, the size can be drawn, has about the area of the model, and is taken as told', () => {
  const side = fc.integer({ min: 1, max: 4_000 });
  fc.assert(
    fc.property(side, side, fc.constantFrom('plain', 'large', 'inlay-mini'), (width, height, model) => {
      const controls = [{ kind: 'canny', imageId: 'map' }] as const;
      const ratio = Math.max(width, height) / Math.min(width, height);
      fc.pre(ratio < 4);
      const [w, h] = generateSize({ model, controls }, { width, height });
      assert.deepEqual(generateSize({ model, controls, width: w, height: h }, { width, height }), [w, h]);
      const area = { plain: 512, large: 1024, 'inlay-mini': 128 }[model]! ** 2;
      assert.ok(w * h > area / 1.6 && w * h < area * 1.6, `${w} × ${h} for ${width} × ${height}`);
      const error = Math.max((w * height) / (h * width), (h * width) / (w * height)) - 1;
      assert.ok(
        error < (model === 'inlay-mini' ? 0.05 : 0.02),
        `${error} of ${w} × ${h} for ${width} × ${height}`,
      );
    }),
  );
});
