import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillPicture } from '../../../engine/fill/fill-picture.ts';
import { FillThreads } from '../../../engine/fill/fill-threads.ts';
import { MemoryPool } from '../../../engine/fill/memory-pool.ts';
import { noise, rectangleMask } from './pictures.ts';

const pageBytes = 65_536;

test('a memory that was given back is used again, cleared, and grown where it is too small', () => {
  const pool = new MemoryPool({ core: 'wasm', threads: 1 });
  const bytes = pool.reservedBytes + pageBytes;
  const first = pool.take(bytes);
  new Uint8Array(first.buffer).fill(7, pool.reservedBytes);
  pool.release(first);
  const second = pool.take(bytes + 3 * pageBytes);
  assert.equal(second.wasm, first.wasm);
  assert.notEqual(second.id, first.id);
  assert.ok(second.buffer.byteLength >= bytes + 3 * pageBytes);
  assert.ok(new Uint8Array(second.buffer).subarray(pool.reservedBytes).every((value) => value === 0));
  const third = pool.take(bytes);
  assert.notEqual(third.wasm, second.wasm);
});

test('after a thread has died no memory that it may know is used again', () => {
  const pool = new MemoryPool({ core: 'wasm', threads: 1 });
  const first = pool.take(pageBytes);
  pool.abandon();
  pool.release(first);
  assert.notEqual(pool.take(pageBytes).wasm, first.wasm);
});

test('a memory is plain above the limit, and without a core', () => {
  const limited = new MemoryPool({ core: 'wasm', threads: 1, maxPages: 20 });
  assert.notEqual(limited.take(20 * pageBytes).wasm, null);
  const plain = limited.take(20 * pageBytes + 1);
  assert.equal(plain.wasm, null);
  assert.equal(plain.buffer.byteLength, 20 * pageBytes + 1);
  const scalar = new MemoryPool({ core: 'scalar', threads: 1 });
  assert.equal(scalar.reservedBytes, 0);
  assert.equal(scalar.take(10).wasm, null);
});

test('fills that run at the same time on the same threads do not see each other', async () => {
  const threads = new FillThreads(2);
  try {
    const cases = [
      { picture: noise({ width: 60, height: 50, channels: 3 }, 1), side: 14 },
      { picture: noise({ width: 45, height: 70, channels: 4 }, 2), side: 9 },
    ].map(({ picture, side }) => ({
      picture,
      mask: rectangleMask(picture, { left: 15, top: 20, width: side, height: side }),
    }));
    const alone = [];
    for (const { picture, mask } of cases) alone.push(await fillPicture(picture, mask, { seed: 1, threads }));
    const together = await Promise.all(
      cases.map(({ picture, mask }) => fillPicture(picture, mask, { seed: 1, threads })),
    );
    assert.deepEqual(
      together.map(({ data }) => data),
      alone.map(({ data }) => data),
    );
  } finally {
    await threads.close();
  }
});
