/** The sets of key names that Stable Diffusion's autoencoders are published in. */
import { EngineError } from '../errors.ts';
import { diffusersResnetNames, type ResnetNames } from './resnet-block.ts';

/** Residual blocks at one size, and the convolution of the way to the next. Keys are whole but for `.weight` and `.bias`. */
export interface AutoencoderLevel {
  readonly resnets: readonly string[];
  readonly resample?: string;
}

/** The encoder or the decoder. */
export interface CoderKeys {
  readonly convIn: string;
  /** In the order they run in. */
  readonly levels: readonly AutoencoderLevel[];
  readonly middleResnets: readonly [string, string];
  readonly attention: AttentionKeys;
  readonly normOut: string;
  readonly convOut: string;
}

export interface AttentionKeys {
  readonly norm: string;
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly out: string;
}

export interface AutoencoderKeys {
  readonly naming: 'LDM' | 'diffusers';
  readonly prefix: string;
  readonly encoder: CoderKeys;
  readonly decoder: CoderKeys;
  readonly quantConv: string;
  readonly postQuantConv: string;
  readonly resnetNames: ResnetNames;
}

/** Published autoencoders have 4 levels of 2 and 3 blocks; the limit keeps a damaged header from asking for millions. */
export const maxAutoencoderBlocks = 16;

/** Stable Diffusion in one file, a folder's files joined, the autoencoder's own file. */
const prefixes = ['first_stage_model.', 'vae.', ''] as const;

/** model.py of CompVis/stable-diffusion */
const ldmResnetNames: ResnetNames = {
  norm1: 'norm1',
  conv1: 'conv1',
  norm2: 'norm2',
  conv2: 'conv2',
  shortcut: 'nin_shortcut',
};

const { timeProjection: _, ...diffusersNames } = diffusersResnetNames;

/** The autoencoder among a file's keys, or `undefined`. */
export function findAutoencoderKeys(keys: Iterable<string>): AutoencoderKeys | undefined {
  const all = [...keys];
  for (const prefix of prefixes) {
    const own = all.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
    const shared = { prefix, quantConv: `${prefix}quant_conv`, postQuantConv: `${prefix}post_quant_conv` };
    if (own.some((key) => /^(?:encoder\.down|decoder\.up)\.\d+\.block\./.test(key))) {
      const [encoder, decoder] = readLdmKeys(own, prefix);
      return { ...shared, naming: 'LDM', encoder, decoder, resnetNames: ldmResnetNames };
    }
    if (own.some((key) => /^(?:encoder\.down|decoder\.up)_blocks\.\d+\.resnets\./.test(key))) {
      const [encoder, decoder] = readDiffusersKeys(own, prefix);
      return { ...shared, naming: 'diffusers', encoder, decoder, resnetNames: diffusersNames };
    }
  }
  return undefined;
}

function readLdmKeys(keys: readonly string[], prefix: string): readonly [CoderKeys, CoderKeys] {
  const coder = (name: 'encoder' | 'decoder', way: 'down' | 'up', resample: string): CoderKeys => {
    const head = `${prefix}${name}`;
    const read = readLevels(keys, {
      pattern: new RegExp(`^${name}\\.${way}\\.(\\d+)\\.(block\\.(\\d+)|${resample})\\.`),
      resnet: (level, block) => `${head}.${way}.${level}.block.${block}`,
      resample: (level) => `${head}.${way}.${level}.${resample}.conv`,
    });
    const attention = `${head}.mid.attn_1`;
    return {
      convIn: `${head}.conv_in`,
      // Numbered from the picture's size on both ways.
      levels: way === 'up' ? read.toReversed() : read,
      middleResnets: [`${head}.mid.block_1`, `${head}.mid.block_2`],
      attention: {
        norm: `${attention}.norm`,
        query: `${attention}.q`,
        key: `${attention}.k`,
        value: `${attention}.v`,
        out: `${attention}.proj_out`,
      },
      normOut: `${head}.norm_out`,
      convOut: `${head}.conv_out`,
    };
  };
  return [coder('encoder', 'down', 'downsample'), coder('decoder', 'up', 'upsample')];
}

/** autoencoder_kl.py of huggingface/diffusers */
function readDiffusersKeys(keys: readonly string[], prefix: string): readonly [CoderKeys, CoderKeys] {
  const coder = (name: 'encoder' | 'decoder', way: 'down' | 'up'): CoderKeys => {
    const head = `${prefix}${name}`;
    const attention = `${name}.mid_block.attentions.0`;
    // Renamed in diffusers 0.17; files from before keep the old names.
    const isOld = keys.some((key) => key.startsWith(`${attention}.query.`));
    const part = (current: string, old: string) => `${prefix}${attention}.${isOld ? old : current}`;
    return {
      convIn: `${head}.conv_in`,
      levels: readLevels(keys, {
        pattern: new RegExp(`^${name}\\.${way}_blocks\\.(\\d+)\\.(resnets\\.(\\d+)|${way}samplers)\\.`),
        resnet: (level, block) => `${head}.${way}_blocks.${level}.resnets.${block}`,
        resample: (level) => `${head}.${way}_blocks.${level}.${way}samplers.0.conv`,
      }),
      middleResnets: [`${head}.mid_block.resnets.0`, `${head}.mid_block.resnets.1`],
      attention: {
        norm: `${prefix}${attention}.group_norm`,
        query: part('to_q', 'query'),
        key: part('to_k', 'key'),
        value: part('to_v', 'value'),
        out: part('to_out.0', 'proj_attn'),
      },
      normOut: `${head}.conv_norm_out`,
      convOut: `${head}.conv_out`,
    };
  };
  return [coder('encoder', 'down'), coder('decoder', 'up')];
}

interface LevelReading {
  /** Groups: the level, what it is, the block's number where it is a block. */
  readonly pattern: RegExp;
  resnet(level: number, block: number): string;
  resample(level: number): string;
}

function readLevels(
  keys: readonly string[],
  { pattern, resnet, resample }: LevelReading,
): AutoencoderLevel[] {
  let levels = 0;
  let blocks = 0;
  const resampled = new Set<number>();
  for (const key of keys) {
    const match = pattern.exec(key);
    if (match === null) continue;
    const [, level, , block] = match;
    levels = Math.max(levels, Number(level) + 1);
    if (block === undefined) resampled.add(Number(level));
    else blocks = Math.max(blocks, Number(block) + 1);
  }
  return countTo(levels).map((level) => ({
    // All levels have the same number of blocks.
    resnets: countTo(blocks).map((block) => resnet(level, block)),
    ...(resampled.has(level) ? { resample: resample(level) } : {}),
  }));
}

function countTo(count: number): readonly number[] {
  if (count > maxAutoencoderBlocks) {
    throw new EngineError(
      'unsupported-architecture',
      `Expected an autoencoder of at most ${maxAutoencoderBlocks} levels and blocks, received one of ${count}.`,
    );
  }
  return Array.from({ length: Math.max(0, count) }, (_, index) => index);
}
