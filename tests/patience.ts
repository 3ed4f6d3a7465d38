import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

/** However busy the machine is, nothing that a test waits for takes longer. */
export const patienceMs = 90_000;

/** Waits for something that comes about by itself, and fails where it does not. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what = String(condition),
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, `waited ${patienceMs} ms in vain for ${what}`);
    await delay(5);
  }
}
