/**
 * The two sets of key names that Stable Diffusion UNets are published in, read into one structure: which blocks there
 * are follows from the keys alone.
 */
import { EngineError } from '../errors.ts';
import { diffusersResnetNames, type ResnetNames } from './resnet-block.ts';
import { largest } from './tensor-layout.ts';

/** A residual block with, where its size has them, a transformer behind it. */
export interface ResnetStep {
  /** How often the picture has been halved. */
  readonly level: number;
  readonly resnet: string;
  readonly attention?: string;
}

/** A step as its keys tell of it: where a transformer and an enlargement would be, and whether the one is there. */
interface StepKeys {
  readonly resnet: string;
  readonly attention: string;
  readonly hasAttention: boolean;
  upsample(hasAttention: boolean): string;
}

interface Downsample {
  readonly downsample: string;
}

export type EncoderStep = ResnetStep | Downsample;

/** What a UNet and its ControlNets have in common. Keys are whole but for `.weight` and `.bias`. */
export interface EncoderKeys {
  readonly naming: 'LDM' | 'diffusers';
  readonly timeEmbedding: readonly [string, string];
  /** What brings in how strongly a prompt guides, in networks that were distilled to hear it (LCM); it has no bias. */
  readonly guidanceProjection: string;
  /** What brings in all that SDXL is told besides the prompt's tokens; networks that are told nothing have none. */
  readonly labelEmbedding: readonly [string, string];
  readonly convIn: string;
  /** In the order they run in; each leaves its result for the way up. */
  readonly down: readonly EncoderStep[];
  readonly middle: readonly ResnetStep[];
  readonly resnetNames: ResnetNames;
}

export interface UNetKeys extends EncoderKeys {
  /** In the order they run in; each takes one result of the way down, the latest first. */
  readonly up: readonly (ResnetStep & { readonly upsample?: string })[];
  readonly normOut: string;
  readonly convOut: string;
}

/** Published networks have 12 and fewer; the limit keeps a damaged header from asking for millions. */
export const maxUNetBlocks = 64;

/** Where a UNet's keys begin in the files it is published in: LDM's single file, a folder's files joined, its own file. */
const prefixes = ['model.diffusion_model.', 'unet.', ''] as const;

/** openaimodel.py of CompVis/stable-diffusion */
export const ldmResnetNames: ResnetNames = {
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

/** Those of openaimodel.py, without the prefix; of a ControlNet there are none up. */
export function readLdmKeys(keys: readonly string[], prefix: string): UNetKeys {
  const blocks = { input_blocks: new BlockKinds(), output_blocks: new BlockKinds() };
  for (const key of keys) {
    const match = /^(input_blocks|output_blocks)\.(\d+)\.\d+\.(\w+)/.exec(key);
    if (match === null) continue;
    const [, group, block, name] = match;
    // Without a kind it is the first convolution, or unexpected.
    const kind = ldmPartKinds[name!];
    if (kind !== undefined) blocks[group as keyof typeof blocks].add(Number(block), kind);
  }
  const step = (group: keyof typeof blocks, block: number): StepKeys => ({
    resnet: `${prefix}${group}.${block}.0`,
    attention: `${prefix}${group}.${block}.1`,
    hasAttention: blocks[group].has(block, 'attention'),
    upsample: (hasAttention) => `${prefix}${group}.${block}.${hasAttention ? 2 : 1}.conv`,
  });
  const parts = placeParts(
    // Block 0 is the first convolution.
    blocks.input_blocks
      .numbers(1)
      .map((block) =>
        blocks.input_blocks.has(block, 'downsample')
          ? { downsample: `${prefix}input_blocks.${block}.0.op` }
          : step('input_blocks', block),
      ),
    blocks.output_blocks.numbers(0).map((block) => step('output_blocks', block)),
  );
  const level = lastLevel(parts.down);
  return {
    naming: 'LDM',
    timeEmbedding: [`${prefix}time_embed.0`, `${prefix}time_embed.2`],
    // Published under the name of diffusers all the same.
    guidanceProjection: `${prefix}time_embedding.cond_proj`,
    labelEmbedding: [`${prefix}label_emb.0.0`, `${prefix}label_emb.0.2`],
    convIn: `${prefix}input_blocks.0.0`,
    ...parts,
    middle: placeMiddle(keys, {
      level,
      prefix,
      parts: ['middle_block.0', 'middle_block.1', 'middle_block.2'],
    }),
    normOut: `${prefix}out.0`,
    convOut: `${prefix}out.2`,
    resnetNames: ldmResnetNames,
  };
}

/**
 * Puts transformers behind all blocks of a size where one block of it has one, and enlargements where the next block on the
 * way up is joined to something larger: so what a file lacks is missed, and not taken for another network.
 */
function placeParts(
  down: readonly (StepKeys | Downsample)[],
  up: readonly StepKeys[],
): Pick<UNetKeys, 'down' | 'up'> {
  let level = 0;
  const downLevels = down.map((step) => ('downsample' in step ? ++level : level));
  const skipLevels = [0, ...downLevels];
  // The way up takes the latest first; a network that has no such pairs is refused later.
  const upLevels = up.map((_, index) => skipLevels[skipLevels.length - 1 - index] ?? 0);
  const steps = [
    ...down.map((step, i) => [step, downLevels[i]!] as const),
    ...up.map((step, i) => [step, upLevels[i]!] as const),
  ];
  const attentionLevels = new Set(
    steps.filter(([step]) => 'hasAttention' in step && step.hasAttention).map(([, stepLevel]) => stepLevel),
  );
  const place = ({ resnet, attention }: StepKeys, stepLevel: number): ResnetStep => ({
    level: stepLevel,
    resnet,
    ...(attentionLevels.has(stepLevel) && { attention }),
  });
  return {
    down: down.map((step, index) => ('downsample' in step ? step : place(step, downLevels[index]!))),
    up: up.map((step, index) => {
      const own = upLevels[index]!;
      const placed = place(step, own);
      const isLast = index === up.length - 1;
      if (isLast || upLevels[index + 1]! >= own) return placed;
      return { ...placed, upsample: step.upsample(placed.attention !== undefined) };
    }),
  };
}

interface MiddleOptions extends Pick<ResnetStep, 'level'> {
  readonly prefix: string;
  /** Where a residual block, a transformer and another residual block would be. */
  readonly parts: readonly [string, string, string];
}

/**
 * The three of them; smaller networks have the first alone (SSD-1B, Segmind-Vega, the small ControlNets for SDXL) or nothing
 * (KOALA-700M). Where there is one of the latter two all are expected, so that what a file lacks is missed.
 */
function placeMiddle(
  keys: readonly string[],
  { level, prefix, parts }: MiddleOptions,
): readonly ResnetStep[] {
  const [first, attention, second] = parts.map((part) => `${prefix}${part}`) as [string, string, string];
  const [hasFirst, ...others] = parts.map((part) => keys.some((key) => key.startsWith(`${part}.`)));
  if (others.some((has) => has))
    return [
      { level, resnet: first, attention },
      { level, resnet: second },
    ];
  return hasFirst === true ? [{ level, resnet: first }] : [];
}

function lastLevel(down: UNetKeys['down']): number {
  return down.filter((step) => 'downsample' in step).length;
}

/** What kinds of parts numbered blocks have. */
class BlockKinds {
  readonly #blocks = new Map<number, Set<PartKind>>();

  add(block: number, kind: PartKind): void {
    const kinds = this.#blocks.get(block) ?? new Set<PartKind>();
    kinds.add(kind);
    this.#blocks.set(block, kinds);
  }

  has(block: number, kind: PartKind): boolean {
    return this.#blocks.get(block)?.has(kind) ?? false;
  }

  /** All numbers from `first` to the largest there is. */
  numbers(first: number): readonly number[] {
    return countTo(largest(this.#blocks.keys()) + 1).slice(first);
  }
}

/** Those of unet_2d_condition.py of huggingface/diffusers, without the prefix; of a ControlNet there are none up. */
export function readDiffusersKeys(keys: readonly string[], prefix: string): UNetKeys {
  const parts = new Set<string>();
  const levels = { down: 0, up: 0 };
  const resnets = { down: 0, up: 0 };
  for (const key of keys) {
    const match = /^(down|up)_blocks\.(\d+)\.(resnets|attentions)\.(\d+)\./.exec(key);
    if (match === null) continue;
    const [part, matchedWay, level, kind, index] = match;
    const way = matchedWay as keyof typeof levels;
    levels[way] = Math.max(levels[way], Number(level) + 1);
    if (kind === 'resnets') resnets[way] = Math.max(resnets[way], Number(index) + 1);
    parts.add(part);
  }
  const steps = (way: keyof typeof levels, level: number): readonly StepKeys[] =>
    // All levels of a way have the same number of blocks.
    countTo(resnets[way]).map((index) => ({
      resnet: `${prefix}${way}_blocks.${level}.resnets.${index}`,
      attention: `${prefix}${way}_blocks.${level}.attentions.${index}`,
      hasAttention: parts.has(`${way}_blocks.${level}.attentions.${index}.`),
      upsample: () => `${prefix}${way}_blocks.${level}.upsamplers.0.conv`,
    }));
  const placed = placeParts(
    countTo(levels.down).flatMap((level): readonly (StepKeys | Downsample)[] => {
      // All levels but the last lead to a smaller one.
      const downsample = `${prefix}down_blocks.${level}.downsamplers.0.conv`;
      const last = level < levels.down - 1 ? [{ downsample }] : [];
      return [...steps('down', level), ...last];
    }),
    countTo(levels.up).flatMap((level) => steps('up', level)),
  );
  return {
    naming: 'diffusers',
    timeEmbedding: [`${prefix}time_embedding.linear_1`, `${prefix}time_embedding.linear_2`],
    guidanceProjection: `${prefix}time_embedding.cond_proj`,
    labelEmbedding: [`${prefix}add_embedding.linear_1`, `${prefix}add_embedding.linear_2`],
    convIn: `${prefix}conv_in`,
    ...placed,
    middle: placeMiddle(keys, {
      level: lastLevel(placed.down),
      prefix,
      parts: ['mid_block.resnets.0', 'mid_block.attentions.0', 'mid_block.resnets.1'],
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
