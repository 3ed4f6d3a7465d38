import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ControlMapTask } from '../../../engine/api.ts';
import { preprocess } from '../../../engine/control/preprocess.ts';
import { encode } from '../../../engine/image/codec.ts';
import type { Picture } from '../../../engine/image/picture.ts';
import { estimateTask } from '../../../engine/pipelines/estimate.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { atLeisure } from '../control/arbitraries.ts';
import { writeTinyDepthModel } from '../control/tiny-models.ts';
import { drawPicture, pictureOf, rawPayload, startTestEngine } from './engine-fixture.ts';

const output = { format: 'png', quality: 90 } as const;
const preprocessor = { name: 'canny', options: { lowThreshold: 20, highThreshold: 40 } } as const;

function taskOf(picture: Picture): ControlMapTask {
  return { operation: 'control-map', source: rawPayload(picture), preprocessor, output };
}

test('a map is as large as its picture, the same as the preprocessor makes, and carries its recipe', async (context) => {
  const engine = await startTestEngine(context);
  const picture = drawPicture({ width: 61, height: 40, channels: 3, depth: 8 });
  const recipe = { operation: 'control-map', preprocessor: 'canny' };
  const { results, progress } = await engine.run({ ...taskOf(picture), recipe });
  assert.equal(results.length, 1);
  assert.deepEqual(results[0]!.bounds, { left: 0, top: 0, width: 61, height: 40 });
  const map = await preprocess(picture, preprocessor, atLeisure);
  assert.ok(map.data.includes(255) && map.data.includes(0));
  assert.deepEqual([...(await pictureOf(results[0]!)).data], [...map.data]);
  const { content } = results[0]!;
  assert.ok('bytes' in content && Buffer.from(content.bytes).includes(JSON.stringify(recipe)));
  const last = progress.filter(({ phase }) => phase === 'mapping').at(-1)!;
  assert.equal(last.step, last.steps);
});

test('16 bits, grey and transparent pictures are seen as they look on white paper', async () => {
  const eight = drawPicture({ width: 40, height: 30, channels: 3, depth: 8 });
  const expected = await preprocess(eight, preprocessor, atLeisure);
  const sixteen = { ...eight, data: Uint16Array.from(eight.data, (value) => value * 257) };
  assert.deepEqual(await preprocess(sixteen, preprocessor, atLeisure), expected);
  const pixels = eight.width * eight.height;
  const data = new Uint8Array(pixels * 4);
  const onWhite = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    const isSeen = i % eight.width < 20;
    data.set(eight.data.subarray(3 * i, 3 * i + 3), 4 * i);
    data[4 * i + 3] = isSeen ? 255 : 0;
    onWhite.set(isSeen ? eight.data.subarray(3 * i, 3 * i + 3) : [255, 255, 255], 3 * i);
  }
  const { width, height } = eight;
  const transparent: Picture = { width, height, channels: 4, data };
  const flat: Picture = { width, height, channels: 3, data: onWhite };
  assert.deepEqual(
    await preprocess(transparent, preprocessor, atLeisure),
    await preprocess(flat, preprocessor, atLeisure),
  );
});

test('encoded pictures are read, and what cannot be read or asked is refused', async (context) => {
  const engine = await startTestEngine(context);
  const picture = drawPicture({ width: 24, height: 24, channels: 1, depth: 8 });
  const source = { format: 'webp', bytes: await encode(picture, { format: 'webp', quality: 100 }) } as const;
  assert.equal((await engine.run({ ...taskOf(picture), source })).results.length, 1);
  const damaged = { format: 'png', bytes: new Uint8Array(30) } as const;
  await assert.rejects(engine.run({ ...taskOf(picture), source: damaged }), { code: 'invalid-image' });
  const wrong = { name: 'canny', options: { lowThreshold: -1 } } as const;
  await assert.rejects(engine.run({ ...taskOf(picture), preprocessor: wrong }), { code: 'invalid-option' });
});

test('it is estimated without its bytes', async (context) => {
  const engine = await startTestEngine(context);
  const source = { format: 'png', width: 4000, height: 3000, bytes: new Uint8Array() } as const;
  const task: ControlMapTask = { operation: 'control-map', source, preprocessor, output };
  const { outputWidth, outputHeight, memoryBytes, durationMs } = await estimateTask(task, { engine });
  assert.deepEqual([outputWidth, outputHeight], [4000, 3000]);
  assert.ok(memoryBytes > 12e6 && durationMs > 0);
});

test('what looks at the picture is counted by the estimate, which says what to get where it is not there', async (context) => {
  const modelFolder = await temporaryFolder(context);
  const engine = await startTestEngine(context, { modelFolder });
  const source = { format: 'png', width: 400, height: 300, bytes: new Uint8Array() } as const;
  const task: ControlMapTask = { operation: 'control-map', source, preprocessor, output };
  const { memoryBytes: plain } = await estimateTask(task, { engine });
  const looking: ControlMapTask = { ...task, preprocessor: { name: 'normal' } };
  await assert.rejects(estimateTask(looking, { engine }), {
    code: 'model-not-found',
    hint: 'Get it with `inlay models get depth-anything-v2-small`.',
  });
  await writeTinyDepthModel(modelFolder);
  const { memoryBytes, durationMs } = await estimateTask(looking, { engine });
  // Of the network's input, which is 70 x 70, more than its pixels; of its weights, which are few, next to nothing.
  assert.ok(memoryBytes - plain > 70 * 70 * 100 && memoryBytes - plain < 20e6, `${memoryBytes - plain}`);
  assert.ok(durationMs > 0);
});
