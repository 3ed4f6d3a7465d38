/** The two sets of key names that ControlNets are published in, read into one structure. */
import { type EncoderKeys, readDiffusersKeys, readLdmKeys } from './unet-keys.ts';

/** Keys are whole but for `.weight` and `.bias`. */
export interface ControlNetKeys extends EncoderKeys {
  /** The convolutions that a control image goes through, in their order. */
  readonly hint: readonly string[];
  /** What makes the residuals, one for each result of the way down. */
  readonly zeroConvs: readonly string[];
  readonly middleZeroConv: string;
}

/** Every published ControlNet has these many, of which the third, fifth and seventh halve the image. */
export const hintConvs = 8;

interface Layout {
  readonly prefix: string;
  /** A key that no other network has. */
  readonly marker: string;
  readonly read: (keys: readonly string[], prefix: string) => ControlNetKeys;
}

/** cldm.py's, in a whole checkpoint or by itself; and diffusers'. */
const layouts: readonly Layout[] = [
  { prefix: 'control_model.', marker: 'zero_convs.0.0.weight', read: readCldmKeys },
  { prefix: '', marker: 'zero_convs.0.0.weight', read: readCldmKeys },
  { prefix: '', marker: 'controlnet_cond_embedding.conv_in.weight', read: readDiffusersControlNetKeys },
];

/** The ControlNet among a file's keys and the prefix that it is under, or `undefined`. */
export function findControlNetKeys(
  keys: Iterable<string>,
): { readonly prefix: string; readonly names: ControlNetKeys } | undefined {
  const all = new Set(keys);
  const layout = layouts.find(({ prefix, marker }) => all.has(prefix + marker));
  if (layout === undefined) return undefined;
  const { prefix, read } = layout;
  const own = [...all].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  return { prefix, names: read(own, prefix) };
}

/** cldm/cldm.py of lllyasviel/ControlNet */
function readCldmKeys(keys: readonly string[], prefix: string): ControlNetKeys {
  const encoder = readLdmKeys(keys, prefix);
  return {
    ...encoder,
    hint: Array.from({ length: hintConvs }, (_, index) => `${prefix}input_hint_block.${2 * index}`),
    zeroConvs: placesOf(encoder).map((index) => `${prefix}zero_convs.${index}.0`),
    middleZeroConv: `${prefix}middle_block_out.0`,
  };
}

/** controlnet.py of huggingface/diffusers */
function readDiffusersControlNetKeys(keys: readonly string[], prefix: string): ControlNetKeys {
  const encoder = readDiffusersKeys(keys, prefix);
  const hint = `${prefix}controlnet_cond_embedding`;
  const between = Array.from({ length: hintConvs - 2 }, (_, index) => `${hint}.blocks.${index}`);
  return {
    ...encoder,
    hint: [`${hint}.conv_in`, ...between, `${hint}.conv_out`],
    zeroConvs: placesOf(encoder).map((index) => `${prefix}controlnet_down_blocks.${index}`),
    middleZeroConv: `${prefix}controlnet_mid_block`,
  };
}

/** The first convolution's, then one for each step of the way down. */
function placesOf({ down }: EncoderKeys): readonly number[] {
  return [0, ...down.map((_, index) => index + 1)];
}
