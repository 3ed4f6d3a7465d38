import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EtaClock } from '../../../engine/runtime/eta.ts';

function clock() {
  const time = { now: 1_000 };
  return { time, eta: new EtaClock(() => time.now) };
}

test('nothing is told before a step was seen to take its time', () => {
  const { time, eta } = clock();
  assert.equal(eta.timeLeftMs('filling', 0, 10), undefined);
  time.now += 500;
  assert.equal(eta.timeLeftMs('filling', 0, 10), undefined);
});

test('the time left follows the pace of the steps so far, down to nothing', () => {
  const { time, eta } = clock();
  eta.timeLeftMs('filling', 0, 10);
  time.now += 200;
  assert.equal(eta.timeLeftMs('filling', 1, 10), 1_800);
  time.now += 400;
  assert.equal(eta.timeLeftMs('filling', 2, 10), 2_400);
  time.now += 600;
  assert.equal(eta.timeLeftMs('filling', 10, 10), 0);
});

test('a phase that is first heard of in its middle counts from there', () => {
  const { time, eta } = clock();
  assert.equal(eta.timeLeftMs('filling', 5, 10), undefined);
  time.now += 100;
  assert.equal(eta.timeLeftMs('filling', 6, 10), 400);
});

test('a new phase begins anew', () => {
  const { time, eta } = clock();
  eta.timeLeftMs('loading', 0, 1);
  time.now += 60_000;
  assert.equal(eta.timeLeftMs('loading', 1, 1), 0);
  assert.equal(eta.timeLeftMs('upscaling', 0, 4), undefined);
  time.now += 10;
  assert.equal(eta.timeLeftMs('upscaling', 1, 4), 30);
});
