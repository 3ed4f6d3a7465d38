import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeEmbeddings } from '../../../engine/text/textual-inversion.ts';

test('placeEmbeddings puts each vector at its position and leaves the others', () => {
  const dim = 2;
  const table = new Float32Array(77 * dim).fill(9);
  const vectors = new Map([
    ['style', new Float32Array([1, 2, 3, 4])],
    ['other', new Float32Array([5, 6])],
  ]);
  const rows = [
    { position: 1, name: 'style', row: 0 },
    { position: 2, name: 'style', row: 1 },
    { position: 75, name: 'other', row: 0 },
  ];
  placeEmbeddings(table, rows, { dim, vectors });
  assert.deepEqual([...table.slice(0, 8)], [9, 9, 1, 2, 3, 4, 9, 9]);
  assert.deepEqual([...table.slice(148)], [9, 9, 5, 6, 9, 9]);
});
