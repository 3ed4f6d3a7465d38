/**
 * The weights of a checkpoint under every name that adaptations call them by: those of the original code and those of
 * diffusers and transformers, whichever of them the checkpoint itself is in.
 */
import type { LoraModule, LoraPart } from '../weights/lora-modules.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import { type ClipTextKeys, findTextEncoders } from './clip-text-keys.ts';
import { diffusersResnetNames, type ResnetNames } from './resnet-block.ts';
import { findUNetKeys, ldmResnetNames, type ResnetStep, type UNetKeys } from './unet-keys.ts';

/** A weight, or a part of its rows, which several layers share. */
export interface LoraTarget {
  readonly network: LoraPart;
  /** The tensor's whole key. */
  readonly key: string;
  readonly part?: { readonly index: number; readonly of: number };
  /** Whether the graph has it as kernels; projections of a transformer are matrices there, however they are stored. */
  readonly isConvolution: boolean;
  /** Whether it sees what the UNet is given, the latent's channels first. */
  readonly isFirst?: boolean;
}

export type LoraTargets = ReadonlyMap<string, LoraTarget>;

/** What a module changes, or undefined where the checkpoint has no such layer. */
export function targetOf({ part, name }: LoraModule, targets: LoraTargets): LoraTarget | undefined {
  const parts: readonly LoraPart[] = part === undefined ? ['unet', 'textEncoder', 'textEncoder2'] : [part];
  for (const candidate of parts) {
    const target = targets.get(`${candidate}:${name}`);
    if (target !== undefined) return target;
  }
  return undefined;
}

export function unetTargets(checkpoint: Checkpoint): LoraTargets {
  const found = findUNetKeys(checkpoint.tensors.keys());
  const targets = new Map<string, LoraTarget>();
  if (found === undefined) return targets;
  const units = unetUnits(found.names);
  for (const key of checkpoint.tensors.keys()) {
    if (!key.startsWith(found.prefix) || !key.endsWith('.weight')) continue;
    const layer = key.slice(0, -'.weight'.length);
    const unit = units.find(({ own }) => layer === own || layer.startsWith(`${own}.`));
    if (unit === undefined) continue;
    const rest = layer.slice(unit.own.length);
    const isKernel = checkpoint.tensors.get(key)!.shape.length === 4;
    const target = {
      network: 'unet',
      key,
      isConvolution: isKernel && unit.kind === 'convolutions',
      ...(unit.own === found.names.convIn && { isFirst: true }),
    } as const;
    for (const name of unit.names) targets.set(`unet:${underscored(name + rest)}`, target);
  }
  return targets;
}

export function textTargets(checkpoint: Checkpoint): LoraTargets {
  const targets = new Map<string, LoraTarget>();
  for (const { names, layerNumbers, isPooled } of findTextEncoders(checkpoint.tensors.keys())) {
    const network = isPooled ? 'textEncoder2' : 'textEncoder';
    for (const index of layerNumbers) addTextLayer(targets, { names, index, network });
  }
  return targets;
}

const attentionParts = [
  ['query', 'q'],
  ['key', 'k'],
  ['value', 'v'],
] as const;

interface TextLayer {
  readonly names: ClipTextKeys;
  readonly index: number;
  readonly network: LoraPart;
}

function addTextLayer(targets: Map<string, LoraTarget>, { names, index, network }: TextLayer): void {
  const { queryKeyValue, attentionOut, feedForward } = names.layer(index);
  const matrixAt = (key: string, part?: LoraTarget['part']): LoraTarget => {
    return { network, key, ...(part !== undefined && { part }), isConvolution: false };
  };
  const add = (name: string, target: LoraTarget) => {
    for (const start of ['text_model_encoder_layers', 'encoder_layers']) {
      targets.set(`${network}:${start}_${index}_${name}`, target);
    }
  };
  attentionParts.forEach(([part, letter], place) => {
    const target =
      'weight' in queryKeyValue
        ? matrixAt(queryKeyValue.weight, { index: place, of: attentionParts.length })
        : matrixAt(`${queryKeyValue[part]}.weight`);
    // Files of diffusers before 0.22 call them as the UNet's.
    for (const name of [`${letter}_proj`, `to_${letter}`]) add(`self_attn_${name}`, target);
  });
  for (const name of ['out_proj', 'to_out', 'to_out_0']) {
    add(`self_attn_${name}`, matrixAt(`${attentionOut}.weight`));
  }
  add('mlp_fc1', matrixAt(`${feedForward[0]}.weight`));
  add('mlp_fc2', matrixAt(`${feedForward[1]}.weight`));
}

/** A piece of the UNet below which all sets of names agree. */
interface Unit {
  readonly own: string;
  readonly kind: 'convolutions' | 'transformer';
  readonly names: readonly string[];
}

function unetUnits(keys: UNetKeys): readonly Unit[] {
  const units: Unit[] = [
    { own: keys.convIn, kind: 'convolutions', names: ['input_blocks.0.0', 'conv_in'] },
    { own: keys.timeEmbedding[0], kind: 'convolutions', names: ['time_embed.0', 'time_embedding.linear_1'] },
    { own: keys.timeEmbedding[1], kind: 'convolutions', names: ['time_embed.2', 'time_embedding.linear_2'] },
    { own: keys.labelEmbedding[0], kind: 'convolutions', names: ['label_emb.0.0', 'add_embedding.linear_1'] },
    { own: keys.labelEmbedding[1], kind: 'convolutions', names: ['label_emb.0.2', 'add_embedding.linear_2'] },
    { own: keys.convOut, kind: 'convolutions', names: ['out.2', 'conv_out'] },
  ];
  const addStep = ({ resnet, attention }: ResnetStep, { block, index, ldm }: Place) => {
    for (const part of Object.keys(diffusersResnetNames) as (keyof ResnetNames)[]) {
      units.push({
        own: `${resnet}.${keys.resnetNames[part]}`,
        kind: 'convolutions',
        names: [
          `${ldm.resnet}.${ldmResnetNames[part]}`,
          `${block}.resnets.${index}.${diffusersResnetNames[part]}`,
        ],
      });
    }
    if (attention !== undefined) {
      units.push({
        own: attention,
        kind: 'transformer',
        names: [ldm.attention, `${block}.attentions.${index}`],
      });
    }
  };
  let [level, index] = [0, 0];
  for (const [place, step] of keys.down.entries()) {
    const ldm = `input_blocks.${place + 1}`;
    const block = `down_blocks.${level}`;
    if ('downsample' in step) {
      units.push({
        own: step.downsample,
        kind: 'convolutions',
        names: [`${ldm}.0.op`, `${block}.downsamplers.0.conv`],
      });
      [level, index] = [level + 1, 0];
    } else {
      addStep(step, { block, index, ldm: blockNames(ldm) });
      index += 1;
    }
  }
  for (const [place, step] of keys.middle.entries()) {
    const ldm = { resnet: `middle_block.${2 * place}`, attention: 'middle_block.1' };
    addStep(step, { block: 'mid_block', index: place, ldm });
  }
  [level, index] = [0, 0];
  for (const [place, step] of keys.up.entries()) {
    const ldm = `output_blocks.${place}`;
    const block = `up_blocks.${level}`;
    addStep(step, { block, index, ldm: blockNames(ldm) });
    index += 1;
    if (step.upsample === undefined) continue;
    const ldmPart = step.attention === undefined ? 1 : 2;
    units.push({
      own: step.upsample,
      kind: 'convolutions',
      names: [`${ldm}.${ldmPart}.conv`, `${block}.upsamplers.0.conv`],
    });
    [level, index] = [level + 1, 0];
  }
  return units;
}

/** Where a step is: in a block of diffusers, and what the original code calls its parts. */
interface Place {
  readonly block: string;
  readonly index: number;
  readonly ldm: { readonly resnet: string; readonly attention: string };
}

function blockNames(ldm: string): Place['ldm'] {
  return { resnet: `${ldm}.0`, attention: `${ldm}.1` };
}

function underscored(name: string): string {
  return name.replaceAll('.', '_');
}
