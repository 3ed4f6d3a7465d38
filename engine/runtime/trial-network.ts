import { GraphBuilder } from '../onnx/graph-builder.ts';
import { cutIntoStages } from '../onnx/graph-stage.ts';
import type { Tensor } from './session.ts';

const channels = 16;
const size = 32;
const layers = 3;

/** Numbers in [-0.5, 0.5] that look random and are the same everywhere. */
function pseudoRandom(count: number, seed: number): number[] {
  let state = seed >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
}

/**
 * A small network of the operations that upscalers are made of, about 14 MFLOP, and an input for it: enough to see
 * whether a device computes right numbers, and is no software renderer.
 */
export function trialNetwork(): { readonly model: Uint8Array; readonly input: Tensor } {
  const builder = new GraphBuilder('trial');
  let features = builder.input({ name: 'input', dtype: 'float32', shape: [1, channels, size, size] });
  for (let layer = 0; layer < layers; layer++) {
    const count = channels * channels * 9;
    // Scaled so that the size of the numbers stays about the same from layer to layer.
    const weights = pseudoRandom(count, layer + 1).map((value) => value * Math.sqrt(24 / (channels * 9)));
    const weight = builder.constant(`conv${layer}.weight`, [channels, channels, 3, 3], weights);
    features = builder.leakyRelu(builder.conv(features, weight, { padding: 1 }), 0.2);
  }
  builder.output(builder.pixelShuffle(features, 2));
  const [stage] = cutIntoStages(builder.finish());
  const data = Float32Array.from(pseudoRandom(channels * size * size, 99));
  return { model: stage!.model, input: { shape: [1, channels, size, size], data } };
}
