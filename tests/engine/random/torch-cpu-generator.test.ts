import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { TorchCpuGenerator } from '../../../engine/random/torch-cpu-generator.ts';
import { openSafetensors } from '../../../engine/weights/safetensors.ts';
import { readFloats } from '../graphs/tensors-close.ts';

const goldenFile = path.join(import.meta.dirname, '../../golden/random/torch-cpu.safetensors');

/**
 * torch takes logarithm, sine and cosine in float32, where vector and scalar code differ in the last bit, and an angle
 * near a multiple of pi loses some: numbers near 0 are good to an absolute difference only.
 */
const atol = 5e-7;

test("draws what torch's CPU generator draws: lengths 1 to 100 in a row, mixed lengths, whole latents, 64-bit seeds", async () => {
  const golden = await openSafetensors(goldenFile);
  const runs = JSON.parse(golden.metadata.get('runs')!) as Record<string, number[]>;
  const longerThan = Number(golden.metadata.get('longerThan'));
  for (const [seed, lengths] of Object.entries(runs)) {
    const generator = new TorchCpuGenerator(BigInt(seed));
    for (const [call, length] of lengths.entries()) {
      const { data: expected } = await readFloats(golden, `seed${seed}.call${call}`);
      const stride = length > longerThan ? Number(golden.metadata.get('stride')) : 1;
      const drawn = generator.normal(length);
      assert.equal(drawn.length, length);
      for (const [i, value] of expected.entries()) {
        const difference = Math.abs(drawn[i * stride]! - value);
        assert.ok(
          difference <= atol,
          `seed ${seed}, call ${call}, number ${i * stride}: off by ${difference}`,
        );
      }
    }
  }
});

test('a seed may be a number or a bigint, and only its lowest 32 bits count, as in torch', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: 40 }), (seed, length) => {
      const drawn = new TorchCpuGenerator(seed).normal(length);
      assert.deepEqual(new TorchCpuGenerator(BigInt(seed)).normal(length), drawn);
      assert.deepEqual(new TorchCpuGenerator(BigInt.asUintN(32, BigInt(seed))).normal(length), drawn);
    }),
    { numRuns: 20 },
  );
});

test('nothing drawn is an empty array and moves nothing on', () => {
  const generator = new TorchCpuGenerator(7);
  assert.equal(generator.normal(0).length, 0);
  assert.deepEqual(generator.normal(20), new TorchCpuGenerator(7).normal(20));
});

test('a seed that is no whole number is refused', () => {
  assert.throws(() => new TorchCpuGenerator(1.5), RangeError);
});
