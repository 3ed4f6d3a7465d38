import assert from 'node:assert/strict';
import { test } from 'node:test';
import { promptHints } from '../../../bridge/jobs/prompt-hints.ts';
import { generateSideMultiple, minGenerateSide } from '../../../bridge/protocol/limits.ts';
import { inTagOrder } from '../../../bridge/protocol/tag-order.ts';
import { type ModelInfo, modelFamilies } from '../../../engine/api.ts';

const checkpoint: ModelInfo = {
  name: 'plain',
  kind: 'checkpoint',
  architecture: 'Stable Diffusion',
  origin: 'user',
};
const sizesOf = (model: Partial<ModelInfo>) =>
  promptHints({ ...checkpoint, ...model })!.sizes.map(({ width, height }) => `${width}x${height}`);

test('a checkpoint of every family has words and sizes that can be drawn, about as large as it was trained at', () => {
  for (const family of modelFamilies) {
    const { prompt, sizes } = promptHints({ ...checkpoint, family })!;
    assert.match(prompt, /\.$/);
    const [usual] = sizes;
    assert.equal(usual!.width, usual!.height);
    assert.equal(new Set(sizes.map(({ width, height }) => `${width}x${height}`)).size, sizes.length);
    for (const { width, height } of sizes) {
      assert.ok(
        [width, height].every((side) => side % generateSideMultiple === 0 && side >= minGenerateSide),
      );
      const area = (width * height) / (usual!.width * usual!.height);
      assert.ok(area > 0.9 && area <= 1.5, `${width} × ${height}`);
      assert.ok(sizes.some((other) => other.width === height && other.height === width));
    }
  }
});

test('sizes follow what the file says', () => {
  assert.deepEqual(sizesOf({ family: 'sd1' }), ['512x512', '640x512', '512x640', '768x512', '512x768']);
  assert.ok(sizesOf({ family: 'sdxl' }).includes('832x1216'));
  assert.deepEqual(sizesOf({ resolution: { width: 128, height: 128 } }), ['128x128', '192x128', '128x192']);
  assert.deepEqual(sizesOf({ resolution: { width: 512, height: 768 } }), ['512x768']);
});

test('fine-tunes with words of their own are known by their name or title, of SDXL alone', () => {
  const order = (model: Partial<ModelInfo>) =>
    promptHints({ ...checkpoint, family: 'sdxl', ...model })!.tagOrder?.join();
  const [three, four] = [
    order({ name: 'animagine-xl-3.1' }),
    order({ name: 'x', title: 'Animagine XL 4.0' }),
  ];
  assert.match(three!, /^1girl or 1boy,character,series/);
  assert.match(four!, /^1girl, 1boy or 1other,character,series,rating/);
  assert.equal(order({ name: 'animagineXL40_v4Opt' }), four);
  assert.equal(order({ name: 'animagine-xl-4.0-opt' }), four);
  assert.match(order({ name: 'ponyDiffusionV6XL_v6StartWithThisOne' })!, /^quality,source/);
  assert.match(order({ name: 'noobaiXLNAIXL_vPred10' })!, /^quality,rating,1girl/);
  assert.match(order({ name: 'Illustrious-XL-v1.0' })!, /^1girl.*quality$/);
  for (const name of ['plain', 'spawnpoint', 'juggernautXL']) assert.equal(order({ name }), undefined, name);
  assert.equal(order({ name: 'animagine-xl-3.1', family: 'sd1' }), undefined);
});

test('nothing is said of other models, nor of files that cannot be used', () => {
  assert.equal(promptHints({ ...checkpoint, kind: 'lora' }), undefined);
  assert.equal(promptHints({ ...checkpoint, problem: 'half a file' }), undefined);
  assert.match(promptHints({ ...checkpoint, name: 'inlay-mini' })!.prompt, /house/);
});

test('tags of known kinds are put where a checkpoint has learned them, all others stay as they are', () => {
  const animagine = promptHints({ ...checkpoint, family: 'sdxl', name: 'animagine-xl-4.0' })!;
  const pony = promptHints({ ...checkpoint, family: 'sdxl', name: 'ponyDiffusionV6XL' })!;
  const order = animagine.tagOrder!;
  const asked =
    'masterpiece, (red hair, long hair:1.2), arima kana, (1girl:1.1), oshi no ko, high score, safe';
  const ordered =
    '(1girl:1.1), (red hair, long hair:1.2), arima kana, oshi no ko, safe, masterpiece, high score';
  assert.equal(inTagOrder(asked, order), ordered);
  assert.equal(inTagOrder(ordered, order), ordered);
  assert.equal(
    inTagOrder('a pony, rating_safe, score_9, source_pony, score_8_up', pony.tagOrder!),
    'score_9, score_8_up, source_pony, rating_safe, a pony',
  );
  for (const text of ['', 'open (bracket, 1girl', 'ends with \\'])
    assert.equal(inTagOrder(text, order), text, text);
});
