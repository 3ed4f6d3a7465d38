import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { GenerateRequest } from '../../../../bridge/protocol/messages.ts';
import { drawingSize } from '../../../../plugins/figma/ui/drawing-size.ts';
import {
  expandOutline,
  fillOutline,
  fillRequest,
  mockupRequests,
  requireImageSize,
  upscaleNote,
  upscaleRequest,
} from '../../../../plugins/figma/ui/figma-request.ts';
import { ClientError } from '../../../../plugins/shared/client/client-error.ts';
import type { Order } from '../../../../plugins/shared/panel/editor-host.ts';

const png = { format: 'png' };

describe('a fill', () => {
  const order: Order = { operation: 'remove', request: { operation: 'remove', count: 2 } };

  test('comes as PNG, by itself with its mask', () => {
    assert.deepEqual(fillRequest(order), { ...order.request, resultArea: 'mask', output: png });
  });

  test('sends only what the engine will look at', () => {
    const maskBounds = { left: 2_000, top: 2_000, width: 100, height: 60 };
    const [task, ...others] = fillOutline(order, { picture: { width: 4_000, height: 4_000 }, maskBounds })!;
    assert.equal(others.length, 0);
    const area = { left: 1_800, top: 1_800, width: 500, height: 460 };
    assert.deepEqual(task!.images, [
      { role: 'source', format: 'rgba8', ...area },
      { role: 'mask', format: 'gray8', ...area, maskBounds },
    ]);
  });
});

describe('an enlargement', () => {
  const order = (scale?: number): Order => ({
    operation: 'upscale',
    request: { operation: 'upscale', model: 'x4', ...(scale !== undefined && { scale }) },
  });

  test('is by the factor that was asked for, as long as Figma can take it', () => {
    const size = { width: 1_024, height: 600 };
    assert.deepEqual(upscaleRequest(order(4), size), {
      operation: 'upscale',
      model: 'x4',
      scale: 4,
      output: png,
    });
    assert.equal(upscaleNote(order(4), size), undefined);
    const larger = { width: 1_025, height: 600 };
    assert.deepEqual(upscaleRequest(order(4), larger), {
      operation: 'upscale',
      model: 'x4',
      width: 4_096,
      height: 2_398,
      output: png,
    });
    assert.match(upscaleNote(order(4), larger)!, /^Enlarged 4\.0 times instead of 4: /);
  });

  test('without a factor is as large as it can be', () => {
    const request = upscaleRequest(order(), { width: 300, height: 200 });
    assert.ok('scale' in request && Math.abs(request.scale! * 300 - 4_096) < 1e-9);
  });

  test('never has a longer side than Figma takes', () => {
    const side = fc.integer({ min: 1, max: 4_095 });
    fc.assert(
      fc.property(side, side, fc.constantFrom(2, 3, 4), (width, height, scale) => {
        const request = upscaleRequest(order(scale), { width, height });
        assert.ok('width' in request || 'scale' in request);
        const made =
          'width' in request
            ? { width: request.width!, height: request.height! }
            : { width: width * scale, height: height * scale };
        assert.doesNotThrow(() => requireImageSize(made));
        assert.ok(made.height >= 1);
      }),
    );
  });
});

test('an expansion is in pixels of the export', () => {
  const order: Order = {
    operation: 'expand',
    request: { operation: 'expand', count: 1 },
    margins: { left: 10, top: 0, right: 5, bottom: 20 },
  };
  const [task] = expandOutline(order, { size: { width: 100, height: 50 }, density: 2 });
  const { left, top, right, bottom } = task!.request as { [side: string]: unknown } & typeof task.request;
  assert.deepEqual([left, top, right, bottom], [20, 0, 10, 40]);
  assert.deepEqual(task!.images, [
    { role: 'source', format: 'rgba8', left: 0, top: 0, width: 200, height: 100 },
  ]);
});

describe('a mockup', () => {
  const request: GenerateRequest = {
    operation: 'generate',
    prompt: 'a coffee shop',
    seed: 2 ** 32 - 1,
    count: 3,
  };
  const order: Order = { operation: 'mockup', request, modelSide: 512 };

  test('has a job for each placeholder, in its shape, with its own words and seeds', () => {
    const requests = mockupRequests(order, [
      { path: [0], width: 600, height: 300 },
      { path: [1], width: 48, height: 48, words: 'a barista' },
    ]) as readonly GenerateRequest[];
    assert.deepEqual(
      requests.map(({ prompt }) => prompt),
      ['a coffee shop', 'a coffee shop, a barista'],
    );
    assert.deepEqual(
      requests.map(({ width, height }) => [width, height]),
      [
        [728, 360],
        [512, 512],
      ],
    );
    assert.deepEqual(
      requests.map(({ seed }) => seed),
      [2 ** 32 - 1, 7_918],
    );
    assert.deepEqual(requests[0]!.output, png);
  });

  test('leaves it to the server where no seed is chosen', () => {
    const { seed: _, ...unseeded } = request;
    const [first] = mockupRequests({ ...order, request: unseeded }, [{ path: [0], width: 9, height: 9 }]);
    assert.ok(!('seed' in first!));
  });
});

describe('the size of a drawing', () => {
  test('is what a model draws, in multiples of 8, in the shape of the layer', () => {
    const side = fc.double({ min: 1, max: 16_384, noNaN: true });
    fc.assert(
      fc.property(side, side, fc.constantFrom(512, 768, 1_024), (width, height, modelSide) => {
        const size = drawingSize({ width, height }, modelSide);
        for (const length of [size.width, size.height]) {
          assert.equal(length % 8, 0);
          assert.ok(length >= 64 && length <= 2_048);
        }
        const aspect = width / height;
        if (aspect < 3 && aspect > 1 / 3) {
          assert.ok(Math.abs(size.width / size.height / aspect - 1) < 0.05);
        }
        // Rounding may take up to 4 pixels from a side.
        assert.ok((size.width + 4) * (size.height + 4) >= modelSide ** 2 * 0.7);
      }),
    );
  });

  test('grows with the layer until a model would repeat itself', () => {
    assert.deepEqual(drawingSize({ width: 100, height: 100 }), { width: 512, height: 512 });
    assert.deepEqual(drawingSize({ width: 600, height: 600 }), { width: 600, height: 600 });
    assert.deepEqual(drawingSize({ width: 2_000, height: 2_000 }), { width: 768, height: 768 });
    assert.deepEqual(drawingSize('any-size', 768), { width: 768, height: 768 });
  });
});

test('an image of 4096 pixels a side is taken, and one more is not', () => {
  requireImageSize({ width: 4_096, height: 4_096 });
  assert.throws(() => requireImageSize({ width: 10, height: 4_097 }), ClientError);
});
