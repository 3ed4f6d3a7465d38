import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { guidanceEmbedding } from '../../../engine/models/guidance-embedding.ts';
import { openSafetensors } from '../../../engine/weights/safetensors.ts';
import { assertTensorsClose, readFloats } from '../graphs/tensors-close.ts';

test("how strongly a prompt guides is told in diffusers' numbers", async () => {
  const golden = await openSafetensors(
    path.join(import.meta.dirname, '../../golden/networks/lcm.golden.safetensors'),
  );
  const expected = await readFloats(golden, 'timestep_cond');
  const [scale] = (await readFloats(golden, 'guidance_scale')).data;
  const data = guidanceEmbedding(scale!, expected.shape[1]!);
  assertTensorsClose({ shape: expected.shape, data }, expected, { atol: 1e-6, what: 'guidance' });
});

test('without guidance it is sines of 0, then cosines', () => {
  assert.deepEqual([...guidanceEmbedding(1, 4)], [0, 0, 1, 1]);
});
