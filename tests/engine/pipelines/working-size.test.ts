import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeDrawing } from '../../../engine/pipelines/working-size.ts';

const shared = { variant: 'base', hasZeroTerminalSnr: false, predictionType: 'epsilon' } as const;

function sizeOf(family: 'sd1' | 'sdxl', canvas: { readonly width: number; readonly height: number }) {
  const changed = { left: 0, top: 0, ...canvas };
  const options = {
    canvas,
    policy: 'whole',
    workingSize: 'auto',
    description: { family, ...shared },
  } as const;
  const { width, height } = placeDrawing(changed, options).size;
  return `${width} x ${height}`;
}

test('SDXL draws at a size of about a megapixel that it was trained at, whatever the shape', () => {
  for (const [width, height, expected] of [
    [1000, 1000, '1024 x 1024'],
    [3000, 2000, '1216 x 832'],
    [1920, 1080, '1344 x 768'],
    [1080, 1920, '768 x 1344'],
    [4000, 3000, '1152 x 896'],
    [2400, 1000, '1600 x 640'],
  ] as const) {
    assert.equal(sizeOf('sdxl', { width, height }), expected);
  }
});

test('other families keep the shape as it is, up to one latent pixel', () => {
  assert.equal(sizeOf('sd1', { width: 3000, height: 2000 }), '624 x 416');
});
