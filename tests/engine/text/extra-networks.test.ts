import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  loraTagNames,
  maxTagRank,
  maxTagStrength,
  readExtraNetworks,
} from '../../../engine/text/extra-networks.ts';

test('tags are taken out of a prompt, with both strengths or one for both', () => {
  assert.deepEqual(readExtraNetworks('a house <lora:ink:0.8>, <lyco:Old Town v2:0.5:1.2>snow <LoRA:x>'), {
    text: 'a house , snow ',
    loras: [
      { name: 'ink', strength: 0.8, textEncoderStrength: 0.8 },
      // A1111's order: text encoder, then UNet.
      { name: 'Old Town v2', strength: 1.2, textEncoderStrength: 0.5 },
      { name: 'x', strength: 1, textEncoderStrength: 1 },
    ],
    hypernetworks: [],
  });
  assert.deepEqual(readExtraNetworks('<lora:x:te=0.2:unet=-1>').loras, [
    { name: 'x', strength: -1, textEncoderStrength: 0.2 },
  ]);
  // What has a name counts for no place, and goes before what has one.
  for (const [tag, expected] of [
    ['<lora:x:unet=0.5:0.8>', { strength: 0.5, textEncoderStrength: 0.8 }],
    ['<lora:x:0.4:0.6:te=1>', { strength: 0.6, textEncoderStrength: 1 }],
    ['<lora:x:unet=0.5>', { strength: 0.5, textEncoderStrength: 1 }],
    ['<lora:x:te = .5>', { strength: 0.5, textEncoderStrength: 0.5 }],
    ['<lora:x:1:5e-1:16>', { strength: 0.5, textEncoderStrength: 1, usedRank: 16 }],
    [`<lora:x:dyn=${maxTagRank}:0.3>`, { strength: 0.3, textEncoderStrength: 0.3, usedRank: maxTagRank }],
  ] as const) {
    assert.deepEqual(readExtraNetworks(tag).loras, [{ name: 'x', ...expected }], tag);
  }
  assert.deepEqual(readExtraNetworks('<hypernet:x:0.3>').hypernetworks, [{ name: 'x', strength: 0.3 }]);
});

test('what is escaped, and other words in such brackets, are text', () => {
  for (const [prompt, text] of [
    ['\\<lora:ink:1>', '<lora:ink:1>'],
    ['<my-style>', '<my-style>'],
    ['<loras:ink>', '<loras:ink>'],
    ['a < b', 'a < b'],
  ] as const) {
    assert.deepEqual(readExtraNetworks(prompt), { text, loras: [], hypernetworks: [] });
  }
});

test('a tag without a name or with no strength is explained', () => {
  for (const tag of [
    '<lora:>',
    '<lora::1>',
    '<lora:ink:much>',
    '<lora:ink:1:1:1:1>',
    '<lora:ink:lbw=ALL>',
    '<lora:ink:1:nan>',
    '<lora:ink:dyn=0>',
    '<lora:ink:dyn=1.5>',
    `<lora:ink:dyn=${maxTagRank + 1}>`,
    '<hypernet:x:te=1>',
    '<hypernet:x:1:1>',
    `<lora:ink:${maxTagStrength + 0.1}>`,
  ]) {
    assert.throws(() => readExtraNetworks(`a ${tag}`), {
      code: 'invalid-option',
      message: /in the prompt's `<\w+:/,
    });
  }
  assert.equal(readExtraNetworks(`<lora:ink:-${maxTagStrength}>`).loras[0]!.strength, -maxTagStrength);
});

test('the LoRAs of a prompt are named whatever else is in their tags', () => {
  assert.deepEqual(
    loraTagNames('a <lora:ink:{0.5|0.8}> <lyco: Old Town :x> \\<lora:no:1> <hypernet:none:1> <lora:ink>'),
    ['ink', 'Old Town', 'ink'],
  );
});

test('a prompt without brackets stays as it is', () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes('<')),
      (text) => assert.equal(readExtraNetworks(text).text, text),
    ),
  );
});
