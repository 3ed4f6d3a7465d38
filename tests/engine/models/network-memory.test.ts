import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  emitTextEncoder,
  emitUNet,
  emitVaeDecoder,
  emitVaeEncoder,
} from '../../../engine/graphs/stable-diffusion.ts';
import { networkMemory } from '../../../engine/models/network-memory.ts';
import { headerOf15 as checkpoint, headerOfXl } from '../stable-diffusion-header.ts';

const cpu = { operators: 'onnxruntime', convolutions: 'winograd' } as const;
const mebibyte = 2 ** 20;
const unetSizes = (side: number, batch: number) => {
  const pixels = (side / 8) ** 2;
  const texts = { words: 77, contextRows: 77 * batch };
  const uncontrolled = { residuals: 1, residual_height: 1, residual_width: 1 };
  const image = { height: side / 8, width: side / 8, rows: batch * pixels };
  return { batch, pictures: batch, ...image, ...texts, ...uncontrolled };
};
const imageSizes = (side: number) => ({ batch: 1, height: side, width: side, rows: side * side });

function isWithin(told: number, measuredMebibytes: number, most = 1.35): void {
  const ratio = told / (measuredMebibytes * mebibyte);
  assert.ok(ratio >= 1 && ratio <= most, `${ratio} of what was measured`);
}

// Measured figures are those of docs/models.md, as resident memory above that of the process before.
test('the UNet of Stable Diffusion 1.5 takes what was measured, or a little less than a third more', () => {
  const { weightBytes, loadBytes, workBytes } = networkMemory(emitUNet(checkpoint, cpu));
  assert.ok(Math.abs(weightBytes / mebibyte - 4_186) < 2, `${weightBytes / mebibyte}`);
  isWithin(loadBytes, 4_890);
  isWithin(workBytes(unetSizes(512, 2)), 278);
});

test('so do the UNet and the text encoders of SDXL, with hardly a twentieth more', () => {
  const unet = networkMemory(emitUNet(headerOfXl, cpu));
  isWithin(unet.loadBytes, 11_689, 1.05);
  const texts = [0, 1].map((encoder) => networkMemory(emitTextEncoder(headerOfXl, { encoder })).weightBytes);
  isWithin(texts[0]! + texts[1]!, 2_793, 1.05);
});

test('so do the halves of the autoencoder of 1.5', () => {
  const decoder = networkMemory(emitVaeDecoder(checkpoint, cpu));
  isWithin(decoder.loadBytes, 412);
  isWithin(decoder.workBytes(imageSizes(256 / 8)), 190, 1.6);
  const encoder = networkMemory(emitVaeEncoder(checkpoint, cpu));
  isWithin(encoder.loadBytes, 315);
  isWithin(encoder.workBytes(imageSizes(256)), 100, 1.9);
});

test('a text encoder holds a weight for each of its parameters, but of its table what the file has', () => {
  const { weightBytes } = networkMemory(emitTextEncoder(checkpoint));
  const parameters = [...checkpoint.tensors]
    .filter(([key]) => key.startsWith('cond_stage_model.'))
    .reduce((sum, [, { byteLength }]) => sum + byteLength / 2, 0);
  const table = 49_408 * 768;
  const constants = weightBytes - (4 * (parameters - table) + 2 * table);
  assert.ok(constants >= 0 && constants < mebibyte, `${constants} bytes besides`);
});

test('work and memory of a step: those of the published network, four times as much for twice the side', () => {
  const direct = networkMemory(emitUNet(checkpoint, { ...cpu, convolutions: 'direct' }));
  // 402 billion multiply-adds is what others count.
  assert.ok(Math.abs(direct.multiplyAdds(unetSizes(512, 1)) / 402e9 - 1) < 0.01);
  const winograd = networkMemory(emitUNet(checkpoint, cpu));
  assert.ok(winograd.multiplyAdds(unetSizes(512, 1)) < direct.multiplyAdds(unetSizes(512, 1)));
  for (const { workBytes } of [direct, winograd]) {
    const [one, two] = [workBytes(unetSizes(512, 1)), workBytes(unetSizes(1024, 1))];
    assert.ok(two > 2 * one && two < 4 * one + mebibyte, `${one} and ${two}`);
  }
  const plain = networkMemory(emitUNet(checkpoint, { operators: 'onnx', convolutions: 'direct' }));
  assert.ok(plain.workBytes(unetSizes(512, 2)) > 2e9, 'scores of all tokens are held');
});
