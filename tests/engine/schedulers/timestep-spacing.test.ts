import assert from 'node:assert/strict';
import { test } from 'node:test';
import { multistepTimesteps, wholeTimesteps } from '../../../engine/schedulers/timestep-spacing.ts';

const trainSteps = 1000;

test('timesteps at a half are rounded to the side that numpy rounds them to', () => {
  // numpy.round(numpy.arange(1000, 0, -1000 / 48)) - 1 and numpy.linspace(0, 999, 31).round().
  const trailing = wholeTimesteps(48, { spacing: 'trailing', trainSteps });
  assert.deepEqual([...trailing].slice(1, 6), [978, 957, 936, 916, 895]);
  const linspace = multistepTimesteps(30, { spacing: 'linspace', trainSteps });
  assert.deepEqual([...linspace].slice(13, 18), [566, 533, 499, 466, 433]);
});

test('the three published spacings of ten steps', () => {
  assert.deepEqual(
    [...wholeTimesteps(10, { spacing: 'leading', trainSteps })],
    [901, 801, 701, 601, 501, 401, 301, 201, 101, 1],
  );
  assert.deepEqual(
    [...wholeTimesteps(10, { spacing: 'linspace', trainSteps })],
    [999, 888, 777, 666, 555, 444, 333, 222, 111, 0],
  );
  assert.deepEqual(
    [...wholeTimesteps(10, { spacing: 'trailing', trainSteps })],
    [999, 899, 799, 699, 599, 499, 399, 299, 199, 99],
  );
});
