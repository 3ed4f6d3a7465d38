/** `fill`, `expand` and `upscale`, each with the real engine on real files; what they refuse is in refusals.test.ts. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import {
  assertFailure,
  cpuTimeMs,
  engineOf,
  Inlay,
  isRunning,
  readOutcome,
  timeToEnd,
  until,
  type WrittenPictures,
} from './inlay.ts';
import { load, pngText, type Raw, rectangleMask, save, waves } from './sample-pictures.ts';

const onWindows = process.platform === 'win32' ? 'Windows has no such signals' : false;
const fastUpscaler = 'realesr-animevideov3';

let inlay: Inlay;
const source = waves(96, 80);
const hole = { left: 30, top: 24, width: 22, height: 17 };
let sourceFile: string;
let maskFile: string;

before(async () => {
  inlay = await Inlay.build();
  sourceFile = await save(source, inlay.file('source.png'));
  maskFile = await save(rectangleMask(source, hole), inlay.file('mask.png'));
});
after(() => inlay.remove());

function isInHole(pixel: number): boolean {
  const x = (pixel % source.width) - hole.left;
  const y = Math.floor(pixel / source.width) - hole.top;
  return x >= 0 && x < hole.width && y >= 0 && y < hole.height;
}

/** Pixels that differ, inside and outside of the hole. */
function differences(picture: Raw): { readonly inside: number; readonly outside: number } {
  const count = { inside: 0, outside: 0 };
  for (let pixel = 0; pixel < source.width * source.height; pixel++) {
    const at = pixel * 3;
    if (source.data.compare(picture.data, at, at + 3, at, at + 3) === 0) continue;
    count[isInHole(pixel) ? 'inside' : 'outside'] += 1;
  }
  return count;
}

describe('fill', { concurrency: 2 }, () => {
  test('changes the hole, leaves every pixel outside as it is, and says what it wrote', async () => {
    const outcome = await inlay.run([
      'fill',
      sourceFile,
      '--mask',
      maskFile,
      '-o',
      'filled.png',
      '--seed',
      '7',
    ]);
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.match(outcome.stdout, /^filled\.png {2}96 × 80, \d+ KiB, seed 7\nDone in \d+ s\.\n$/);
    assert.equal(outcome.stderr, '');
    const { inside, outside } = differences(await load(inlay.file('filled.png')));
    assert.equal(outside, 0);
    assert.ok(inside > (hole.width * hole.height) / 2);
  });

  test('keeps the complete request in the PNG: with it the same picture comes again', async () => {
    const args = ['fill', sourceFile, '--mask', maskFile, '--json'];
    const first = readOutcome<WrittenPictures>(await inlay.run([...args, '-o', 'random.png']));
    const recipe = JSON.parse(pngText(await readFile(inlay.file('random.png')), 'inlay') ?? '');
    assert.deepEqual(recipe, first.files[0]?.request);
    assert.deepEqual(recipe, {
      operation: 'fill',
      model: 'patchmatch',
      output: { format: 'png', quality: 90 },
      seed: first.files[0]?.seed,
      count: 1,
      resultArea: 'picture',
    });
    readOutcome(await inlay.run([...args, '-o', 'again.png', '--seed', String(recipe.seed)]));
    assert.deepEqual(await readFile(inlay.file('again.png')), await readFile(inlay.file('random.png')));
  });

  test('numbers the files of several variations, whose seeds count up', async () => {
    const args = [
      'fill',
      sourceFile,
      '--mask',
      maskFile,
      '-o',
      'many.png',
      '--count',
      '2',
      '--seed',
      '4294967295',
    ];
    const { files } = readOutcome<WrittenPictures>(await inlay.run([...args, '--json']));
    assert.deepEqual(
      files.map(({ file, seed }) => [file, seed]),
      [
        ['many-1.png', 4294967295],
        ['many-2.png', 0],
      ],
    );
    const [one, two] = await Promise.all(files.map(({ file }) => load(inlay.file(file))));
    assert.notDeepEqual(one?.data, two?.data);
    assert.equal(differences(two as Raw).outside, 0);
    assert.equal(existsSync(inlay.file('many.png')), false);
  });

  test('takes a JPEG by its content even when it is called .png, and writes what the ending says', async () => {
    await sharp(source.data, { raw: { width: 96, height: 80, channels: 3 } })
      .jpeg()
      .toFile(inlay.file('really.jpg'));
    await writeFile(inlay.file('mislabelled.png'), await readFile(inlay.file('really.jpg')));
    for (const [output, format] of [
      ['out.jpg', 'jpeg'],
      ['out.TIFF', 'tiff'],
    ] as const) {
      const args = ['fill', 'mislabelled.png', '--mask', maskFile, '-o', output, '--quality', '80'];
      assert.equal((await inlay.run(args)).code, 0);
      const found = await sharp(inlay.file(output)).metadata();
      assert.deepEqual([found.format, found.width, found.height], [format, 96, 80]);
    }
  });

  test('writes over its own source', async () => {
    await save(source, inlay.file('in-place.png'));
    assert.equal(
      (await inlay.run(['fill', 'in-place.png', '--mask', maskFile, '-o', 'in-place.png'])).code,
      0,
    );
    assert.equal(differences(await load(inlay.file('in-place.png'))).outside, 0);
  });
});

describe('expand', { concurrency: 2 }, () => {
  test('puts the picture unchanged where it belongs on the larger canvas', async () => {
    const margins = ['--left', '9', '--right', '4', '--top', '0', '--bottom', '13'];
    const args = ['expand', sourceFile, ...margins, '-o', 'wide.png', '--json'];
    const { files } = readOutcome<WrittenPictures>(await inlay.run(args));
    assert.deepEqual([files[0]?.width, files[0]?.height], [109, 93]);
    const kept = await sharp(inlay.file('wide.png'))
      .extract({ left: 9, top: 0, width: 96, height: 80 })
      .raw()
      .toBuffer();
    assert.deepEqual(kept, source.data);
    const made = await sharp(inlay.file('wide.png'))
      .extract({ left: 0, top: 80, width: 109, height: 13 })
      .stats();
    assert.ok(made.channels.every(({ mean, stdev }) => mean > 40 && stdev > 5));
  });

  test('continues a picture of a single pixel', async () => {
    await save({ width: 1, height: 1, data: Buffer.from([200, 100, 50]) }, inlay.file('pixel.png'));
    const outcome = await inlay.run(['expand', 'pixel.png', '--right', '3', '-o', 'pixels.png']);
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.deepEqual(
      (await load(inlay.file('pixels.png'))).data,
      Buffer.from([200, 100, 50, 200, 100, 50, 200, 100, 50, 200, 100, 50]),
    );
  });
});

describe('upscale', { concurrency: 2 }, () => {
  test('gives exactly the size that a factor means, and enlarges rather than invents', async () => {
    const args = ['upscale', sourceFile, '--scale', '2.5', '--model', fastUpscaler, '-o', 'large.png'];
    const outcome = await inlay.run(args);
    assert.equal(outcome.code, 0, outcome.stderr);
    const large = await load(inlay.file('large.png'));
    assert.deepEqual([large.width, large.height], [240, 200]);
    const small = await load(await sharp(inlay.file('large.png')).resize(96, 80).png().toBuffer());
    const error = small.data.reduce((sum, value, i) => sum + Math.abs(value - (source.data[i] ?? 0)), 0);
    assert.ok(error / small.data.length < 12, `mean difference ${error / small.data.length}`);
  });

  test('gives exactly the width and height asked for', async () => {
    const args = [
      'upscale',
      sourceFile,
      '--width',
      '101',
      '--height',
      '33',
      '--model',
      fastUpscaler,
      '-o',
      'odd.png',
    ];
    const { files } = readOutcome<WrittenPictures>(await inlay.run([...args, '--json']));
    assert.deepEqual([files[0]?.width, files[0]?.height], [101, 33]);
    const { width, height } = await sharp(inlay.file('odd.png')).metadata();
    assert.deepEqual([width, height], [101, 33]);
  });

  test("takes a model's file, and without a factor of one's own a listed model's", async () => {
    const file = path.resolve(import.meta.dirname, '../../models', `${fastUpscaler}.safetensors`);
    await save(waves(16, 12), inlay.file('tiny.png'));
    const byFile = await inlay.run([
      'upscale',
      'tiny.png',
      '--scale',
      '4',
      '--model',
      file,
      '-o',
      'by-file.png',
    ]);
    assert.equal(byFile.code, 0, byFile.stderr);
    const byName = await inlay.run(['upscale', 'tiny.png', '--model', fastUpscaler, '-o', 'by-name.png']);
    assert.equal(byName.code, 0, byName.stderr);
    const { width, data } = await load(inlay.file('by-file.png'));
    assert.equal(width, 64);
    assert.deepEqual(data, (await load(inlay.file('by-name.png'))).data);
  });
});

test('a disk that fills up while the result is written leaves the old file as it was', {
  skip: onWindows,
}, async () => {
  await writeFile(inlay.file('old.png'), 'an old result');
  const args = ['fill', 'source.png', '--mask', 'mask.png', '-o', 'old.png', '--json'];
  // Files may have 8 blocks of 512 bytes; the result needs more.
  const limited = ['-c', 'ulimit -f 8 && exec "$@"', 'sh', process.execPath, inlay.program, ...args];
  const outcome = await inlay.spawn('/bin/sh', limited).finished;
  assertFailure(outcome, { exitCode: 4, code: 'disk-full', message: /No room left on the disk/ });
  assert.equal(await readFile(inlay.file('old.png'), 'utf8'), 'an old result');
  assert.deepEqual(
    (await readdir(inlay.folder)).filter((name) => name.endsWith('.part')),
    [],
  );
});

test('Ctrl-C in the middle of an upscale ends it at once and leaves nothing behind', {
  skip: onWindows,
}, async () => {
  await save(waves(200, 200), inlay.file('slow.png'));
  const before = await readdir(inlay.folder);
  const args = ['upscale', 'slow.png', '--scale', '4', '--model', 'realesrgan-x4plus', '-o', 'cancelled.png'];
  const running = inlay.start(args);
  const engine = await engineOf(running);
  await until('the work', () => (cpuTimeMs(engine) > 1_500 ? true : undefined));
  running.kill('SIGINT');
  const tookMs = await timeToEnd(running, [engine]);
  const { code, stdout, stderr } = await running.finished;
  assert.ok(tookMs < 2_500, `took ${tookMs} ms`);
  assert.equal(code, 130);
  assert.equal(stdout, '');
  assert.equal(stderr, 'Cancelled.\n');
  await until('the end of the engine', () => (isRunning(engine) ? undefined : true));
  assert.deepEqual(await readdir(inlay.folder), before);
  assert.deepEqual(inlay.spooled(), []);
});
