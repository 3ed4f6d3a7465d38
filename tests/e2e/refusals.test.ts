/** What the commands that make pictures refuse: each with a reason, what to do, and the right exit code. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import { assertFailure, Inlay } from './inlay.ts';
import { boastfulPng, rectangleMask, save, waves } from './sample-pictures.ts';

const fastUpscaler = 'realesr-animevideov3';

let inlay: Inlay;
const source = waves(96, 80);
const hole = { left: 30, top: 24, width: 22, height: 17 };

before(async () => {
  inlay = await Inlay.build();
  const png = await readFile(await save(source, inlay.file('source.png')));
  const jpeg = await sharp(source.data, { raw: { width: 96, height: 80, channels: 3 } })
    .jpeg()
    .toBuffer();
  const lie = Buffer.alloc(64);
  lie.writeBigUInt64LE(2n ** 60n);
  await Promise.all([
    save(rectangleMask(source, hole), inlay.file('mask.png')),
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
after(() => inlay.remove());

const fill = (image: string, mask: string) => ['fill', image, '--mask', mask, '-o', 'no.png'];
const upscale = (image: string, ...more: string[]) => {
  return ['upscale', image, '--scale', '2', '--model', fastUpscaler, '-o', 'no.png', ...more];
};

const generate = ['generate', '--prompt', 'a', '-o', 'no.png'];
const control = (text: string) => [...generate, '--control', text];

const cases: readonly (readonly [string, readonly string[], number, string, RegExp])[] = [
  ['an empty file', upscale('empty.png'), 3, 'invalid-image', /source in empty\.png, received an empty file/],
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
    'a control with a key that is none',
    control('image=source.png,strenght=1'),
    2,
    'invalid-option',
    /one of the keys model, image, .*received "strenght=1"/,
  ],
  [
    'a control whose strength is no number',
    control('image=source.png,strength=much'),
    2,
    'invalid-option',
    /strength to be a number from 0 to 2, received "much"/,
  ],
  [
    'a control image that is not there',
    control('image="gone, too.png",kind=canny'),
    2,
    'invalid-option',
    /control to be a readable file, but gone, too\.png: there is no such file/,
  ],
  [
    'a control image that is none',
    control('image=text.png,kind=canny'),
    3,
    'invalid-image',
    /received 18 bytes/,
  ],
  [
    'a control that says nothing of its image',
    control('image=source.png'),
    2,
    'invalid-option',
    /`model`, `kind` or `preprocessor` of control 1 \(source\.png\), received none/,
  ],
  [
    'a control without an image where there is no other',
    control('kind=canny'),
    2,
    'invalid-option',
    /image of control 1 \(canny\) for generate/,
  ],
  [
    'a ControlNet that is not installed',
    control('image=source.png,kind=depth'),
    3,
    'model-not-found',
    /installed ControlNet for depth maps that fits "inlay-mini"/,
  ],
  [
    'a LoRA that is not installed',
    [...generate, '--lora', 'model=gone'],
    3,
    'model-not-found',
    /received "gone"/,
  ],
  [
    'a LoRA without a name',
    [...generate, '--lora', 'strength=1'],
    2,
    'invalid-option',
    /model=NAME or model=FILE/,
  ],
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
  ['too many variations', [...fill('source.png', 'mask.png'), '--count', '9'], 2, 'invalid-option', /1 to 8/],
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
  ['a device that is none', upscale('source.png', '--device', 'abacus'), 2, 'invalid-option', /abacus.*cpu/],
  ['no mask', ['fill', 'source.png', '-o', 'no.png'], 2, 'invalid-option', /--mask/],
  ['no picture', ['fill', '--mask', 'mask.png', '-o', 'no.png'], 2, 'invalid-option', /'image'/],
  ['an unknown option', [...fill('source.png', 'mask.png'), '--sead', '1'], 2, 'invalid-option', /--sead/],
];

describe('refuses', { concurrency: 2 }, () => {
  for (const [what, args, exitCode, code, message] of cases) {
    test(what, async () => {
      assertFailure(await inlay.run([...args, '--json']), { exitCode, code, message });
      assert.equal(existsSync(inlay.file('no.png')), false);
    });
  }
});
