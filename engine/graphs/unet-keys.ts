/**
 * The two sets of key names that Stable Diffusion UNets are published in, read into one structure: which blocks there
 * are follows from the keys alone.
 */
import { EngineError } from '../errors.ts';
import { diffusersResnetNames, type ResnetNames } from './resnet-block.ts';
import { largest } from './tensor-layout.ts';

/** A residual block with, where it has one, a transformer behind it. */
export interface ResnetStep {
  readonly resnet: string;
  readonly attention?: string;
}

/** Keys are whole but for `.weight` and `.bias`. */
export interface UNetKeys {
  readonly naming: 'LDM' | 'diffusers';
  readonly timeEmbedding: readonly [string, string];
  readonly convIn: string;
  /** In the order they run in; each leaves its result for the way up. */
  readonly down: readonly (ResnetStep | { readonly downsample: string })[];
  readonly middle: readonly ResnetStep[];
  /** In the order they run in; each takes one result of the way down, the latest first. */
  readonly up: readonly (ResnetStep & { readonly upsample?: string })[];
  readonly normOut: string;
  readonly convOut: string;
  readonly resnetNames: ResnetNames;
}

/** Published networks have 12 and fewer; the limit keeps a damaged header from asking for millions. */
export const maxUNetBlocks = 64;

/** Where a UNet's keys begin in the files it is published in: LDM's single file, a folder's files joined, its own file. */
const prefixes = ['model.diffusion_model.', 'unet.', ''] as const;

/** openaimodel.py of CompVis/stable-diffusion */
const ldmResnetNames: ResnetNames = {
  norm1: 'in_layers.0',
  conv1: 'in_layers.2',
  timeProjection: 'emb_layers.1',
  norm2: 'out_layers.0',
  conv2: 'out_layers.3',
  shortcut: 'skip_connection',
};

/** The UNet among a file's keys and the prefix that it is under, or `undefined`. */
export function findUNetKeys(
  keys: Iterable<string>,
): { readonly prefix: string; readonly names: UNetKeys } | undefined {
  const all = [...keys];
  for (const prefix of prefixes) {
    const own = all.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
    const find = own.some((key) => key.startsWith('input_blocks.'))
      ? readLdmKeys
      : own.some((key) => key.startsWith('down_blocks.') && key.includes('.resnets.')) &&
          own.some((key) => key.startsWith('time_embedding.'))
        ? readDiffusersKeys
        : undefined;
    if (find !== undefined) return { prefix, names: find(own, prefix) };
  }
  return undefined;
}

type PartKind = 'resnet' | 'attention' | 'downsample' | 'upsample';

/** What a numbered part of an LDM block is, by the first name below it. */
const ldmPartKinds: Readonly<Record<string, PartKind>> = {
  in_layers: 'resnet',
  emb_layers: 'resnet',
  out_layers: 'resnet',
  skip_connection: 'resnet',
  norm: 'attention',
  proj_in: 'attention',
  transformer_blocks: 'attention',
  proj_out: 'attention',
  op: 'downsample',
  conv: 'upsample',
};

function readLdmKeys(keys: readonly string[], prefix: string): UNetKeys {
  const blocks = {
    input_blocks: new PartTable(),
    middle_block: new PartTable(),
    output_blocks: new PartTable(),
  };
  for (const key of keys) {
    const [, group, block = '0', part, name] =
      /^(input_blocks|output_blocks)\.(\d+)\.(\d+)\.(\w+)/.exec(key) ??
      /^(middle_block)(\.)(\d+)\.(\w+)/.exec(key) ??
      [];
    if (group === undefined) continue;
    const kind = ldmPartKinds[name!];
    // Without a kind it is the first convolution, or unexpected.
    if (kind !== undefined) blocks[group as keyof typeof blocks].add(Number(block) || 0, Number(part), kind);
  }
  const step = (group: string, parts: ReadonlyMap<PartKind, number>): ResnetStep => {
    const attention = parts.get('attention');
    return {
      resnet: `${prefix}${group}.${parts.get('resnet') ?? 0}`,
      ...(attention === undefined ? {} : { attention: `${prefix}${group}.${attention}` }),
    };
  };
  const middle = blocks.middle_block.parts(0);
  return {
    naming: 'LDM',
    timeEmbedding: [`${prefix}time_embed.0`, `${prefix}time_embed.2`],
    convIn: `${prefix}input_blocks.0.0`,
    // Block 0 is the first convolution.
    down: blocks.input_blocks.numbers(1).map((block) => {
      const parts = blocks.input_blocks.parts(block);
      const downsample = parts.get('downsample');
      if (downsample !== undefined) return { downsample: `${prefix}input_blocks.${block}.${downsample}.op` };
      return step(`input_blocks.${block}`, parts);
    }),
    middle: [
      { ...step('middle_block', middle), resnet: `${prefix}middle_block.0` },
      { resnet: `${prefix}middle_block.${middle.has('attention') ? 2 : 1}` },
    ],
    up: blocks.output_blocks.numbers(0).map((block) => {
      const parts = blocks.output_blocks.parts(block);
      const upsample = parts.get('upsample');
      return {
        ...step(`output_blocks.${block}`, parts),
        ...(upsample === undefined ? {} : { upsample: `${prefix}output_blocks.${block}.${upsample}.conv` }),
      };
    }),
    normOut: `${prefix}out.0`,
    convOut: `${prefix}out.2`,
    resnetNames: ldmResnetNames,
  };
}

/** The parts of numbered blocks: which kind is at which place. */
class PartTable {
  readonly #blocks = new Map<number, Map<PartKind, number>>();

  add(block: number, part: number, kind: PartKind): void {
    const parts = this.#blocks.get(block) ?? new Map<PartKind, number>();
    parts.set(kind, Math.min(part, parts.get(kind) ?? part));
    this.#blocks.set(block, parts);
  }

  parts(block: number): ReadonlyMap<PartKind, number> {
    return this.#blocks.get(block) ?? new Map();
  }

  /** All numbers from `first` to the largest there is. */
  numbers(first: number): readonly number[] {
    return countTo(largest(this.#blocks.keys()) + 1).slice(first);
  }
}

/** unet_2d_condition.py of huggingface/diffusers */
function readDiffusersKeys(keys: readonly string[], prefix: string): UNetKeys {
  const has = new Set<string>();
  const levels = { down: -1, up: -1 };
  const resnets = new Map<string, number>();
  for (const key of keys) {
    const [, way, level, part, index] =
      /^(down|up)_blocks\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\./.exec(key) ??
      /^(mid)_block(\.)(resnets|attentions)\.(\d+)\./.exec(key) ??
      [];
    if (way === undefined) continue;
    const block = way === 'mid' ? 'mid_block' : `${way}_blocks.${level}`;
    if (way !== 'mid') levels[way as 'down' | 'up'] = Math.max(levels[way as 'down' | 'up'], Number(level));
    if (part === 'resnets') resnets.set(block, Math.max(resnets.get(block) ?? -1, Number(index)));
    has.add(`${block}.${part}.${index}`);
  }
  const steps = (block: string): ResnetStep[] =>
    countTo((resnets.get(block) ?? -1) + 1).map((index) => {
      const attention = `${block}.attentions.${index}`;
      return {
        resnet: `${prefix}${block}.resnets.${index}`,
        ...(has.has(attention) ? { attention: `${prefix}${attention}` } : {}),
      };
    });
  return {
    naming: 'diffusers',
    timeEmbedding: [`${prefix}time_embedding.linear_1`, `${prefix}time_embedding.linear_2`],
    convIn: `${prefix}conv_in`,
    down: countTo(levels.down + 1).flatMap((level) => {
      const downsample = `down_blocks.${level}.downsamplers.0`;
      const last = has.has(downsample) ? [{ downsample: `${prefix}${downsample}.conv` }] : [];
      return [...steps(`down_blocks.${level}`), ...last];
    }),
    middle: steps('mid_block'),
    up: countTo(levels.up + 1).flatMap((level) => {
      const upsample = `up_blocks.${level}.upsamplers.0`;
      return steps(`up_blocks.${level}`).map((step, index, { length }) =>
        index === length - 1 && has.has(upsample) ? { ...step, upsample: `${prefix}${upsample}.conv` } : step,
      );
    }),
    normOut: `${prefix}conv_norm_out`,
    convOut: `${prefix}conv_out`,
    resnetNames: diffusersResnetNames,
  };
}

function countTo(count: number): readonly number[] {
  if (count > maxUNetBlocks) {
    throw new EngineError(
      'unsupported-architecture',
      `Expected a UNet of at most ${maxUNetBlocks} blocks each way, received one of ${count}.`,
    );
  }
  return Array.from({ length: Math.max(0, count) }, (_, index) => index);
}
