import assert from 'node:assert/strict';
import type { Tensor } from '../../../engine/runtime/session.ts';
import { type Checkpoint, readTensor } from '../../../engine/weights/safetensors.ts';

/** Fails with the share of elements that are off, and the worst of them: its index and both values. */
export function assertTensorsClose(
  actual: Tensor,
  expected: Tensor,
  { atol, what }: { readonly atol: number; readonly what: string },
): void {
  assert.deepEqual([...actual.shape], [...expected.shape], `${what}: shape`);
  let off = 0;
  let worst = { index: 0, difference: 0 };
  for (const [index, value] of expected.data.entries()) {
    const difference = Math.abs(value - actual.data[index]);
    if (!(difference <= atol)) off++;
    if (!(difference <= worst.difference)) worst = { index, difference };
  }
  if (off === 0) return;
  const { index, difference } = worst;
  const position: number[] = [];
  let rest = index;
  for (const size of expected.shape.toReversed()) {
    position.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  assert.fail(
    `${what}: ${off} of ${expected.data.length} elements differ by more than ${atol}; worst at [${position}]: ` +
      `expected ${expected.data[index]}, received ${actual.data[index]} (${difference} apart)`,
  );
}

/** A float32 tensor of a `.safetensors` file. */
export async function readFloats(checkpoint: Checkpoint, name: string): Promise<Tensor> {
  const { shape, dtype } = checkpoint.tensors.get(name)!;
  assert.equal(dtype, 'F32');
  const bytes = await readTensor(checkpoint, name);
  return { shape, data: new Float32Array(bytes.buffer) };
}
