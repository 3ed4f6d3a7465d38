import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ControlMode } from '../../../engine/api.ts';
import {
  controlResiduals,
  isActive,
  type LoadedControl,
  residualScales,
} from '../../../engine/pipelines/control-residuals.ts';
import type { Tensor } from '../../../engine/runtime/session.ts';

test('a control takes part from its start on, and in no call that would go past its end', () => {
  const calls = (start: number, end: number, count: number) =>
    Array.from({ length: count }, (_, index) => index).filter((index) =>
      isActive({ start, end }, { index, calls: count }),
    );
  assert.deepEqual(calls(0, 1, 3), [0, 1, 2]);
  assert.deepEqual(calls(0.25, 0.75, 4), [1, 2]);
  assert.deepEqual(calls(0.3, 0.7, 4), []);
  assert.deepEqual(calls(0.3, 0.8, 4), [2]);
  assert.deepEqual(calls(0, 1, 1), [0]);
  assert.deepEqual(calls(0, 0.5, 1), []);
});

test('balanced, all residuals have the strength; else they fall from the middle, as cldm has them', () => {
  assert.deepEqual(residualScales(3, { strength: 0.7, mode: 'balanced' }), [0.7, 0.7, 0.7]);
  for (const mode of ['prompt', 'control'] as const) {
    for (const [index, scale] of residualScales(13, { strength: 1, mode }).entries()) {
      assert.ok(Math.abs(scale / 0.825 ** (12 - index) - 1) < 0.006, `${scale} at ${index}`);
    }
    const [first, , , last] = residualScales(4, { strength: 2, mode });
    assert.ok(Math.abs(first! - 0.2) < 1e-12 && last === 2);
  }
});

const sample: Tensor = { shape: [1, 4, 1, 1], data: new Float32Array(4) };
const told = (isPrompt: boolean) => ({ conditioning: { tokens: 1, states: new Float32Array(1) }, isPrompt });

/** One residual of one number for each text, or once for all of them; counts the texts that it is shown. */
function control(
  value: number,
  { mode = 'balanced', isShared = false }: { mode?: ControlMode; isShared?: boolean } = {},
) {
  const shown: number[] = [];
  const loaded: LoadedControl = {
    network: {
      residuals: async ({ conditionings }) => {
        shown.push(conditionings.length);
        const rows = isShared ? 1 : conditionings.length;
        return [0, 1].map(() => ({ shape: [rows, 1, 1, 1], data: new Float32Array(rows).fill(value) }));
      },
    },
    hint: sample,
    isPooled: false,
    strength: 1,
    start: 0,
    end: 1,
    mode,
  };
  return { loaded, shown };
}

const sumOf = async (controls: readonly LoadedControl[], inputs = [told(false), told(true)]) => {
  const { signal } = new AbortController();
  const residuals = await controlResiduals(controls, { sample, inputs, timestep: 1, signal });
  return residuals?.map(({ data }) => [...data]);
};

test('several controls add up, whether for each text or once for all of them', async () => {
  const [each, shared] = [control(1), control(10, { isShared: true })];
  assert.deepEqual(await sumOf([each.loaded, shared.loaded]), [
    [11, 11],
    [11, 11],
  ]);
  assert.deepEqual(await sumOf([shared.loaded]), [[10], [10]]);
  assert.equal(await sumOf([]), undefined);
});

test('in the mode "control" only the prompt is steered, and only it is computed', async () => {
  const own = control(4, { mode: 'control', isShared: true });
  const residuals = await sumOf([own.loaded]);
  assert.deepEqual(own.shown, [1]);
  assert.deepEqual(residuals!.at(-1), [0, 4]);
  assert.equal(await sumOf([own.loaded], [told(false)]), undefined);
});
