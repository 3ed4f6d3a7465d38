import assert from 'node:assert/strict';
import os from 'node:os';
import { test } from 'node:test';
import { EngineError } from '../../../engine/errors.ts';
import { availableBytes, requireMemory } from '../../../engine/runtime/memory.ts';

test('what is available is some of what the machine has, and never below nothing', () => {
  const available = availableBytes();
  assert.ok(available >= 0 && available < os.totalmem());
});

test('what fits is let through, what does not is refused before it is tried, with both figures', () => {
  requireMemory(0, 'nothing');
  requireMemory(Math.floor(availableBytes() / 2), 'half of it');
  assert.throws(
    () => requireMemory(2 ** 50, 'the 99999 x 99999 result'),
    (error) =>
      error instanceof EngineError &&
      error.code === 'out-of-memory' &&
      /Expected 1048576\.0 GiB .*the 99999 x 99999 result, found \d+\.\d GiB/.test(error.message),
  );
});
