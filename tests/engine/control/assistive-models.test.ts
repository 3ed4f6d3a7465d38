import assert from 'node:assert/strict';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { AssistiveModels } from '../../../engine/control/assistive-models.ts';
import { normalsOf } from '../../../engine/control/normal.ts';
import { drawFigures, figureOf, type Joint, poseColours } from '../../../engine/control/pose-figure.ts';
import { preprocess } from '../../../engine/control/preprocess.ts';
import type { PreprocessServices } from '../../../engine/control/preprocess-services.ts';
import type { RgbImage } from '../../../engine/control/rgb-image.ts';
import { LoadedModels } from '../../../engine/models/loaded-models.ts';
import { openSession } from '../../../engine/runtime/session.ts';
import { type Cleanup, temporaryFolder } from '../../temporary-folder.ts';
import { atLeisure, constantImage } from './arbitraries.ts';
import {
  keypointColours,
  writeTinyAdeModel,
  writeTinyDepthModel,
  writeTinyPanopticModel,
  writeTinyPersonModel,
  writeTinyPoseModel,
} from './tiny-models.ts';

const depth = { name: 'depth' } as const;

interface Looking {
  readonly models: string;
  readonly loaded: LoadedModels;
  readonly services: PreprocessServices;
}

/** A models folder of its own, after one that is not there. */
async function startLooking(context: Cleanup): Promise<Looking> {
  const models = await temporaryFolder(context);
  const loaded = new LoadedModels();
  context.after(() => loaded.unloadAll());
  const assistive = new AssistiveModels([path.join(models, 'none'), models], loaded);
  return { models, loaded, services: { ...atLeisure, assistive } };
}

test('depth is what the model of that folder sees, from black to white, as large as the picture', async (context) => {
  const { models, services } = await startLooking(context);
  await writeTinyDepthModel(models);
  // The model takes a picture's red for near.
  const image = constantImage({ width: 90, height: 61 }, 200);
  for (let i = 0; i < 90 * 61; i++) image.data[3 * i] = 40 + (i % 90);
  const map = await preprocess(image, depth, services);
  assert.deepEqual([map.width, map.height, map.data.length], [90, 61, 90 * 61 * 3]);
  for (const [x, expected] of [
    [0, 0],
    [45, 128],
    [89, 255],
  ] as const) {
    const value = map.data[(30 * 90 + x) * 3]!;
    assert.ok(Math.abs(value - expected) <= 10, `column ${x}: ${value}`);
    assert.deepEqual([...map.data.slice((30 * 90 + x) * 3, (30 * 90 + x) * 3 + 3)], [value, value, value]);
  }
});

test('where everything is as near, depth is black, and everything faces the viewer', async (context) => {
  const { models, services } = await startLooking(context);
  await writeTinyDepthModel(models);
  const flat = constantImage({ width: 30, height: 20 }, 9);
  assert.ok((await preprocess(flat, depth, services)).data.every((value) => value === 0));
  const normals = await preprocess(flat, { name: 'normal' }, services);
  for (let i = 0; i < 600; i++) assert.deepEqual([...normals.data.slice(3 * i, 3 * i + 3)], [128, 128, 255]);
});

test('what comes nearer to the right faces left, which is red, and what comes nearer downwards faces up, which is green', async (context) => {
  const { models, services } = await startLooking(context);
  await writeTinyDepthModel(models);
  for (const [channel, along] of [
    [0, (x: number) => x],
    [1, (_: number, y: number) => y],
  ] as const) {
    const side = 70;
    const image = constantImage({ width: side, height: side }, 0);
    for (let i = 0; i < side * side; i++) image.data[3 * i] = 3 * along(i % side, Math.floor(i / side));
    const settings = { name: 'normal', options: { relief: 1, background: 0 } } as const;
    const { data } = await preprocess(image, settings, services);
    const at = (35 * side + 35) * 3;
    const middle = [...data.slice(at, at + 3)];
    // A slope of 45 degrees, as one over the whole picture is.
    const expected = [127.5, 127.5, 127.5 + 127.5 * Math.SQRT1_2];
    expected[channel] = 127.5 + 127.5 * Math.SQRT1_2;
    for (const [c, value] of middle.entries())
      assert.ok(Math.abs(value - expected[c]!) <= 3, `${middle} for ${expected}`);
  }
});

test('a network stays loaded from one map to the next, and another file of its name is loaded anew', async (context) => {
  const { models, loaded, services } = await startLooking(context);
  const folder = await writeTinyDepthModel(models);
  const image = constantImage({ width: 30, height: 20 }, 9);
  const first = await preprocess(image, depth, services);
  assert.equal(loaded.size, 1);
  // Loaded from nowhere else than memory: its file is of no use any more, but looks as it did.
  const file = path.join(folder, 'onnx', 'model.onnx');
  const time = new Date('2024-01-01');
  await utimes(file, time, time);
  await preprocess(image, depth, services);
  assert.equal(loaded.size, 2);
  await writeFile(file, 'damaged');
  await utimes(file, time, time);
  assert.deepEqual(await preprocess(image, { name: 'depth' }, services), first);
  await preprocess(image, { name: 'normal' }, services);
  assert.equal(loaded.size, 2);
  await loaded.unloadAll();
  await assert.rejects(preprocess(image, depth, services), { code: 'invalid-weights' });
  assert.equal(loaded.size, 0);
});

test('a model that is not there, is damaged, or needs more memory than there is, is told with what to do', async (context) => {
  const { models, services } = await startLooking(context);
  const image = constantImage({ width: 8, height: 8 }, 0);
  await assert.rejects(preprocess(image, depth, services), {
    code: 'model-not-found',
    hint: 'Get it with `inlay models get depth-anything-v2-small`.',
  });
  const folder = await writeTinyDepthModel(models);
  const small = new AssistiveModels([models], new LoadedModels({ budgetBytes: () => 1000 }));
  await assert.rejects(preprocess(image, depth, { ...services, assistive: small }), {
    code: 'out-of-memory',
    message: /depth-anything-v2-small/,
  });
  await writeFile(path.join(folder, 'onnx', 'model.onnx'), 'damaged');
  await assert.rejects(preprocess(image, depth, services), {
    code: 'invalid-weights',
    hint: /Delete that folder/,
  });
});

test('what looks at pictures runs on the one native runtime that everything runs on', async (context) => {
  const { models, services } = await startLooking(context);
  const folder = await writeTinyDepthModel(models);
  await preprocess(constantImage({ width: 8, height: 8 }, 0), depth, services);
  const session = await openSession(await readFile(path.join(folder, 'onnx', 'model.onnx')), {
    device: 'cpu',
  });
  await session.dispose();
  const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: readonly string[] };
  const natives = sharedObjects.map((file) => path.basename(file)).filter((name) => /onnxruntime/.test(name));
  assert.deepEqual(
    natives.filter((name) => name.endsWith('.node')),
    ['onnxruntime_binding.node'],
  );
  assert.equal(new Set(natives).size, natives.length);
});

test('a map that was cancelled before a network has run, or after, is not made', async (context) => {
  const { models, services } = await startLooking(context);
  await writeTinyDepthModel(models);
  const image = constantImage({ width: 8, height: 8 }, 0);
  const controller = new AbortController();
  const { signal } = controller;
  const cancelling = { ...services, signal, onProgress: () => controller.abort() };
  await assert.rejects(preprocess(image, depth, cancelling), { name: 'AbortError' });
});

/** A picture of three upright stripes: red, green and blue. */
function stripes(): RgbImage {
  const image = constantImage({ width: 120, height: 80 }, 0);
  for (let i = 0; i < 120 * 80; i++) image.data[3 * i + Math.floor((i % 120) / 40)] = 255;
  return image;
}

function hexAt({ data, width }: RgbImage, x: number, y: number): string {
  const at = (Math.floor(y) * width + Math.floor(x)) * 3;
  return Buffer.from(data.subarray(at, at + 3)).toString('hex');
}

const segmentation = { name: 'segmentation' } as const;

test('what is seen of ADE20K is in its colours, also of things, masked, that COCO has another word for', async (context) => {
  const { models, services } = await startLooking(context);
  await writeTinyPanopticModel(models);
  const things = await preprocess(stripes(), segmentation, services);
  // ADE20K has no word for the fork: it counts as the table that it lies on.
  assert.deepEqual(
    [20, 60, 100].map((x) => hexAt(things, x, 40)),
    ['ff0652', '04fa07', 'ff007a'],
  );
  await writeTinyAdeModel(models);
  const planes = await preprocess(stripes(), segmentation, services);
  assert.deepEqual([planes.width, planes.height], [120, 80]);
  assert.deepEqual(
    [20, 60, 100].map((x) => hexAt(planes, x, 40)),
    ['b47878', '06e6e6', '04c803'],
  );
  const colours = new Set(Array.from({ length: 120 * 80 }, (_, i) => hexAt(planes, i % 120, i / 120)));
  assert.equal(colours.size, 3);
});

test('a network of labels that nobody knows is refused', async (context) => {
  const { models, services } = await startLooking(context);
  await writeTinyPanopticModel(models, [48]);
  await assert.rejects(preprocess(stripes(), segmentation, services), {
    code: 'invalid-weights',
    message: /finds nothing/,
  });
});

/** Seventeen coloured squares at those places, in pixels. */
function paintKeypoints(image: RgbImage, places: readonly (readonly [number, number])[]): void {
  for (const [keypoint, [x, y]] of places.entries()) {
    const colour = keypointColours[keypoint]!.map((value) => Math.round(127.5 + 127.5 * value));
    for (let dy = -8; dy < 8; dy++)
      for (let dx = -8; dx < 8; dx++) image.data.set(colour, ((y + dy) * image.width + x + dx) * 3);
  }
}

/** COCO's keypoints of somebody who stands upright, the nose first: 200 pixels wide, 400 tall. */
const standing = [
  [100, 40],
  [120, 20],
  [80, 20],
  [150, 30],
  [50, 30],
  [150, 110],
  [50, 110],
  [180, 160],
  [20, 160],
  [180, 220],
  [20, 220],
  [130, 230],
  [70, 230],
  [130, 300],
  [70, 300],
  [130, 370],
  [70, 370],
] as const;

test('without a detector the whole picture is one person, drawn in the colours of OpenPose', async (context) => {
  const { models, services } = await startLooking(context);
  await writeTinyPoseModel(models);
  const image = constantImage({ width: 200, height: 400 }, 128);
  paintKeypoints(image, standing);
  const map = await preprocess(image, { name: 'pose' }, services);
  // The nose, the neck between the shoulders, the right shoulder and the left ankle, which is COCO's 15 and OpenPose's 13.
  for (const [x, y, colour] of [
    [100, 40, 'ff0000'],
    [100, 110, 'ff5500'],
    [50, 110, 'ffaa00'],
    [130, 370, '5500ff'],
    // Halfway along the limb from the left knee.
    [130, 335, '003399'],
  ] as const) {
    const near = [-4, -2, 0, 2, 4].flatMap((dy) => [-4, -2, 0, 2, 4].map((dx) => hexAt(map, x + dx, y + dy)));
    assert.ok(near.includes(colour), `${colour} at ${x}, ${y}: ${[...new Set(near)]}`);
  }
  assert.equal(hexAt(map, 5, 395), '000000');
  const sure = await preprocess(image, { name: 'pose', options: { threshold: 1 } }, services);
  assert.ok(sure.data.filter((value) => value > 0).length <= map.data.filter((value) => value > 0).length);
});

test('each person that a detector finds is a figure, and none where it finds none', async (context) => {
  const { models, services } = await startLooking(context);
  await writeTinyPoseModel(models);
  await writeTinyPersonModel(models, [
    [1 / 7, 0.5, 2 / 7, 1],
    [6 / 7, 0.5, 2 / 7, 1],
  ]);
  const image = constantImage({ width: 700, height: 400 }, 128);
  paintKeypoints(image, standing);
  paintKeypoints(
    image,
    standing.map(([x, y]) => [x + 500, y] as const),
  );
  const steps: number[] = [];
  const reporting = { ...services, onProgress: (step: number, all: number) => steps.push(step / all) };
  const map = await preprocess(image, { name: 'pose' }, reporting);
  for (const x of [130, 630]) assert.equal(hexAt(map, x, 335), '003399');
  assert.deepEqual(
    steps,
    [...steps].sort((a, b) => a - b),
  );
  assert.equal(steps.at(-1), 1);
  await writeTinyPersonModel(models, []);
  assert.ok((await preprocess(image, { name: 'pose' }, services)).data.every((value) => value === 0));
});

test('the normals of a sphere are its own', () => {
  // As deep as its radius, which is half the picture's side: relief 0.5.
  const side = 201;
  const data = Float32Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [((i % side) + 0.5) / (side / 2) - 1, (Math.floor(i / side) + 0.5) / (side / 2) - 1];
    return Math.sqrt(Math.max(0, 1 - x * x - y * y));
  });
  const normals = normalsOf({ width: side, height: side, data }, { relief: 0.5, background: 0.1 });
  const unit = (at: number) => [0, 1, 2].map((c) => normals[3 * at + c]! / 32767.5 - 1);
  for (let i = 0; i < side * side; i += 13) {
    const [x, y] = [((i % side) + 0.5) / (side / 2) - 1, (Math.floor(i / side) + 0.5) / (side / 2) - 1];
    if (Math.hypot(x, y) > 0.9) continue;
    // To the left of the middle it faces left, and above it up: red and green are positive there.
    const own = [-x, -y, Math.sqrt(1 - x * x - y * y)];
    const found = unit(i);
    assert.ok(Math.abs(Math.hypot(...found) - 1) < 1e-3);
    const cosine = found.reduce((sum, value, c) => sum + value * own[c]!, 0);
    assert.ok(cosine > Math.cos((2 * Math.PI) / 180), `${x}, ${y}: ${found} for ${own}`);
  }
  // Beyond it everything faces the viewer.
  assert.deepEqual(unit(0).map(Math.round), [0, 0, 1]);
});

test('a figure has the joints and limbs of OpenPose in its colours, and nothing of what was not seen', () => {
  // OpenPose's joints in COCO's order: the neck, number 1, is none of COCO's.
  const numbers = [0, 15, 14, 17, 16, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10];
  const place = (number: number) => ({
    x: 60 + 90 * (number % 5),
    y: 60 + 110 * Math.floor(number / 5),
    score: 1,
  });
  const keypoints = numbers.map(place);
  const figure = figureOf(keypoints, 0.5);
  assert.deepEqual(figure[1], {
    x: (place(2).x + place(5).x) / 2,
    y: (place(2).y + place(5).y) / 2,
    score: 1,
  });
  for (const number of numbers) assert.deepEqual(figure[number], place(number));
  const size = { width: 512, height: 512 };
  const map = drawFigures([figure], size);
  for (const [number, joint] of figure.entries()) {
    assert.equal(hexAt(map, joint!.x, joint!.y), poseColours[number]!.toString(16).padStart(6, '0'));
  }
  // Each limb by itself, with its colour at 0.6 of its brightness: as util.draw_bodypose of ControlNet 1.1 has them.
  const limbs = '1-2 1-5 2-3 3-4 5-6 6-7 1-8 8-9 9-10 1-11 11-12 12-13 1-0 0-14 14-16 0-15 15-17'.split(' ');
  for (const [number, limb] of limbs.entries()) {
    const ends = limb.split('-').map(Number);
    const two = figure.map((joint, i) => (ends.includes(i) ? joint : undefined));
    const [a, b] = ends.map((end) => figure[end]!) as [Joint, Joint];
    const colour = poseColours[number]!;
    const dim = [colour >> 16, (colour >> 8) & 255, colour & 255].map((value) => Math.trunc(value * 0.6));
    assert.equal(
      hexAt(drawFigures([two], size), (a.x + b.x) / 2, (a.y + b.y) / 2),
      Buffer.from(dim).toString('hex'),
    );
  }
  const unsure = figureOf(
    keypoints.map((joint, i) => (i === 5 ? { ...joint, score: 0.4 } : joint)),
    0.5,
  );
  // Without the left shoulder there is no neck.
  assert.deepEqual([unsure[5], unsure[1]], [undefined, undefined]);
  assert.ok(drawFigures([], size).data.every((value) => value === 0));
});
