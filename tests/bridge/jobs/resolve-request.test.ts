import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clientMessageSchema } from '../../../bridge/connection/client-message.ts';
import { checkImages, checkOutlines } from '../../../bridge/jobs/check-images.ts';
import { requestOfPicture, resolveRequest, toEngineTask } from '../../../bridge/jobs/resolve-request.ts';
import { defaultLimits } from '../../../bridge/protocol/limits.ts';
import type { ImageOutline, InputImage, JobRequest } from '../../../bridge/protocol/messages.ts';
import { EngineError } from '../../../engine/errors.ts';
import { scriptedModels, sourceOf } from '../scripted-engine.ts';

const limits = { ...defaultLimits, maxImageSide: 100, maxImagePixels: 5_000, maxUploadBytes: 6_000 };
const options = { models: scriptedModels, limits, randomSeed: () => 77 };
const source: InputImage = {
  imageId: 'a',
  role: 'source',
  format: 'rgb8',
  width: 20,
  height: 10,
  byteLength: 600,
};
const mask: InputImage = {
  imageId: 'b',
  role: 'mask',
  format: 'gray8',
  width: 20,
  height: 10,
  byteLength: 200,
};

function code(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof EngineError);
    return error.code;
  }
  return 'none';
}

test('[J4] what a request leaves out is filled in once', () => {
  assert.deepEqual(resolveRequest({ operation: 'fill' }, [source, mask], options), {
    operation: 'fill',
    model: 'patch-match',
    output: { format: 'rgb8', quality: 90 },
    seed: 77,
    count: 1,
    resultArea: 'picture',
  });
  assert.deepEqual(resolveRequest({ operation: 'remove', seed: 5 }, [source, mask], options), {
    operation: 'remove',
    model: 'patch-match',
    output: { format: 'rgb8', quality: 90 },
    seed: 5,
    count: 1,
    resultArea: 'picture',
  });
  assert.deepEqual(
    resolveRequest({ operation: 'expand', left: 3 }, [{ ...source, format: 'jpeg' }], options),
    {
      operation: 'expand',
      model: 'patch-match',
      output: { format: 'png', quality: 90 },
      left: 3,
      right: 0,
      top: 0,
      bottom: 0,
      seed: 77,
      count: 1,
    },
  );
  assert.deepEqual(resolveRequest({ operation: 'upscale' }, [source], options), {
    operation: 'upscale',
    model: 'sharp-x4',
    output: { format: 'rgb8', quality: 90 },
    scale: 4,
  });
});

test('[J4] a default seed is an unsigned 32-bit number, and another every time', () => {
  const seeds = Array.from({ length: 50 }, () => {
    const request = resolveRequest({ operation: 'fill' }, [source, mask], { models: scriptedModels, limits });
    return request.operation === 'fill' ? request.seed : -1;
  });
  assert.ok(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32));
  assert.ok(new Set(seeds).size > 45);
});

const names = [
  '../patch-match',
  '/etc/passwd',
  'C:\\models\\x.safetensors',
  'patch-match/',
  'Patch-Match',
  '',
];
for (const model of names) {
  test(`[J5] the model "${model}" is no listed name and is not found`, () => {
    assert.equal(
      code(() => resolveRequest({ operation: 'fill', model }, [source, mask], options)),
      'model-not-found',
    );
  });
}

test('[J5] a model of another kind, and one with a problem, are refused', () => {
  const refused = (request: JobRequest) => code(() => resolveRequest(request, [source, mask], options));
  assert.equal(refused({ operation: 'fill', model: 'sharp-x4' }), 'invalid-option');
  assert.equal(refused({ operation: 'upscale', model: 'broken-x2' }), 'invalid-weights');
});

test('[J5] without any model for it, an operation is not there', () => {
  const bare = { ...options, models: [] };
  assert.equal(
    code(() => resolveRequest({ operation: 'upscale' }, [source], bare)),
    'model-not-found',
  );
});

test('[J4] counts, margins and sizes are checked at their limits and one past them', () => {
  const outcome = (request: JobRequest) => code(() => resolveRequest(request, [source, mask], options));
  assert.equal(outcome({ operation: 'fill', count: 8 }), 'none');
  assert.equal(outcome({ operation: 'fill', count: 9 }), 'invalid-option');
  assert.equal(outcome({ operation: 'expand' }), 'invalid-option');
  assert.equal(outcome({ operation: 'expand', right: 80 }), 'none');
  assert.equal(outcome({ operation: 'expand', right: 81 }), 'image-too-large');
  assert.equal(outcome({ operation: 'expand', bottom: 8_193 }), 'invalid-option');
  assert.equal(outcome({ operation: 'upscale', scale: 5 }), 'none');
  assert.equal(outcome({ operation: 'upscale', scale: 5.1 }), 'image-too-large');
  assert.equal(outcome({ operation: 'upscale', width: 100, height: 50 }), 'none');
  assert.equal(outcome({ operation: 'upscale', width: 100, height: 51 }), 'image-too-large');
  assert.equal(outcome({ operation: 'upscale', width: 100 }), 'invalid-option');
  assert.equal(outcome({ operation: 'upscale', width: 10, height: 10, scale: 2 }), 'invalid-option');
});

test('[L8] pictures are checked at their limits and one past them, before any memory is taken', () => {
  const outline = (width: number, height: number): ImageOutline => ({
    role: 'source',
    format: 'png',
    width,
    height,
  });
  const size = (width: number, height: number) =>
    code(() => checkOutlines({ operation: 'upscale' }, [outline(width, height)], limits));
  assert.equal(size(100, 50), 'none');
  assert.equal(size(101, 1), 'image-too-large');
  assert.equal(size(1, 101), 'image-too-large');
  assert.equal(size(100, 51), 'image-too-large');
  const upload = (byteLength: number) =>
    code(() =>
      checkImages({ operation: 'upscale' }, [{ ...outline(9, 9), imageId: 'a', byteLength }], limits),
    );
  assert.equal(upload(6_000), 'none');
  assert.equal(upload(6_001), 'image-too-large');
});

test('[U2] a raw picture must have the bytes of its pixels, no more and no less', () => {
  const bytes = { gray8: 1, rgb8: 3, rgba8: 4, gray16: 2, rgb16: 6, rgba16: 8 } as const;
  for (const [format, pixelBytes] of Object.entries(bytes)) {
    for (const [difference, expected] of [
      [-1, 'invalid-image'],
      [0, 'none'],
      [1, 'invalid-image'],
    ] as const) {
      const image = {
        ...source,
        format: format as InputImage['format'],
        byteLength: 200 * pixelBytes + difference,
      };
      assert.equal(
        code(() => checkImages({ operation: 'upscale' }, [image], limits)),
        expected,
        `${format} ${difference}`,
      );
    }
  }
});

test('[U2] an encoded picture needs no size, a raw one does', () => {
  const check = (format: InputImage['format']) =>
    code(() =>
      checkImages(
        { operation: 'upscale' },
        [{ imageId: 'a', role: 'source', format, byteLength: 100 }],
        limits,
      ),
    );
  for (const format of ['png', 'jpeg', 'webp', 'tiff'] as const) assert.equal(check(format), 'none', format);
  for (const format of ['gray8', 'rgba16'] as const) assert.equal(check(format), 'invalid-image', format);
  const unsized = [{ role: 'source', format: 'png' }] as const;
  const resolved = resolveRequest({ operation: 'upscale', scale: 4 }, unsized, options);
  assert.deepEqual(sourceOf(toEngineTask(resolved, unsized, () => new Uint8Array(1))), {
    format: 'png',
    bytes: new Uint8Array(1),
  });
});

test('[U2] an operation takes the images it needs, each once, the mask as large as the picture', () => {
  const check = (images: readonly InputImage[]) =>
    code(() => checkImages({ operation: 'fill' }, images, limits));
  assert.equal(check([mask, source]), 'none');
  assert.equal(check([source]), 'invalid-option');
  assert.equal(check([source, source]), 'invalid-option');
  assert.equal(check([source, mask, { ...mask, imageId: 'c' }]), 'invalid-option');
  assert.equal(check([source, { ...mask, imageId: 'a' }]), 'invalid-option');
  assert.equal(check([source, { ...mask, width: 10, height: 20 }]), 'mask-mismatch');
  for (const [operation, images] of [
    ['expand', [source, mask]],
    ['remove', [source]],
  ] as const) {
    assert.equal(
      code(() => checkImages({ operation }, images, limits)),
      'invalid-option',
    );
  }
});

const requests = fc.oneof(
  fc.record(
    {
      operation: fc.constantFrom('fill' as const, 'remove' as const),
      seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      count: fc.integer({ min: 1, max: 8 }),
      resultArea: fc.constantFrom('picture', 'mask'),
      model: fc.constant('patch-match'),
    },
    { requiredKeys: ['operation'] },
  ),
  fc.record(
    { operation: fc.constant('expand' as const), left: fc.nat(30), top: fc.integer({ min: 1, max: 30 }) },
    { requiredKeys: ['operation', 'top'] },
  ),
  fc.record(
    { operation: fc.constant('upscale' as const), scale: fc.double({ min: 0.5, max: 4, noNaN: true }) },
    { requiredKeys: ['operation'] },
  ),
) as fc.Arbitrary<JobRequest>;

test('[J4] a resolved request is a request of the protocol that resolves to itself, as is that of each picture', () => {
  fc.assert(
    fc.property(requests, (request) => {
      const images = ['fill', 'remove'].includes(request.operation) ? [source, mask] : [source];
      const resolved = resolveRequest(request, images, options);
      assert.deepEqual(resolveRequest(resolved, images, { ...options, randomSeed: () => 1 }), resolved);
      const ofPicture = requestOfPicture(resolved, 5);
      assert.deepEqual(resolveRequest(ofPicture, images, options), ofPicture);
      const submit = { type: 'submit', jobId: 'j', request: resolved, images };
      assert.deepEqual(clientMessageSchema.parse(submit), submit);
      const task = toEngineTask(resolved, images, ({ imageId }) => Buffer.from(imageId));
      assert.equal(Buffer.from(sourceOf(task).bytes).toString(), 'a');
      assert.deepEqual(task.recipe, resolved);
    }),
  );
});
