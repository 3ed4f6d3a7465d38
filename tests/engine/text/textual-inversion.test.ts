import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokenVectors } from '../../../engine/text/textual-inversion.ts';

test('tokenVectors puts each vector at its position in its window and keeps the others', () => {
  const vectors = new Map([
    ['style', new Float32Array([1, 2, 3, 4])],
    ['other', new Float32Array([5, 6])],
  ]);
  const ids = new Int32Array(4);
  const windows = [
    {
      ids,
      embeddings: [
        { position: 1, name: 'style', row: 0 },
        { position: 2, name: 'style', row: 1 },
      ],
    },
    { ids, embeddings: [{ position: 3, name: 'other', row: 0 }] },
  ];
  assert.deepEqual(tokenVectors(windows, { dim: 2, vectors }), {
    kept: new Float32Array([1, 0, 0, 1, 1, 1, 1, 0]),
    vectors: new Float32Array([0, 0, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 5, 6]),
  });
});
