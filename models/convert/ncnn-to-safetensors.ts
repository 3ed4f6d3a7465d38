/**
 * Converts a Real-ESRGAN network from ncnn's files to `.safetensors` in the key names that it was published with in
 * PyTorch. What the shipped files were made from is in models/README.md.
 *
 *     npx tsx models/convert/ncnn-to-safetensors.ts <model.param> <model.bin> <model.safetensors>
 */
import { readFile, writeFile } from 'node:fs/promises';
import { type NcnnLayer, parseNcnnModel } from './ncnn-model.ts';
import { encodeSafetensors, type TensorToWrite } from './safetensors-writer.ts';

/** Published key prefixes for the layers with weights of a network, in the order in which it runs. */
function publishedKeys(layers: readonly NcnnLayer[]): readonly string[] {
  if (layers.some((layer) => layer.type === 'PReLU')) return layers.map((_, index) => `body.${index}`);
  // An RRDB block is 3 dense blocks of 5 convolutions; around them are conv_first and the five of `tail`.
  const tail = ['conv_body', 'conv_up1', 'conv_up2', 'conv_hr', 'conv_last'];
  const blockCount = (layers.length - 1 - tail.length) / 15;
  if (!Number.isInteger(blockCount)) {
    throw new Error(`Expected 6 convolutions and 15 for each block, received ${layers.length}`);
  }
  const blocks = Array.from({ length: blockCount * 15 }, (_, index) => {
    const block = Math.floor(index / 15);
    return `body.${block}.rdb${(Math.floor(index / 5) % 3) + 1}.conv${(index % 5) + 1}`;
  });
  return ['conv_first', ...blocks, ...tail];
}

function tensorsOf(layer: NcnnLayer, key: string): readonly TensorToWrite[] {
  if (layer.type === 'PReLU') return [{ name: `${key}.weight`, ...layer.slope }];
  return [
    { name: `${key}.weight`, ...layer.weight },
    { name: `${key}.bias`, ...layer.bias },
  ];
}

const [paramFile, binFile, outputFile] = process.argv.slice(2);
if (outputFile === undefined)
  throw new Error('Expected three paths: <model.param> <model.bin> <model.safetensors>');
const layers = parseNcnnModel(await readFile(paramFile, 'utf8'), await readFile(binFile));
const keys = publishedKeys(layers);
const tensors = layers.flatMap((layer, index) => tensorsOf(layer, keys[index]));
await writeFile(outputFile, encodeSafetensors(tensors, { format: 'pt' }));
console.log(`${outputFile}: ${tensors.length} tensors of ${layers.length} layers`);
