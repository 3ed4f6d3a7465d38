import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { EngineError } from '../../../engine/errors.ts';
import { recogniseFile } from '../../../engine/models/file-family.ts';
import { maxEmbeddingVectors, readTextualInversion } from '../../../engine/models/textual-inversion.ts';
import { openCheckpoint } from '../../../engine/weights/open-checkpoint.ts';
import type { Checkpoint } from '../../../engine/weights/safetensors.ts';
import { readFloat32 } from '../../../engine/weights/tensor-values.ts';
import { encodeSafetensors } from '../../../models/convert/safetensors-writer.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const golden = (name: string) =>
  openCheckpoint(path.join(import.meta.dirname, '../../golden/torch-files', name));

async function withVectors(context: TestContext, shape: readonly number[], value = 1): Promise<Checkpoint> {
  const file = path.join(await temporaryFolder(context), 'some.safetensors');
  const elements = shape.reduce((product, size) => product * size, 1);
  const data = new Uint8Array(new Float32Array(elements).fill(value).buffer);
  await writeFile(file, encodeSafetensors([{ name: 'emb_params', dtype: 'F32', shape, data }]));
  return openCheckpoint(file);
}

test('an embedding is the same in every form that it is published in', async () => {
  const expected = await readFloat32(await golden('embedding.safetensors'), 'vectors');
  for (const name of ['embedding-a1111.pt', 'embedding-original.pt']) {
    const checkpoint = await golden(name);
    const embedding = { kind: 'embedding', architecture: 'Textual inversion', vectors: 2, family: 'sd1' };
    assert.deepEqual(recogniseFile(checkpoint), embedding, name);
    assert.deepEqual(
      await readTextualInversion(checkpoint),
      { rows: 2, parts: [{ vectors: expected, width: 768 }] },
      name,
    );
  }
  const { parts, rows } = await readTextualInversion(await golden('embedding-diffusers.bin'));
  assert.equal(rows, 1);
  assert.equal(parts.length, 1);
  for (const [index, number] of parts[0]!.vectors.entries()) {
    assert.ok(Math.abs(number - expected[index]!) <= 2 ** -10 * Math.max(1, Math.abs(expected[index]!)));
  }
});

test('as many vectors as fit a prompt are taken, one more and none are not', async (context) => {
  const { rows } = await readTextualInversion(await withVectors(context, [maxEmbeddingVectors, 4]));
  assert.equal(rows, maxEmbeddingVectors);
  for (const shape of [
    [maxEmbeddingVectors + 1, 4],
    [0, 4],
    [1, 0],
    [1, 1, 4],
  ]) {
    const checkpoint = await withVectors(context, shape);
    const isRefusal = (error: unknown) =>
      error instanceof EngineError && /1 to 75 vectors/.test(error.message);
    await assert.rejects(readTextualInversion(checkpoint), isRefusal, String(shape));
    assert.throws(() => recogniseFile(checkpoint), isRefusal, String(shape));
  }
});

test('an embedding of numbers that are none is refused', async (context) => {
  await assert.rejects(
    readTextualInversion(await withVectors(context, [1, 4], Number.NaN)),
    /finite numbers/,
  );
});
