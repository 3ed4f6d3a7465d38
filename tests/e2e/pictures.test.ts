/** `fill`, `remove`, `expand` and `upscale`, each with the real engine on real files. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';
import { assertFailure, childrenOf, Inlay, isRunning, readOutcome, until } from './inlay.ts';
import { boastfulPng, load, pngText, type Raw, rectangleMask, save, waves } from './sample-pictures.ts';

const onWindows = process.platform === 'win32' ? 'Windows has no such signals' : false;
const fastUpscaler = 'realesr-animevideov3';

interface Written {
  readonly operation: string;
  readonly seconds: number;
  readonly files: readonly {
    readonly file: string;
    readonly width: number;
    readonly height: number;
    readonly byteLength: number;
    readonly seed?: number;
    readonly request: Readonly<Record<string, unknown>>;
  }[];
}

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
    const first = readOutcome<Written>(await inlay.run([...args, '-o', 'random.png']));
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
    const { files } = readOutcome<Written>(await inlay.run([...args, '--json']));
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

describe('remove', { concurrency: 2 }, () => {
  /** A red spot in the hole, a fringe of which is beside it. */
  const spotted = { ...source, data: Buffer.from(source.data) };
  const fringe = { left: hole.left - 1, top: hole.top - 1, width: hole.width + 2, height: hole.height + 2 };
  for (let y = fringe.top; y < fringe.top + fringe.height; y++) {
    for (let x = fringe.left; x < fringe.left + fringe.width; x++) {
      spotted.data.set([255, 0, 0], (y * source.width + x) * 3);
    }
  }
  const isRed = ({ data }: Raw) => {
    for (let at = 0; at < data.length; at += 3) if (data[at] === 255 && data[at + 1] === 0) return true;
    return false;
  };

  test('takes the fringe of the object with it, which a fill leaves, and nothing far from it', async () => {
    await save(spotted, inlay.file('spotted.png'));
    const args = ['spotted.png', '--mask', maskFile, '--seed', '3', '--json', '-o'];
    assert.equal((await inlay.run(['fill', ...args, 'fringed.png'])).code, 0);
    assert.ok(isRed(await load(inlay.file('fringed.png'))));
    const { files, operation } = readOutcome<Written>(await inlay.run(['remove', ...args, 'removed.png']));
    assert.equal(operation, 'remove');
    assert.equal(files[0]?.request.operation, 'remove');
    const removed = await load(inlay.file('removed.png'));
    assert.ok(!isRed(removed));
    for (let pixel = 0; pixel < source.width * source.height; pixel++) {
      const x = pixel % source.width;
      const y = Math.floor(pixel / source.width);
      const far = x < hole.left - 9 || x > hole.left + hole.width + 8 || y < hole.top - 9;
      const at = pixel * 3;
      if (far) assert.equal(source.data.compare(removed.data, at, at + 3, at, at + 3), 0);
    }
    readOutcome(await inlay.run(['remove', ...args, 'removed-again.png']));
    assert.deepEqual(
      await readFile(inlay.file('removed-again.png')),
      await readFile(inlay.file('removed.png')),
    );
  });
});

describe('expand', { concurrency: 2 }, () => {
  test('puts the picture unchanged where it belongs on the larger canvas', async () => {
    const margins = ['--left', '9', '--right', '4', '--top', '0', '--bottom', '13'];
    const args = ['expand', sourceFile, ...margins, '-o', 'wide.png', '--json'];
    const { files } = readOutcome<Written>(await inlay.run(args));
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
    const { files } = readOutcome<Written>(await inlay.run([...args, '--json']));
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

describe('refuses with a reason, what to do, and the right exit code', { concurrency: 2 }, () => {
  before(async () => {
    const png = await readFile(sourceFile);
    const jpeg = await sharp(source.data, { raw: { width: 96, height: 80, channels: 3 } })
      .jpeg()
      .toBuffer();
    const lie = Buffer.alloc(64);
    lie.writeBigUInt64LE(2n ** 60n);
    await Promise.all([
      writeFile(inlay.file('empty.png'), ''),
      writeFile(inlay.file('text.png'), 'no picture at all\n'),
      writeFile(inlay.file('half.png'), png.subarray(0, png.length / 2)),
      writeFile(inlay.file('half.jpg'), jpeg.subarray(0, jpeg.length / 2)),
      writeFile(inlay.file('stub.png'), png.subarray(0, 18)),
      writeFile(inlay.file('boastful.png'), boastfulPng(30_000, 30_000)),
      writeFile(inlay.file('lying.safetensors'), lie),
      writeFile(inlay.file('not-a-folder'), ''),
      mkdir(inlay.file('folder.png')),
      save(waves(1, 1), inlay.file('one.png')),
      save(
        rectangleMask({ width: 1, height: 1 }, { left: 0, top: 0, width: 1, height: 1 }),
        inlay.file('one-mask.png'),
      ),
      save(rectangleMask({ width: 95, height: 80 }, hole), inlay.file('narrow.png')),
      save(rectangleMask(source, { ...hole, width: 0 }), inlay.file('black.png')),
      save(rectangleMask(source, { left: 0, top: 0, width: 96, height: 80 }), inlay.file('white.png')),
    ]);
  });

  const fill = (image: string, mask: string) => ['fill', image, '--mask', mask, '-o', 'no.png'];
  const upscale = (image: string, ...more: string[]) => {
    return ['upscale', image, '--scale', '2', '--model', fastUpscaler, '-o', 'no.png', ...more];
  };

  const cases: readonly (readonly [string, readonly string[], number, string, RegExp])[] = [
    [
      'an empty file',
      upscale('empty.png'),
      3,
      'invalid-image',
      /source in empty\.png, received an empty file/,
    ],
    ['an empty mask file', fill('source.png', 'empty.png'), 3, 'invalid-image', /mask in empty\.png/],
    [
      'a text file',
      upscale('text.png'),
      3,
      'invalid-image',
      /Expected a PNG, JPEG, WebP or TIFF picture, received 18 bytes/,
    ],
    [
      'a PNG cut in its header',
      upscale('stub.png'),
      3,
      'invalid-image',
      /Expected a complete and undamaged PNG/,
    ],
    ['a PNG cut in half', upscale('half.png'), 3, 'invalid-image', /Expected a complete and undamaged PNG/],
    ['a JPEG cut in half', upscale('half.jpg'), 3, 'invalid-image', /Expected a complete and undamaged JPEG/],
    ['a mask cut in half', fill('source.png', 'half.png'), 3, 'invalid-image', /complete and undamaged/],
    ['a tiny PNG of 900 million pixels', upscale('boastful.png'), 4, 'image-too-large', /30000 [x×] 30000/],
    ['a mask of another size', fill('source.png', 'narrow.png'), 3, 'mask-mismatch', /96 x 80.*95 x 80/],
    ['a black mask', fill('source.png', 'black.png'), 3, 'mask-empty', /mask/],
    ['a white mask', fill('source.png', 'white.png'), 3, 'mask-full', /mask/],
    ['a single pixel that is all mask', fill('one.png', 'one-mask.png'), 3, 'mask-full', /mask/],
    [
      'a picture that is not there',
      upscale('gone.png'),
      2,
      'invalid-option',
      /gone\.png: there is no such file/,
    ],
    ['a folder as the picture', upscale('folder.png'), 2, 'invalid-option', /folder\.png/],
    [
      'an output without a folder',
      [...upscale('source.png'), '-o', 'gone/no.png'],
      2,
      'invalid-option',
      /folder of gone.no\.png to exist/,
    ],
    [
      'a folder as the output',
      [...upscale('source.png'), '-o', 'folder.png'],
      2,
      'invalid-option',
      /folder\.png/,
    ],
    [
      'an output format that is none',
      [...upscale('source.png'), '-o', 'no.gif'],
      2,
      'invalid-option',
      /\.png, .*received no\.gif/,
    ],
    [
      'a model that is not installed',
      upscale('source.png', '--model', 'nonesuch'),
      3,
      'model-not-found',
      /"nonesuch"/,
    ],
    [
      'a model file that is not there',
      upscale('source.png', '--model', './gone.safetensors'),
      3,
      'model-not-found',
      /there is none at \.\/gone/,
    ],
    [
      'a model file with a lying header',
      upscale('source.png', '--model', 'lying.safetensors'),
      3,
      'invalid-weights',
      /lying/,
    ],
    [
      'a model of another kind',
      upscale('source.png', '--model', 'patchmatch'),
      2,
      'invalid-option',
      /"patchmatch"/,
    ],
    [
      'a models folder that is not there',
      upscale('source.png', '--models', 'gone'),
      2,
      'invalid-option',
      /gone is not there/,
    ],
    [
      'a models folder that is a file',
      upscale('source.png', '--models', 'not-a-folder'),
      2,
      'invalid-option',
      /not-a-folder is a file/,
    ],
    [
      'a home that is a file',
      upscale('source.png', '--home', 'not-a-folder'),
      2,
      'home-unusable',
      /not-a-folder/,
    ],
    [
      'a factor that is no number',
      ['upscale', 'source.png', '--scale', 'big', '-o', 'no.png'],
      2,
      'invalid-option',
      /'big' is invalid\. Expected a number above 0/,
    ],
    [
      'a factor of zero',
      ['upscale', 'source.png', '--scale', '0', '-o', 'no.png'],
      2,
      'invalid-option',
      /above 0/,
    ],
    [
      'a factor too large',
      ['upscale', 'source.png', '--scale', '9999', '-o', 'no.png'],
      4,
      'image-too-large',
      /959904 x 799920/,
    ],
    [
      'a width without a height',
      ['upscale', 'source.png', '--width', '10', '-o', 'no.png'],
      2,
      'invalid-option',
      /`height`/,
    ],
    [
      'a factor and a size',
      upscale('source.png', '--width', '10', '--height', '10'),
      2,
      'invalid-option',
      /either `scale`/,
    ],
    [
      'a seed out of range',
      [...fill('source.png', 'mask.png'), '--seed', '4294967296'],
      2,
      'invalid-option',
      /0 to 4294967295/,
    ],
    [
      'too many variations',
      [...fill('source.png', 'mask.png'), '--count', '9'],
      2,
      'invalid-option',
      /1 to 8/,
    ],
    [
      'a quality out of range',
      [...fill('source.png', 'mask.png'), '--quality', '0'],
      2,
      'invalid-option',
      /1 to 100/,
    ],
    [
      'a margin too large',
      ['expand', 'source.png', '--left', '8193', '-o', 'no.png'],
      2,
      'invalid-option',
      /0 to 8192/,
    ],
    [
      'an expansion by nothing',
      ['expand', 'source.png', '-o', 'no.png'],
      2,
      'invalid-option',
      /one of them above 0/,
    ],
    [
      'a device that is none',
      upscale('source.png', '--device', 'abacus'),
      2,
      'invalid-option',
      /abacus.*cpu/,
    ],
    ['no mask', ['fill', 'source.png', '-o', 'no.png'], 2, 'invalid-option', /--mask/],
    ['no picture', ['fill', '--mask', 'mask.png', '-o', 'no.png'], 2, 'invalid-option', /'image'/],
    ['an unknown option', [...fill('source.png', 'mask.png'), '--sead', '1'], 2, 'invalid-option', /--sead/],
  ];

  for (const [what, args, exitCode, code, message] of cases) {
    test(what, async () => {
      assertFailure(await inlay.run([...args, '--json']), { exitCode, code, message });
      assert.equal(existsSync(inlay.file('no.png')), false);
    });
  }
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
  const [engine] = await until('an engine', () => {
    const children = childrenOf(running.pid);
    return children.length > 0 ? children : undefined;
  });
  await delay(1_500);
  const stoppedAt = performance.now();
  running.kill('SIGINT');
  const { code, stdout, stderr } = await running.finished;
  assert.ok(performance.now() - stoppedAt < 2_500, `took ${performance.now() - stoppedAt} ms`);
  assert.equal(code, 130);
  assert.equal(stdout, '');
  assert.equal(stderr, 'Cancelled.\n');
  await until('the end of the engine', () => (isRunning(engine as number) ? undefined : true));
  assert.deepEqual(await readdir(inlay.folder), before);
  assert.deepEqual(inlay.spooled(), []);
});
