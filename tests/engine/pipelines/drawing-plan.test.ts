import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LoadedModels } from '../../../engine/models/loaded-models.ts';
import { NetworkLoader } from '../../../engine/models/network-loader.ts';
import { StableDiffusionModel } from '../../../engine/models/stable-diffusion.ts';
import { type Drawing, planDrawing } from '../../../engine/pipelines/drawing-plan.ts';
import { headerOf15 } from '../stable-diffusion-header.ts';

const gibibyte = 2 ** 30;
let budget = Number.POSITIVE_INFINITY;
const loaded = new LoadedModels({ budgetBytes: () => budget });
const model = new StableDiffusionModel(
  { family: 'sd1', variant: 'base', predictionType: 'epsilon', hasZeroTerminalSnr: false },
  { checkpoint: { opened: headerOf15, key: 'sd15' } },
  {
    networks: new NetworkLoader(() => 'cpu', loaded),
    foundTypes: new Map(),
    adaptedWeights: new Map(),
  },
);

const drawing = (side: number, more: Partial<Drawing> = {}): Drawing => ({
  settings: { guidanceScale: 7.5, clipSkip: 1 },
  size: { width: side, height: side },
  count: 1,
  steps: 20,
  isShownPicture: false,
  controls: [],
  ...more,
});

function planWith(bytes: number, what: Drawing) {
  budget = bytes;
  return planDrawing(model, what);
}

test('Stable Diffusion 1.5 at 512 px: all at once with 8 GiB, in turn with 5.5, refused with 4, which no smaller size helps', () => {
  const what = drawing(512);
  assert.deepEqual(planWith(8 * gibibyte, what).savings, []);
  const inTurn = planWith(5.5 * gibibyte, what);
  assert.deepEqual(inTurn.savings, ['sequential-loading']);
  assert.ok(inTurn.memoryBytes > 4.5 * gibibyte && inTurn.memoryBytes < 5.5 * gibibyte);
  const { refusal } = planWith(4 * gibibyte, what);
  assert.match(
    refusal!.message,
    /^Expected [45]\.\d GiB of memory for drawing 512 x 512 px .*, found 4\.0 GiB free\.$/,
  );
  assert.match(refusal!.hint, /^Close other programs/);
});

test('what is larger asks for guidance in turn, and tiles, and where that is too much, a smaller size', () => {
  const larger = drawing(2048);
  const { memoryBytes } = planWith(Number.POSITIVE_INFINITY, larger);
  const seen = new Set<string>();
  for (let bytes = memoryBytes; ; bytes -= gibibyte / 4) {
    const { savings, refusal } = planWith(bytes, larger);
    if (refusal !== undefined) {
      assert.match(refusal.hint, /^Draw at \d+ x \d+ px at most, or close other programs\.$/);
      break;
    }
    for (const saving of savings) seen.add(saving);
  }
  assert.deepEqual([...seen].sort(), ['sequential-guidance', 'sequential-loading', 'tiled-vae']);
});

test('without guidance there is nothing to do one after the other', () => {
  for (let bytes = 4 * gibibyte; bytes < 9 * gibibyte; bytes += gibibyte / 4) {
    const { savings } = planWith(bytes, drawing(1024, { settings: { guidanceScale: 1, clipSkip: 1 } }));
    assert.ok(!savings.includes('sequential-guidance'));
  }
});

test('a plan never takes more than there is, more memory never saves more, and what is refused needs more than there is', () => {
  const sides = fc.constantFrom(64, 512, 1032, 1536);
  fc.assert(
    fc.property(
      sides,
      fc.integer({ min: 3 * 1024, max: 12 * 1024 }),
      fc.boolean(),
      (side, mebibytes, shown) => {
        const bytes = mebibytes * 2 ** 20;
        const what = drawing(side, { isShownPicture: shown });
        const plan = planWith(bytes, what);
        assert.equal(plan.availableBytes, bytes);
        assert.equal(plan.memoryBytes <= bytes, plan.refusal === undefined);
        assert.ok(plan.durationMs > 0);
        const richer = planWith(bytes + 4 * gibibyte, what);
        if (plan.refusal === undefined) {
          assert.equal(richer.refusal, undefined);
          assert.ok(richer.savings.length <= plan.savings.length);
        }
      },
    ),
    { numRuns: 30 },
  );
});

test('time: more for more steps, pictures and pixels', () => {
  const ms = (what: Drawing) => planWith(Number.POSITIVE_INFINITY, what).durationMs;
  const one = ms(drawing(512));
  assert.ok(ms(drawing(512, { count: 2 })) > 1.5 * one);
  assert.ok(ms(drawing(512, { steps: 40 })) > 1.5 * one);
  assert.ok(ms(drawing(1024)) > 3.5 * one);
});
